using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage.Payouts;

/// <summary>Statements that move many payouts at once change each row as the moves of a payout do.</summary>
public sealed class ClaimTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    /// <summary>Queued payouts that differ in what a claim reads.</summary>
    private static readonly string[] Queued =
    [
        "version = version",
        "attention = 'slow'",
        "not_sent_count = 2",
        "not_sent_count = 2, attention = 'slow'",
        "claim = 3, sends = 3, request_id = gen_random_uuid(), signed_at = now()",
        "not_seen_count = 2, not_seen_since = now()",
        "status_source = 'reply', holds = 2",
    ];

    /// <summary>Held payouts, which a restore marks too.</summary>
    private static readonly string[] Held =
    [
        "status = 'held', hold_reason = 'balance', holds = 1",
        "status = 'held', hold_reason = 'accountStatus', holds = 3, attention = 'stuck'",
    ];

    /// <summary>Marked payouts that differ in what the end of the doubt reads.</summary>
    private static readonly string[] Marked =
    [
        "version = version",
        "cancel_requested_by = 'key:dev'",
        "attention = 'notSeen', not_seen_count = 3, not_seen_since = now()",
        "attention = 'mismatch'",
        "execute_at = now() + interval '1 day'",
    ];

    /// <summary>The columns that a restore adds to what <c>Payout.MarkPossiblySent</c> says: until when to wait, and
    /// for which restore.</summary>
    private static readonly string[] OfTheRestore =
        [nameof(Payout.DueAt), nameof(Payout.ResendGrantedAt), nameof(Payout.RestoreNo)];

    [Fact]
    public async Task A_claim_of_many_changes_each_row_as_the_claim_of_one_does()
    {
        foreach (var difference in Queued)
        {
            var before = await QueuedAsync(difference);
            var batch = Guid.CreateVersion7(stage.Clock.GetUtcNow());

            var claimed = Assert.Single(
                await stage.Claims.ClaimDueAsync([new("main", 100)], 100, batch), one => one.Id == before.Id);

            var expected = before.Copy();
            var happened = expected.ClaimForSending(batch, claimed.SignedAt!.Value, stage.Rules);
            await AssertSameAsync(difference, expected, happened);
            await FinishAsync(before.Id);
        }
    }

    [Fact]
    public async Task A_claim_to_ask_moves_only_the_time_of_the_next_look()
    {
        var before = await QueuedAsync("attention = 'mismatch'");

        var asked = Assert.Single(
            await stage.Claims.ClaimInquiriesAsync([new("main", 100)], 100), one => one.Id == before.Id);

        var expected = before.Copy();
        expected.ClaimForAsking(asked.AskedAt!.Value);
        await AssertSameAsync("to ask", expected, happened: null);
        await FinishAsync(before.Id);
    }

    [Fact]
    public async Task A_restore_marks_many_payouts_as_it_marks_one()
    {
        foreach (var difference in Queued.Concat(Held))
        {
            var before = await QueuedAsync(difference);

            await RestoreAsync();

            await AssertMarkedAsync(difference, before);
        }
    }

    [Fact]
    public async Task A_payout_that_falls_due_after_a_restore_is_marked_as_one_is()
    {
        foreach (var difference in Queued)
        {
            var before = await QueuedAsync($"{difference}, execute_at = now() + interval '1 day'");
            await RestoreAsync();
            Assert.Equal(PayoutStatus.Queued, (await stage.PayoutAsync(before.InvoiceId)).Status);

            var marked = await stage.Restores.MarkDueAsync();

            Assert.Equal(1, marked);
            await AssertMarkedAsync(difference, before);
        }
    }

    [Fact]
    public async Task An_operator_ends_the_doubt_of_many_as_of_one()
    {
        foreach (var difference in Marked)
        {
            var id = (await QueuedAsync("version = version")).Id;
            await RestoreAsync();
            var before = await ChangedAsync(id, difference);
            var actor = Actor.ApiKey("dev");

            await stage.Sending.ClearRestoresAsync("main", actor, "It was the test.");

            var expected = before.Copy();
            var happened = expected.ClearRestore(
                actor, "It was the test.", (await stage.PayoutAsync(before.InvoiceId)).UpdatedAt, stage.Rules);
            await AssertSameAsync(difference, expected, happened);
            await stage.Sending.ResumeAsync("main", actor);
            await FinishAsync(id);
        }
    }

    private async Task RestoreAsync()
    {
        stage.Rules.RestoreMarker += "'";
        await stage.Restores.DetectAsync(["main", "other"]);
    }

    private async Task AssertMarkedAsync(string difference, Payout before)
    {
        var expected = before.Copy();
        var happened = expected.MarkPossiblySent((await stage.PayoutAsync(before.InvoiceId)).UpdatedAt);
        await AssertSameAsync(difference, expected, happened, OfTheRestore);
        await stage.Sending.ClearRestoresAsync("main", Actor.ApiKey("dev"), "It was the test.");
        await stage.Sending.ResumeAsync("main", Actor.ApiKey("dev"));
        await FinishAsync(before.Id);
    }

    private async Task AssertSameAsync(
        string difference, Payout expected, PayoutEvent? happened, string[]? but = null)
    {
        await using var db = stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContext();
        var row = await db.Payouts.SingleAsync(one => one.Id == expected.Id);
        foreach (var property in db.Entry(row).Properties.Where(one => but?.Contains(one.Metadata.Name) is not true))
        {
            var wanted = property.Metadata.PropertyInfo!.GetValue(expected);
            Assert.Equal(
                $"{difference}: {property.Metadata.Name} {JsonSerializer.Serialize(wanted)}",
                $"{difference}: {property.Metadata.Name} {JsonSerializer.Serialize(property.CurrentValue)}");
        }

        var last = await db.PayoutEvents.Where(one => one.PayoutId == row.Id && one.Version == row.Version)
            .SingleAsync();
        if (happened is null)
        {
            Assert.Equal(EventKind.Accepted, last.Kind);
            return;
        }

        Assert.Equal(
            (happened.Version, happened.At, happened.Actor, happened.Kind, happened.From, happened.To),
            (last.Version, last.At, last.Actor, last.Kind, last.From, last.To));
        Assert.Equal(
            (happened.HoldReason, happened.Attention, happened.ConfirmedBy, happened.TransactionNo),
            (last.HoldReason, last.Attention, last.ConfirmedBy, last.TransactionNo));
        Assert.Equal((happened.FeeMinor, happened.ReplacedBy), (last.FeeMinor, last.ReplacedBy));
        Assert.Equal(happened.Detail, last.Detail);
    }

    private async Task<Payout> QueuedAsync(string difference) =>
        await ChangedAsync((await stage.PayoutAsync(await stage.PayAsync())).Id, difference);

    private async Task<Payout> ChangedAsync(Guid id, string difference)
    {
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString, $"UPDATE payouts SET {difference} WHERE id = '{id}'");
        await using var db = stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContext();
        return await db.Payouts.SingleAsync(row => row.Id == id);
    }

    private Task FinishAsync(Guid id) => TestDatabase.ExecuteAsync(
        stage.ConnectionString, $"UPDATE payouts SET holds = 0, due_at = due_at + interval '1 year' WHERE id = '{id}'");
}
