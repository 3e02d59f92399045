using Microsoft.EntityFrameworkCore;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Events;
using PayoutService.Tests.Ops;
using PayoutService.Tests.Support;
using PayoutService.Views;
using PayoutService.Workers;

namespace PayoutService.Tests.Workers;

/// <summary>Each call to Pockyt about a payout is kept for people, without what was said in it.</summary>
public sealed class CallWriterTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_send_and_the_questions_after_it_are_kept_with_result_and_latency()
    {
        var invoiceId = await stage.PayAsync("500.06");
        await stage.RunAsync(TimeSpan.FromMinutes(10));
        var payout = await stage.PayoutAsync(invoiceId);

        var calls = await CallsAsync(payout.Id, atLeast: 3);

        Assert.Equal(
            ("/v3/payouts/pay", CallOutcome.Unclear, payout.RequestId),
            (calls[0].Operation, calls[0].Outcome, calls[0].RequestId));
        Assert.All(calls.Skip(1), call => Assert.Equal(
            ("/v3/payouts/inquiry", CallOutcome.Answered, null), (call.Operation, call.Outcome, call.RequestId)));
        Assert.All(calls, call => Assert.InRange(call.LatencyMs, 0, 60_000));
        Assert.All(calls, call => Assert.DoesNotContain(payout.AccountToken, call.Result, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_payouts_page_shows_its_calls_and_a_request_id_opens_it()
    {
        var invoiceId = await stage.PayAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(1));
        var payout = await stage.WhenAsync(invoiceId, row => row.ConfirmedBy is not null);
        await CallsAsync(payout.Id, atLeast: 2);
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");

        var page = await browser.OpenAsync($"/ops/payouts?q={payout.RequestId}");

        Assert.Equal($"/ops/payouts/{PublicId.Of(PublicId.Payout, payout.Id)}", page.Address);
        Assert.Contains("We called Pockyt, and it answered.", page.Text, StringComparison.Ordinal);
        Assert.Contains("to /v3/payouts/pay", page.Text, StringComparison.Ordinal);
        Assert.Matches(@"latency \d+ ms", page.Text);
    }

    [Fact]
    public async Task Calls_that_are_older_than_events_are_kept_are_removed_and_newer_ones_stay()
    {
        var kept = stage.Get<EventRules>().KeptFor;
        var now = stage.Clock.GetUtcNow();
        var (old, young) = (Call(now - kept - TimeSpan.FromSeconds(2)), Call(now - kept + TimeSpan.FromHours(1)));
        await stage.Get<CallStore>().WriteAsync([old, young]);

        using var writer = stage.Make<CallWriter>();
        await writer.RunOnceAsync(CancellationToken.None);

        await using var db = await stage.OwnerDbAsync();
        Assert.Equal(
            [young.Id],
            await db.ProviderCalls.Where(call => call.Id == old.Id || call.Id == young.Id)
                .Select(call => call.Id).ToListAsync());
    }

    [Fact]
    public void A_log_that_nobody_reads_keeps_the_newest_20_000()
    {
        var log = new CallLog();
        List<ProviderCall> calls = [.. Enumerable.Range(0, 20_001).Select(_ => Call(DateTimeOffset.UnixEpoch))];

        calls.ForEach(log.Add);

        Assert.Equal(calls.Skip(1), log.Take(30_000));
    }

    private static ProviderCall Call(DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(at),
        Merchant = "main",
        Operation = "/v3/payouts/inquiry",
        At = at,
        LatencyMs = 1,
        Outcome = CallOutcome.Answered,
        Result = "000100",
    };

    /// <summary>The calls about a payout, once so many are written down.</summary>
    private async Task<List<ProviderCall>> CallsAsync(Guid payoutId, int atLeast)
    {
        using var writer = stage.Make<CallWriter>();
        for (var tries = 0; ; tries++)
        {
            await writer.RunOnceAsync(CancellationToken.None);
            await using var db = await stage.OwnerDbAsync();
            var calls = await db.ProviderCalls.AsNoTracking().Where(call => call.PayoutId == payoutId)
                .OrderBy(call => call.Id).ToListAsync();
            if (calls.Count >= atLeast || tries == 50)
            {
                return calls;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }
}
