using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Storage.Calls;

namespace PayoutService.Tests.Pockyt;

/// <summary>Connections to Pockyt: what waits for one is not on its way, and nobody waits for another merchant's.
/// </summary>
public sealed class MerchantConnectionsTests : IAsyncLifetime
{
    private const string Pay = "/v3/payouts/pay";
    private const string Retrieve = "/v3/payee/retrieve";

    private readonly ConcurrentQueue<string> arrived = [];
    private readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<string, Task> answering = _ => Task.CompletedTask;
    private WebApplication server = null!;
    private PockytClient client = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        server = builder.Build();
        server.MapPost("{**path}", AnswerAsync);
        await server.StartAsync();
        var options = new PockytOptions
        {
            BaseUrl = new Uri(server.Urls.First()),
            MaxConnections = 1,
            Timeout = TimeSpan.FromSeconds(3),
            Merchants =
            {
                ["a"] = new PockytMerchant { MerchantNo = "A", StoreNo = "1", Tokens = ["x"] },
                ["b"] = new PockytMerchant { MerchantNo = "B", StoreNo = "1", Tokens = ["x"] },
            },
        };
        client = new PockytClient(
            options,
            new PayoutRules { AtOnce = 2 },
            new Oddities(TimeProvider.System),
            new CallLog(),
            TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        release.TrySetResult();
        client.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task With_more_sends_than_connections_none_is_unclear_by_our_own_queue()
    {
        answering = _ => release.Task;

        var sends = Enumerable.Range(0, 8).Select(_ => CallAsync("a", Pay)).ToList();
        var turnedAway = sends.Where(send => send.IsCompleted).ToList();
        await WhenAsync(() => arrived.Count == 4);
        release.SetResult();
        var answers = await Task.WhenAll(sends);

        Assert.Equal(4, answers.OfType<PockytAnswer.Said>().Count());
        Assert.Equal(4, answers.OfType<PockytAnswer.NotSent>().Count());
        Assert.Equal(4, turnedAway.Count);
        Assert.Equal(int.MaxValue, client.FreeSlots);
    }

    [Fact]
    public async Task A_call_that_waits_for_a_connection_has_all_its_time_once_it_has_it()
    {
        answering = _ => Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);

        var answers = await Task.WhenAll(CallAsync("a", Retrieve), CallAsync("a", Retrieve));

        Assert.All(answers, answer => Assert.IsType<PockytAnswer.Said>(answer));
    }

    [Fact]
    public async Task A_merchant_whose_calls_hang_delays_no_call_of_another()
    {
        answering = merchant => merchant == "A" ? release.Task : Task.CompletedTask;
        var hanging = Enumerable.Range(0, 4).Select(_ => CallAsync("a", Pay))
            .Append(CallAsync("a", Retrieve)).ToList();
        await WhenAsync(() => arrived.Count == 5);

        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(CallAsync("b", Pay), CallAsync("b", Retrieve));
        var taken = watch.Elapsed;
        release.SetResult();
        await Task.WhenAll(hanging);

        Assert.All(answers, answer => Assert.IsType<PockytAnswer.Said>(answer));
        Assert.True(taken < TimeSpan.FromSeconds(2), $"{taken}");
    }

    [Fact]
    public async Task Reads_that_hang_take_no_connection_of_a_send()
    {
        answering = _ => arrived.Last() == Retrieve ? release.Task : Task.CompletedTask;
        var reading = CallAsync("a", Retrieve);
        await WhenAsync(() => !arrived.IsEmpty);

        var sent = await CallAsync("a", Pay);
        var hasRead = reading.IsCompleted;
        release.SetResult();
        await reading;

        Assert.False(hasRead);
        Assert.IsType<PockytAnswer.Said>(sent);
    }

    private Task<PockytAnswer> CallAsync(string merchant, string path) => client.CallAsync(
        merchant,
        path,
        [new("invoiceId", "inv-1")],
        DateTimeOffset.UnixEpoch,
        CallSubject.None,
        CancellationToken.None);

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        var members = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(request.Body);
        arrived.Enqueue(request.Path);
        await answering(members!["merchantNo"]);
        return Results.Text("""{"ret_code":"000100","ret_msg":"success"}""", "application/json");
    }

    private static async Task WhenAsync(Func<bool> isSo)
    {
        var patience = Stopwatch.StartNew();
        while (!isSo() && patience.Elapsed < TimeSpan.FromSeconds(2))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
