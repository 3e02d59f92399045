using System.Globalization;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Workers;
using PockytSimulator.Control;

namespace PayoutService.Tests.Workers;

/// <summary>When a send begins, and when it does not.</summary>
public sealed class SenderTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task When_a_send_arrives_its_claim_is_committed()
    {
        var invoiceId = await stage.PayAsync();
        stage.Faults.Add(new FaultScript("pay", invoiceId, ExecuteDelayMs: 300));

        var sending = stage.DispatchAsync();
        while (stage.Faults.List().All(fault => fault.Fired == 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        var onTheWire = await stage.PayoutAsync(invoiceId);
        await sending;
        Assert.Equal((PayoutStatus.Submitting, 1), (onTheWire.Status, onTheWire.Claim));
    }

    [Fact]
    public async Task A_send_whose_lease_has_too_little_left_is_not_begun()
    {
        var (invoiceId, claimed) = await ClaimAsync();
        var tooLongAgo = stage.Clock.GetTimestamp() - (stage.Rules.Lease - PayoutRules.Margin).Ticks;

        await stage.Get<Sender>().SendAsync(new(claimed, tooLongAgo));

        await NothingWasSentAsync(invoiceId);
    }

    [Fact]
    public async Task A_claim_that_took_long_is_not_acted_on_though_its_lease_would_cover_the_send()
    {
        var (invoiceId, claimed) = await ClaimAsync();
        var spare = stage.Rules.Lease - stage.Pockyt.Timeout - PayoutRules.Margin;
        var longAgo = stage.Clock.GetTimestamp() - ((spare / 2) + TimeSpan.FromSeconds(1)).Ticks;

        await stage.Get<Sender>().SendAsync(new(claimed, longAgo));

        await NothingWasSentAsync(invoiceId);
    }

    [Fact]
    public async Task After_the_machine_slept_between_claim_and_send_nothing_is_sent()
    {
        var (invoiceId, claimed) = await ClaimAsync();

        // The clock that measures the lease stood still; the wall clock did not.
        await stage.AdvanceAsync(stage.Rules.Lease);
        await stage.Get<Sender>().SendAsync(new(claimed, stage.Clock.GetTimestamp()));

        await NothingWasSentAsync(invoiceId);
    }

    [Fact]
    public async Task An_exception_between_claim_and_send_is_recorded_as_nothing_sent()
    {
        var (invoiceId, claimed) = await ClaimAsync();

        await WithoutPayeesAsync(() => stage.Get<Sender>().SendAsync(new(claimed, stage.Clock.GetTimestamp())));

        await NothingWasSentAsync(invoiceId);
        var last = (await stage.EventsAsync(invoiceId))[^1];
        Assert.StartsWith("Nothing was sent: ", last.Detail["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_before_a_repeat_leaves_the_first_send_open_and_the_repeat_still_allowed()
    {
        var (invoiceId, claimed) = await ClaimAsync();
        await stage.AdvanceAsync(stage.Rules.Lease + TimeSpan.FromSeconds(1));
        await stage.Claims.EndLeasesAsync();
        await stage.Store.ResolveAsync(
            "main",
            claimed.Id,
            null,
            new(Ruling.SendAgain, Actor.ApiKey("dev"), "dev", "lost", "portal", Overrules: false),
            _ => null);
        var again = await stage.Claims.ClaimAgainAsync(await stage.PayoutAsync(invoiceId), NewBatch());

        await WithoutPayeesAsync(() => stage.Get<Sender>().SendAsync(new(again!, stage.Clock.GetTimestamp())));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Unconfirmed, MoneyMoved.Unknown), (payout.Status, payout.MoneyMoved));
        Assert.Equal([claimed.Claim!.Value], payout.OpenSends);
        Assert.NotNull(payout.ResendGrantedAt);
        Assert.Equal(0, payout.ResendCount);
    }

    [Fact]
    public async Task A_pause_that_is_set_after_the_claim_stops_the_send()
    {
        var (invoiceId, claimed) = await ClaimAsync();

        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Stop everything" });
        await stage.Get<Sender>().SendAsync(new(claimed, stage.Clock.GetTimestamp()));

        await stage.Api.PostAsync("/v1/sending/resume", null);
        await NothingWasSentAsync(invoiceId);
    }

    [Fact]
    public async Task An_answer_is_written_down_as_long_as_the_lease_lasts()
    {
        var (invoiceId, claimed) = await ClaimAsync();
        var sender = ActivatorUtilities.CreateInstance<Sender>(
            stage.Get<IServiceProvider>(), new ImpatientClock(stage.Clock));

        await RefuseWritesAsync();
        var sending = sender.SendAsync(new(claimed, stage.Clock.GetTimestamp()));
        while (!sending.IsCompleted && await RefusedWritesAsync() < 8)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        await AllowWritesAsync();
        await sending;

        Assert.Equal(PayoutStatus.Processing, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task What_was_not_sent_and_could_not_be_recorded_is_recorded_by_the_next_pass()
    {
        var (invoiceId, claimed) = await ClaimAsync();
        var tooLongAgo = stage.Clock.GetTimestamp() - stage.Rules.Lease.Ticks;

        await RefuseWritesAsync();
        await stage.Get<Sender>().SendAsync(new(claimed, tooLongAgo));
        await AllowWritesAsync();
        var before = await stage.PayoutAsync(invoiceId);
        await stage.DispatchAsync();

        Assert.Equal(PayoutStatus.Submitting, before.Status);
        await NothingWasSentAsync(invoiceId);
    }

    [Fact]
    public async Task Reads_of_payee_and_account_that_hang_do_not_keep_a_payout_from_being_sent()
    {
        var own = new ServiceFixture().With("Payouts:Lease", "00:00:14");
        await own.InitializeAsync();
        var invoiceId = await own.PayAsync("500.04");
        await own.AdvanceAsync(own.Rules.PayeeFreshFor + TimeSpan.FromMinutes(1));
        own.Faults.Add(new FaultScript("retrieve", Times: 0, Answer: new FaultAnswer("hang")));
        own.Faults.Add(new FaultScript("listAccounts", Times: 0, Answer: new FaultAnswer("hang")));

        await own.DispatchAsync();

        Assert.Equal(PayoutStatus.Processing, (await own.PayoutAsync(invoiceId)).Status);
        await own.DisposeAsync();
    }

    private async Task<(string InvoiceId, Payout Claimed)> ClaimAsync()
    {
        var invoiceId = await stage.PayAsync("500.04");
        var claimed = await stage.Claims.ClaimDueAsync([new("main", 100)], 100, NewBatch());
        return (invoiceId, claimed.Single(payout => payout.InvoiceId == invoiceId));
    }

    private Guid NewBatch() => Guid.CreateVersion7(stage.Clock.GetUtcNow());

    private async Task NothingWasSentAsync(string invoiceId)
    {
        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
        Assert.Equal((PayoutStatus.Queued, MoneyMoved.No), (payout.Status, payout.MoneyMoved));
        Assert.Empty(payout.OpenSends);
    }

    /// <summary>What the look before a send reads is not there for a moment.</summary>
    private async Task WithoutPayeesAsync(Func<Task> act)
    {
        await ExecuteAsync("ALTER TABLE payees RENAME TO payees_away");
        try
        {
            await act();
        }
        finally
        {
            await ExecuteAsync("ALTER TABLE payees_away RENAME TO payees");
        }
    }

    /// <summary>The database refuses to write payouts, as one that is failing over does, and counts it.</summary>
    private Task RefuseWritesAsync() => ExecuteAsync("""
        CREATE SEQUENCE refused;
        GRANT USAGE ON SEQUENCE refused TO PUBLIC;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM nextval('refused');
            RAISE EXCEPTION 'starting up' USING ERRCODE = 'cannot_connect_now';
        END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON payouts FOR EACH STATEMENT EXECUTE FUNCTION refuse();
        """);

    private Task AllowWritesAsync() => ExecuteAsync(
        "DROP TRIGGER refuse ON payouts; DROP FUNCTION refuse(); DROP SEQUENCE refused");

    private async Task<long> RefusedWritesAsync()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(
            await TestDatabase.AsOwnerAsync(stage.ConnectionString));
        await using var count = source.CreateCommand("SELECT last_value FROM refused");
        return Convert.ToInt64(await count.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private Task<int> ExecuteAsync(string sql) => TestDatabase.ExecuteAsync(stage.ConnectionString, sql);

    /// <summary>Waits a fiftieth of what it is asked to.</summary>
    private sealed class ImpatientClock(TimeProvider clock) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime / 50, period);
    }
}
