using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Chaos;

/// <summary>Callers who each ask for one payout after the other, and repeat a request that was not answered, at
/// whichever replica does answer.</summary>
internal sealed class Workload : IDisposable
{
    private const int Callers = 6;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource enough = new();
    private readonly string accountId;
    private readonly string[] cents;
    private readonly HttpClient[] replicas;
    private readonly ConcurrentDictionary<HttpStatusCode, int> answers = [];
    private readonly Task asking;

    /// <summary>Callers who begin to ask at once.</summary>
    /// <param name="world">Whom they ask.</param>
    /// <param name="cents">The cents of the amounts: what becomes of the payouts.</param>
    public Workload(ChaosCluster world, params string[] cents)
    {
        this.cents = cents;
        accountId = world.AccountId;
        replicas = [.. world.Replicas.Select(replica => Client(replica.Address))];
        asking = Task.WhenAll(Enumerable.Range(1, Callers).Select(AskAsync));
    }

    /// <summary>What was accepted: amounts by invoice id.</summary>
    public ConcurrentDictionary<string, string> Accepted { get; } = [];

    /// <summary>Which statuses came, and how often.</summary>
    public string AnswersInWords =>
        string.Join(", ", answers.OrderBy(one => one.Key).Select(one => $"{one.Value} x {(int)one.Key}"));

    /// <summary>Answers that no caller should get, whatever breaks.</summary>
    public IEnumerable<HttpStatusCode> Unexpected => answers.Keys.Except(
        [HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.ServiceUnavailable]);

    /// <summary>No more payouts; what was asked for last is answered first.</summary>
    public async Task EndAsync()
    {
        await enough.CancelAsync();
        await asking;
    }

    public void Dispose()
    {
        enough.Dispose();
        foreach (var replica in replicas)
        {
            replica.Dispose();
        }
    }

    private static HttpClient Client(Uri address)
    {
        var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(2) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "dev-key");
        return client;
    }

    private async Task AskAsync(int caller)
    {
        var chance = new Random(caller);
        var failing = new Queue<(string Id, int Whole)>();
        var at = caller;
        for (var number = 1; !enough.IsCancellationRequested; number++)
        {
            var end = cents[chance.Next(cents.Length)];
            var replaced = failing.Count > 3 ? failing.Dequeue() : default;

            // A replacement pays at most as much.
            var whole = replaced.Whole > 1 ? replaced.Whole - 1 : chance.Next(1, 1000);
            var amount = string.Create(CultureInfo.InvariantCulture, $"{whole}.{end}");
            var request = Example.Payout(accountId, $"chaos-{caller}-{number}", amount);
            if (replaced.Whole > 1)
            {
                request["replaces"] = replaced.Id;
            }

            (var status, var id, at) = await AnswerAsync(request, at);
            if (status is HttpStatusCode.Created or HttpStatusCode.OK)
            {
                Accepted[(string)request["invoiceId"]!] = amount;
                if (end is "01" or "02")
                {
                    failing.Enqueue((id!, whole));
                }
            }

            await Task.Delay(Pause, TimeProvider.System, enough.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Repeats the request, at one replica after the other, until it is decided.</summary>
    /// <returns>What was answered, the payout's id, and by which replica.</returns>
    private async Task<(HttpStatusCode Status, string? Id, int At)> AnswerAsync(
        Dictionary<string, object?> request, int at)
    {
        for (; ; at++)
        {
            try
            {
                using var answer = await replicas[at % replicas.Length].PostAsJsonAsync("/v1/payouts", request);
                answers.AddOrUpdate(answer.StatusCode, 1, (_, times) => times + 1);
                if (answer.IsSuccessStatusCode)
                {
                    return (answer.StatusCode, (await ServiceFixture.Answer(answer)).GetProperty("id").GetString(), at);
                }

                if ((int)answer.StatusCode < 500)
                {
                    return (answer.StatusCode, null, at);
                }
            }
            catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException)
            {
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
