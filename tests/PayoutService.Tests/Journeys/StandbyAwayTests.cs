using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Journeys;

/// <summary>The synchronous standby stops and comes back. What is not in two places is not promised to anybody.
/// </summary>
[Trait("Run", "Long")]
public sealed class StandbyAwayTests : IAsyncLifetime
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private StandbyPair servers = null!;
    private ServiceFixture stage = null!;

    public async Task InitializeAsync()
    {
        servers = await StandbyPair.StartAsync("standby");
        stage = new ServiceFixture { ConnectionString = servers.Primary + ";Command Timeout=2" };
        await stage.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await stage.DisposeAsync();
        await servers.DisposeAsync();
    }

    [Fact]
    public async Task Without_the_standby_accept_is_503_nothing_is_sent_and_afterwards_all_is_paid_once()
    {
        var before = await stage.PayAsync("500.00");
        var request = Example.Payout(stage.AccountId, stage.NewKey(), "501.00");
        var after = (string)request["invoiceId"]!;
        await servers.StopStandbyAsync();

        var watch = Stopwatch.StartNew();
        var refused = await stage.Api.PostAsJsonAsync("/v1/payouts", request);
        var taken = watch.Elapsed;
        var again = await stage.Api.PostAsJsonAsync("/v1/payouts", request);
        await Assert.ThrowsAnyAsync<Exception>(() => stage.Dispatcher.RunOnceAsync(CancellationToken.None));
        var sentWithoutStandby = stage.Book.ArrivalsOf(before).Count;
        var status = await ServiceFixture.Answer(await stage.Api.GetAsync("/health/ready"));
        var probed = await ServiceFixture.Answer(await stage.Client(null).GetAsync("/health/ready"));
        await servers.StartStandbyAsync();
        var accepted = await stage.Api.PostAsJsonAsync("/v1/payouts", request);
        await stage.RunAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable),
            (refused.StatusCode, again.StatusCode));
        Assert.True(taken < TimeSpan.FromSeconds(10), $"{taken}");
        Assert.Equal(0, sentWithoutStandby);
        Assert.Equal("ok", status.GetProperty("status").GetString());
        Assert.Contains("Commits are not replicated since", status.GetProperty("notes").ToString(), Ordinal);
        Assert.False(probed.TryGetProperty("notes", out _));
        Assert.True(accepted.IsSuccessStatusCode);
        foreach (var invoiceId in (string[])[before, after])
        {
            Assert.Single(stage.Book.PayoutsOf(invoiceId));
            Assert.Equal(MoneyMoved.Yes, (await stage.PayoutAsync(invoiceId)).MoneyMoved);
        }
    }

    [Fact]
    public async Task A_canceled_wait_for_the_standby_is_503_for_every_call_that_writes_also_when_it_is_repeated()
    {
        var toCancel = await stage.PayoutAsync(await stage.PayAsync("500.00"));
        var link = $"/v1/payouts/{PublicId.Of(PublicId.Payout, toCancel.Id)}";
        var refund = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var payout = Example.Payout(stage.AccountId, stage.NewKey(), "502.00");
        (string Path, object Body)[] calls =
        [
            ("/v1/payouts", payout),
            ("/v1/payouts", payout),
            ($"{link}/cancel", new { }),
            ($"{link}/cancel", new { }),
            ("/v1/payees", Example.Payee(stage.NewKey("payee"))),
            ($"/v1/payees/{stage.PayeeId}/accounts", Example.Account(stage.NewKey("account"))),
            ("/v1/refunds", refund),
            ("/v1/refunds", refund),
            ("/v1/payors", Example.Payor(stage.NewKey("payor"))),
            ("/v1/sending/pause", new { reason = "a test" }),
        ];
        await servers.StopStandbyAsync();
        using var stop = new CancellationTokenSource();
        var canceling = servers.CancelWaitsAsync(stop.Token);

        List<string> answers = [];
        foreach (var (path, body) in calls)
        {
            var answer = await stage.Api.PostAsJsonAsync(path, body);
            answers.Add($"{path} {(int)answer.StatusCode}");
        }

        await stop.CancelAsync();
        await canceling;

        Assert.Equal(calls.Select(call => $"{call.Path} 503"), answers);
    }

    [Fact]
    public async Task A_canceled_wait_for_the_standby_fails_claims_and_records()
    {
        var invoiceId = await stage.PayAsync("500.00");
        await stage.PayAsync("500.00");
        var now = stage.Clock.GetUtcNow();
        var claimed = await stage.Claims.ClaimDueAsync([new("main", 1)], 1, Guid.CreateVersion7(now));
        await servers.StopStandbyAsync();
        using var stop = new CancellationTokenSource();
        var canceling = servers.CancelWaitsAsync(stop.Token);
        var report = new Report(ReportKind.Acknowledged, Source.Reply) { Claim = claimed[0].Claim };

        var claim = await Record.ExceptionAsync(
            () => stage.Claims.ClaimDueAsync([new("main", 1)], 1, Guid.CreateVersion7(now)));
        var record = await Record.ExceptionAsync(
            () => stage.Reports.RecordAsync(claimed[0], report, CancellationToken.None));
        var asks = await Record.ExceptionAsync(
            () => stage.Store.InquireNowAsync("main", claimed[0].Id));
        await stop.CancelAsync();
        await canceling;

        Assert.Equal(invoiceId, claimed[0].InvoiceId);
        Assert.All(
            [claim, record, asks], failure => Assert.True(PostgresFailures.IsUnavailable(failure), $"{failure}"));
    }

    [Fact]
    public async Task A_caller_who_waits_no_longer_leaves_the_commit_to_the_standby()
    {
        // A statement that takes too long is another case: here the caller is the first to lose patience.
        stage.ConnectionString = servers.Primary;
        await stage.RestartAsync();
        var invoiceId = await stage.PayAsync("500.00");
        var link = $"/v1/payouts/{PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id)}";
        await servers.StopStandbyAsync();

        var refused = await stage.Api.PostAsync($"{link}/cancel", null);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        var meanwhile = await stage.PayoutAsync(invoiceId);
        await servers.StartStandbyAsync();
        var repeated = await stage.Api.PostAsync($"{link}/cancel", null);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(PayoutStatus.Queued, meanwhile.Status);
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
    }

    [Fact]
    public async Task A_standby_is_not_ready_and_says_why_to_anybody()
    {
        await using var source = StorageSetup.Open(servers.Standby);
        var databases = new PooledDbContextFactory<PayoutDb>(
            new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(source).Options);
        var standby = new Readiness(
            databases, source, stage.Get<IPayoutGateway>(), stage.Rules, stage.Clock);

        var (problems, _) = await standby.CheckAsync(CancellationToken.None);

        Assert.Equal(["The database is a standby, which takes no writes."], problems);
    }
}
