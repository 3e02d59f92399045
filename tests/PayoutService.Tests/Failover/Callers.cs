using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Failover;

/// <summary>One call as its caller saw it.</summary>
/// <param name="Replica">The replica that was called.</param>
/// <param name="At">When it began.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Status">The status of its answer; 0: there was none.</param>
/// <param name="SaysWhen">The answer has Retry-After.</param>
/// <param name="InvoiceId">The payout that was asked for.</param>
/// <param name="Id">The payout that was answered.</param>
internal sealed record Call(
    int Replica, DateTimeOffset At, TimeSpan Took, int Status, bool SaysWhen, string InvoiceId, string? Id)
{
    public bool IsAccepted => Status is 200 or 201;

    public DateTimeOffset End => At + Took;
}

/// <summary>Callers who each ask for one payout after the other, one replica after the other, and repeat what was not
/// accepted after the time that the answer says. What was accepted is asked for once more, at another replica.
/// </summary>
internal sealed class Callers : IDisposable
{
    private const int Count = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource enough = new();
    private readonly HttpClient[] replicas;
    private readonly string accountId;
    private readonly Task asking;

    public Callers(IEnumerable<ServiceProcess> replicas, string accountId)
    {
        this.accountId = accountId;
        this.replicas = [.. replicas.Select(replica => Client(replica.Api.BaseAddress!))];
        asking = Task.WhenAll(Enumerable.Range(1, Count).Select(AskAsync));
    }

    public ConcurrentQueue<Call> Calls { get; } = [];

    /// <summary>What was accepted: amounts by invoice id.</summary>
    public ConcurrentDictionary<string, string> Accepted { get; } = [];

    public async Task EndAsync()
    {
        await enough.CancelAsync();
        await asking;
    }

    /// <summary>Asks one replica once.</summary>
    public async Task<Call> AskAsync(
        int replica, string invoiceId, string amount, DateTimeOffset? executeAt = null)
    {
        var request = Example.Payout(accountId, invoiceId, amount);
        if (executeAt is not null)
        {
            request["executeAt"] = executeAt;
        }

        var at = TimeProvider.System.GetUtcNow();
        var watch = Stopwatch.StartNew();
        var (status, says, id) = (0, false, (string?)null);
        try
        {
            using var answer = await replicas[replica].PostAsJsonAsync("/v1/payouts", request);
            (status, says) = ((int)answer.StatusCode, answer.Headers.RetryAfter is not null);
            if (answer.IsSuccessStatusCode)
            {
                id = (await ServiceFixture.Answer(answer)).GetProperty("id").GetString();
                Accepted[invoiceId] = amount;
            }
        }
        catch (Exception silent) when (silent is HttpRequestException or OperationCanceledException)
        {
        }

        var call = new Call(replica, at, watch.Elapsed, status, says, invoiceId, id);
        Calls.Enqueue(call);
        return call;
    }

    /// <summary>Asks until it is accepted, one replica after the other.</summary>
    public async Task<int> AskUntilAcceptedAsync(int replica, string invoiceId, string amount)
    {
        while (await AskAsync(replica, invoiceId, amount) is { IsAccepted: false } call)
        {
            replica = (replica + 1) % replicas.Length;

            // What the answers say: 2 s.
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        }

        return replica;
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
        var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "dev-key");
        return client;
    }

    private async Task AskAsync(int caller)
    {
        var replica = caller;
        for (var number = 1; !enough.IsCancellationRequested; number++)
        {
            replica = (replica + 1) % replicas.Length;
            var invoiceId = $"failover-{caller}-{number}";
            replica = await AskUntilAcceptedAsync(replica, invoiceId, "1.00");
            await AskUntilAcceptedAsync((replica + 1) % replicas.Length, invoiceId, "1.00");
            await Task.Delay(Pause, TimeProvider.System, enough.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
