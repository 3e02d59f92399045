using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Sending;
using PayoutService.Tests.Support;
using PayoutService.Views;
using PockytSimulator.Control;

namespace PayoutService.Tests.Journeys;

/// <summary>The database is restored to an earlier moment.</summary>
[Trait("Run", "Long")]
public sealed class RestoreTests : IAsyncLifetime
{
    private readonly ServiceFixture stage =
        new ServiceFixture().With("Pockyt:Merchants:main:ResendAfterNotSeen", "false");

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task What_was_sent_after_the_backup_is_found_at_Pockyt_and_what_was_not_is_sent_once_it_is_allowed()
    {
        var done = await stage.PayAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(1));
        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "So that some are queued" });
        var sentLater = await stage.PayAsync("500.04");
        var neverSent = await stage.PayAsync();
        var scheduled = await stage.PayAsync(executeAt: stage.Clock.GetUtcNow().AddDays(1));
        var backup = await stage.BackUpAsync();
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString, $"UPDATE payouts SET due_at = now() + '9 days' WHERE invoice_id = '{neverSent}'");
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.DispatchAsync();
        var lost = await stage.PayAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        await RestoreAsync(backup);
        await stage.RunAsync(TimeSpan.FromHours(3));
        var repeated = await stage.Api.PostAsJsonAsync(
            "/v1/payouts", Example.Payout(stage.AccountId, sentLater, "500.04"));
        var again = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, lost));
        await stage.RunAsync(TimeSpan.FromMinutes(1));
        string[] all = [done, sentLater, neverSent, scheduled, lost];
        var before = await Task.WhenAll(all.Select(stage.PayoutAsync));
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.RunAsync(TimeSpan.FromDays(2));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Created), (repeated.StatusCode, again.StatusCode));
        Assert.Equal(
            [
                PayoutStatus.Succeeded, PayoutStatus.Processing, PayoutStatus.Unconfirmed, PayoutStatus.Queued,
                PayoutStatus.Succeeded,
            ],
            before.Select(payout => payout.Status));
        Assert.All(all, invoiceId => Assert.Single(stage.Book.PayoutsOf(invoiceId)));
        Assert.All(all, invoiceId => Assert.Single(stage.Book.ArrivalsOf(invoiceId)));
        var after = await Task.WhenAll(all.Select(stage.PayoutAsync));
        Assert.All(after.Except([after[1]]), payout => Assert.Equal(PayoutStatus.Succeeded, payout.Status));
        Assert.All(after, payout => Assert.Null(payout.Attention));
    }

    [Fact]
    public async Task A_restored_database_says_so_sends_nothing_and_refunds_nothing()
    {
        var reference = await stage.ReceiveAsync();
        await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund("before", reference, "1.00"));
        var invoiceId = await stage.PayAsync();
        await RestoreAsync(await stage.BackUpAsync());

        await stage.RunAsync(TimeSpan.FromDays(1));
        var ready = await ServiceFixture.Answer(await stage.Api.GetAsync("/health/ready"));
        var refund = await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund("after", reference, "1.00"));
        var known = await stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund("before", reference, "1.00"));

        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
        Assert.Contains(
            ": The database was restored: Payouts:RestoreMarker is 1, it was 0.",
            ready.GetProperty("notes")[0].GetString()!,
            StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (refund.StatusCode, known.StatusCode));
        Assert.Equal("database-restored", (await ServiceFixture.Answer(refund)).GetProperty("code").GetString());
        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Unconfirmed, MoneyMoved.Unknown), (payout.Status, payout.MoneyMoved));
        Assert.Contains(
            await stage.EventsAsync(invoiceId),
            happened => (happened.Kind, happened.Actor) == (EventKind.Doubted, Actor.Restore));
    }

    [Fact]
    public async Task A_server_that_took_over_with_every_beat_goes_on_by_itself()
    {
        await stage.DispatchAsync();
        await TakeOverAsync();
        var invoiceId = await stage.PayAsync();

        await stage.DispatchAsync();

        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
        Assert.Null((await stage.Sending.PausesOfAsync("main")).FirstOrDefault());
    }

    [Fact]
    public async Task A_server_that_took_over_without_the_last_beat_is_paused_and_asks_before_it_sends()
    {
        await stage.DispatchAsync();
        var invoiceId = await stage.PayAsync();
        await TakeOverAsync("UPDATE replicas SET beat = 0");

        await stage.DispatchAsync();
        var paused = (await stage.Sending.PausesOfAsync("main")).FirstOrDefault();
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.AdvanceAsync(TimeSpan.FromMinutes(44));
        await stage.RunAsync(TimeSpan.Zero);
        var before = stage.Book.ArrivalsOf(invoiceId).Count;
        await stage.RunAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(Actor.Restore, paused!.Actor);
        Assert.Equal(0, before);
        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
    }

    [Fact]
    public async Task A_beat_on_the_server_that_took_over_hides_no_beat_that_it_lost()
    {
        await stage.DispatchAsync();
        await TakeOverAsync("UPDATE replicas SET beat = 0");

        await stage.Claims.ClaimDueAsync([new("main", 10)], 10, Guid.CreateVersion7(stage.Clock.GetUtcNow()));
        await stage.Restores.BeatAsync();
        await stage.DispatchAsync();

        Assert.Equal(
            Actor.Restore, Assert.Single(await stage.Sending.PausesOfAsync("main")).Actor);
    }

    [Fact]
    public async Task A_beat_before_the_takeover_is_noted_makes_nobody_else_look_dead_before_it()
    {
        await stage.DispatchAsync();
        await TakeOverAsync("""
            UPDATE replicas SET beat_at = beat_at - interval '10 minutes';
            INSERT INTO replicas (id, beat, beat_at, timeline)
            SELECT gen_random_uuid(), 1, beat_at - interval '1 second', '000000FF' FROM replicas
            """);

        await stage.Restores.BeatAsync();
        await stage.DispatchAsync();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(91));
        await stage.DispatchAsync();

        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        Assert.True((await db.Restores.OrderBy(row => row.No).LastAsync()).IsLossy);
    }

    [Fact]
    public async Task A_process_that_stops_with_a_lost_beat_leaves_its_row_to_the_others()
    {
        await stage.DispatchAsync();
        await TakeOverAsync("UPDATE replicas SET beat = 0");

        await stage.Restores.LeaveAsync();

        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        Assert.Single(await db.Replicas.ToListAsync());
    }

    [Fact]
    public async Task A_server_that_took_over_with_nobody_left_to_witness_asks_before_it_sends_without_a_pause()
    {
        await stage.DispatchAsync();
        var invoiceId = await stage.PayAsync();
        await TakeOverAsync();
        await stage.RestartAsync();

        await stage.DispatchAsync();
        var atOnce = await stage.PayoutAsync(invoiceId);
        await stage.AdvanceAsync(TimeSpan.FromSeconds(91));
        await stage.DispatchAsync();
        var marked = await stage.PayoutAsync(invoiceId);
        await stage.AdvanceAsync(TimeSpan.FromMinutes(44));
        await stage.RunAsync(TimeSpan.Zero);
        var before = stage.Book.ArrivalsOf(invoiceId).Count;
        await stage.RunAsync(TimeSpan.FromMinutes(5));

        Assert.Equal((PayoutStatus.Queued, PayoutStatus.Unconfirmed), (atOnce.Status, marked.Status));
        Assert.Equal(0, before);
        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
        Assert.Null((await stage.Sending.PausesOfAsync("main")).FirstOrDefault());
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("UPDATE replicas SET beat = 0", 1)]
    public async Task A_process_that_comes_late_to_the_server_that_took_over_pauses_only_when_its_beat_is_gone(
        string? loss, int pauses)
    {
        await stage.DispatchAsync();
        using var witness = new Witness(stage.Rules);
        var other = new RestoreDetector(
            stage.Get<IDbContextFactory<PayoutDb>>(), stage.Rules, stage.Get<DatabaseClock>(), witness);
        await TakeOverAsync(loss);

        var waiting = await other.DetectAsync(["main"]);
        await stage.AdvanceAsync(TimeSpan.FromSeconds(91));
        var noted = await other.DetectAsync(["main"]);
        var late = await stage.Restores.DetectAsync(["main"]);

        Assert.Contains("waits until every process has said", waiting, StringComparison.Ordinal);
        Assert.Contains("a process that could tell whether it has everything is gone", noted, StringComparison.Ordinal);
        Assert.Equal(pauses > 0, late is not null);
        Assert.Equal(pauses, (await stage.Sending.PausesOfAsync("main")).Count);
    }

    [Fact]
    public async Task A_restore_that_nobody_noted_decides_nothing_and_says_that_it_does_not_know()
    {
        var invoiceId = await stage.PayAsync();
        await TakeOverAsync();

        var got = await GetAsync(invoiceId);
        var id = got.GetProperty("id").GetString();
        var canceled = await stage.Api.PostAsync($"/v1/payouts/{id}/cancel", null);
        var replacing = Example.Payout(stage.AccountId, stage.NewKey("invoice"));
        replacing["replaces"] = id;
        var replaced = await stage.Api.PostAsJsonAsync("/v1/payouts", replacing);
        var refund = await stage.Api.PostAsJsonAsync(
            "/v1/refunds", Example.Refund("unnoted", await stage.ReceiveAsync(), "1.00"));
        var list = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts?invoiceId={invoiceId}"));
        var ready = await stage.Api.GetAsync("/health/ready");

        Assert.Equal("unknown", got.GetProperty("moneyMoved").GetString());
        Assert.Equal("unknown", list.GetProperty("data")[0].GetProperty("moneyMoved").GetString());
        Assert.All([canceled, replaced, refund, ready], answer =>
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));
        Assert.Equal("database-restored", (await ServiceFixture.Answer(canceled)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_key_of_the_lost_time_that_is_repeated_after_the_resume_is_asked_about_first()
    {
        stage.OfPockyt<Faults>().Add(new("pay", Deduplicate: false, Times: 2));
        var backup = await stage.BackUpAsync();
        var lost = await stage.PayAsync();
        await stage.DispatchAsync();
        await RestoreAsync(backup);
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.AdvanceAsync(TimeSpan.FromHours(1));

        var repeated = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, lost));
        await stage.RunAsync(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
        Assert.Equal("unknown", (await ServiceFixture.Answer(repeated)).GetProperty("moneyMoved").GetString());
        Assert.Single(stage.Book.ArrivalsOf(lost));
        Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync(lost)).Status);
    }

    [Fact]
    public async Task A_cancellation_of_the_lost_time_is_kept_when_it_is_repeated_and_nothing_is_paid()
    {
        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "So that it is queued" });
        var invoiceId = await stage.PayAsync();
        await RestoreAsync(await stage.BackUpAsync());
        var id = (await GetAsync(invoiceId)).GetProperty("id").GetString();

        var canceled = await stage.Api.PostAsync($"/v1/payouts/{id}/cancel", null);
        var again = await stage.Api.PostAsync($"/v1/payouts/{id}/cancel", null);
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.RunAsync(TimeSpan.FromHours(2));

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (canceled.StatusCode, again.StatusCode));
        Assert.True((await ServiceFixture.Answer(canceled)).GetProperty("cancelRequested").GetBoolean());
        Assert.Equal(PayoutStatus.Canceled, (await stage.PayoutAsync(invoiceId)).Status);
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
    }

    [Theory]
    [InlineData(true, true, "Canceled")]
    [InlineData(true, false, "Canceled")]
    [InlineData(false, true, "Succeeded")]
    [InlineData(false, false, "Succeeded")]
    public async Task What_was_held_and_asked_about_before_the_restore_was_noted_ends_like_all_else(
        bool isCanceled, bool resends, string ends)
    {
        stage.With("Pockyt:Merchants:main:ResendAfterNotSeen", $"{resends}");
        await stage.RestartAsync();
        var invoiceId = await stage.PayAsync("500.08");
        await stage.DispatchAsync();
        await TakeOverAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(6));
        await stage.ReconcileAsync();
        var asked = await stage.PayoutAsync(invoiceId);
        await stage.RunAsync(TimeSpan.Zero);
        await stage.AdvanceAsync(TimeSpan.FromSeconds(91));
        await stage.RunAsync(TimeSpan.Zero);
        var id = (await GetAsync(invoiceId)).GetProperty("id").GetString();

        var canceled = isCanceled ? await stage.Api.PostAsync($"/v1/payouts/{id}/cancel", null) : null;
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.RunAsync(TimeSpan.FromHours(12));

        Assert.Equal(PayoutStatus.Unconfirmed, asked.Status);
        Assert.True(canceled is null or { StatusCode: HttpStatusCode.Accepted });
        Assert.Equal(ends, $"{(await stage.PayoutAsync(invoiceId)).Status}");
        Assert.Equal(isCanceled ? 1 : 3, stage.Book.ArrivalsOf(invoiceId).Count);
    }

    [Fact]
    public async Task An_operator_who_knows_that_nothing_was_lost_has_everything_sent_at_once()
    {
        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "So that it is queued" });
        var invoiceId = await stage.PayAsync();
        await RestoreAsync(await stage.BackUpAsync());

        var without = await stage.Api.PostAsJsonAsync("/v1/sending/resume", new { nothingLost = true });
        var resumed = await stage.Api.PostAsJsonAsync(
            "/v1/sending/resume", new { nothingLost = true, reason = "The backup was taken after the stop." });
        await stage.DispatchAsync();
        var later = await stage.PayAsync();
        await stage.DispatchAsync();

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (without.StatusCode, resumed.StatusCode));
        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
        Assert.Single(stage.Book.ArrivalsOf(later));
        Assert.Contains(await stage.EventsAsync(invoiceId), happened => happened.Kind == EventKind.Cleared);
    }

    [Fact]
    public async Task Many_replicas_note_one_restore_once()
    {
        stage.Rules.RestoreMarker = "1";

        await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => stage.Restores.DetectAsync(["main"])));

        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        Assert.Equal(2, await db.Restores.CountAsync());
    }

    [Fact]
    public async Task A_replica_that_was_not_told_of_the_restore_sends_nothing_says_so_and_does_not_take_it_back()
    {
        await RestoreAsync(await stage.BackUpAsync());
        await stage.DispatchAsync();
        await stage.Api.PostAsync("/v1/sending/resume", null);
        stage.Rules.RestoreMarker = "0";

        var invoiceId = await stage.PayAsync();
        var said = await stage.Restores.DetectAsync(["main"]);
        await stage.DispatchAsync();
        var ready = await stage.Api.GetAsync("/health/ready");

        Assert.StartsWith("Payouts:RestoreMarker is 0, which the database had", said, StringComparison.Ordinal);
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains(said!, await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null((await stage.Sending.PausesOfAsync("main")).FirstOrDefault());

        stage.Rules.RestoreMarker = "1";
        await stage.RunAsync(TimeSpan.FromHours(1));

        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
    }

    [Fact]
    public async Task Whichever_replica_notices_a_restore_stops_the_merchants_of_all()
    {
        var invoiceId = await stage.PayAsync();
        stage.Rules.RestoreMarker = "1";

        await stage.Restores.DetectAsync(["another"]);

        Assert.NotNull((await stage.Sending.PausesOfAsync("another")).FirstOrDefault());
        Assert.NotNull((await stage.Sending.PausesOfAsync("main")).FirstOrDefault());
        Assert.Equal(PayoutStatus.Unconfirmed, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task A_claim_on_a_database_that_was_restored_under_us_takes_nothing()
    {
        await stage.PayAsync();
        await stage.DispatchAsync();
        await stage.PayAsync();
        stage.Rules.RestoreMarker = "1";

        var batch = Guid.CreateVersion7(stage.Clock.GetUtcNow());
        var claimed = await stage.Claims.ClaimDueAsync([new("main", 10)], 10, batch);

        Assert.Empty(claimed);
    }

    [Fact]
    public async Task Claims_that_commit_while_the_database_is_looked_at_are_not_taken_for_lost()
    {
        var looked = 0;
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var claims = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await stage.Claims.ClaimDueAsync([new("main", 10)], 10, Guid.CreateVersion7(stage.Clock.GetUtcNow()));
            }
        })).ToList();
        for (; !enough.IsCancellationRequested; looked++)
        {
            await stage.Restores.DetectAsync(["main"]);
        }

        await Task.WhenAll(claims);

        Assert.True(looked > 100, $"{looked}");
        Assert.Empty(await stage.Sending.PausesOfAsync("main"));
    }

    private async Task<System.Text.Json.JsonElement> GetAsync(string invoiceId)
    {
        var id = PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id);
        return await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts/{id}"));
    }

    /// <summary>Another server took over: the timeline is not the one that was noted.</summary>
    private Task TakeOverAsync(string? loss = null) => TestDatabase.ExecuteAsync(stage.ConnectionString, $"""
        INSERT INTO restores (no, at, is_lossy, marker, timeline, reason)
        VALUES (9, now(), false, '0', '000000FF', 'Another server');
        UPDATE replicas SET timeline = '000000FF';
        {loss}
        """);

    private async Task RestoreAsync(string backup)
    {
        stage.ConnectionString = backup;
        stage.With("Payouts:RestoreMarker", "1");
        await stage.RestartAsync();
    }
}
