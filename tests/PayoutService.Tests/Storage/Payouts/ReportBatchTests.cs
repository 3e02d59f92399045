using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage.Payouts;

/// <summary>News that are recorded in one transaction: each is taken in as if it came alone.</summary>
public sealed class ReportBatchTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();
    private readonly ConcurrentBag<string> broken = [];

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_crowd_is_recorded_in_a_few_transactions_and_each_payout_moves_once()
    {
        var claimed = await ClaimedAsync(400);

        var recorded = await Task.WhenAll(claimed.Select(payout => AnswerAsync(payout)));

        Assert.Equal(claimed.Select(payout => payout.Id), recorded.Select(payout => payout.Id));
        Assert.All(recorded, payout => Assert.Equal(PayoutStatus.Processing, payout.Status));
        await using var db = await DbAsync();
        var rows = await db.Payouts.AsNoTracking().ToListAsync();
        Assert.All(rows, row => Assert.Equal((PayoutStatus.Processing, 3), (row.Status, row.Version)));
        Assert.All(rows, row => Assert.Equal($"T-{row.InvoiceId}", row.TransactionNo));
        Assert.Equal(400, await db.PayoutEvents.CountAsync(row => row.Version == 3));
        var transactions = await db.Database.SqlQuery<long>($"""
            SELECT count(DISTINCT xmin::text) AS "Value" FROM payouts
            """).SingleAsync();
        Assert.InRange(transactions, 1, 100);
    }

    [Fact]
    public async Task News_of_one_payout_in_one_group_are_taken_in_one_after_the_other()
    {
        var payout = Assert.Single(await ClaimedAsync(1));

        await Task.WhenAll(
            NoticeAsync(payout, ReportKind.Settled), AnswerAsync(payout), NoticeAsync(payout, ReportKind.Reversed));

        var row = await stage.PayoutAsync(payout.InvoiceId);
        Assert.Equal((PayoutStatus.Returned, null), (row.Status, row.Attention));
        Assert.Equal([1, 2, 3, 4], (await stage.EventsAsync(payout.InvoiceId)).Select(happened => happened.Version));
    }

    [Fact]
    public async Task The_same_notice_many_times_in_one_group_is_one_row_and_one_event()
    {
        var payout = Assert.Single(await ClaimedAsync(1));

        await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => NoticeAsync(payout, ReportKind.Settled)));
        await NoticeAsync(payout, ReportKind.Settled);

        Assert.Single(await stage.NoticesAsync(payout.InvoiceId), row => row.PayoutId == payout.Id);
        Assert.Equal([1, 2, 3], (await stage.EventsAsync(payout.InvoiceId)).Select(happened => happened.Version));
    }

    [Fact]
    public async Task Of_two_payouts_that_are_told_one_transaction_number_in_one_group_one_has_it()
    {
        var claimed = await ClaimedAsync(2);

        await Task.WhenAll(claimed.Select(payout => AnswerAsync(payout, "T-1")));

        Assert.Equal("T-1", (await stage.PayoutAsync(claimed[0].InvoiceId)).TransactionNo);
        var other = await stage.PayoutAsync(claimed[1].InvoiceId);
        Assert.Equal((Attention.Mismatch, null), (other.Attention, other.TransactionNo));
    }

    [Fact]
    public async Task A_transaction_number_that_another_payout_has_is_not_taken_over_from_a_notice()
    {
        var claimed = await ClaimedAsync(2);
        await AnswerAsync(claimed[0], "T-1");

        await NoticeAsync(claimed[1], ReportKind.Settled, transactionNo: "T-1");

        var other = await stage.PayoutAsync(claimed[1].InvoiceId);
        Assert.Equal((Attention.Mismatch, null), (other.Attention, other.TransactionNo));
    }

    [Fact]
    public async Task Access_that_is_denied_to_many_in_one_group_pauses_their_merchant()
    {
        var claimed = await ClaimedAsync(20);

        await Task.WhenAll(claimed.Select(payout => stage.Reports.RecordAsync(
            payout,
            new Report(ReportKind.Postponed, Source.Reply)
            {
                Claim = payout.Claim,
                HoldReason = HoldReason.Access,
                Code = "000030",
            },
            CancellationToken.None)));

        var pause = (await stage.Sending.PausesOfAsync("main")).FirstOrDefault();
        Assert.Equal(Actor.Provider, pause?.Actor);
        Assert.All(
            await Task.WhenAll(claimed.Select(payout => stage.PayoutAsync(payout.InvoiceId))),
            row => Assert.Equal((PayoutStatus.Held, Attention.Access), (row.Status, row.Attention)));
    }

    [Fact]
    public async Task News_of_a_payout_that_we_do_not_have_fail_only_their_caller_and_its_notice_is_kept()
    {
        var claimed = await ClaimedAsync(50);
        var nobody = Payout("nobody");

        var stray = NoticeAsync(nobody, ReportKind.Settled);
        var lost = AnswerAsync(nobody);
        await Task.WhenAll(claimed.Select(payout => AnswerAsync(payout)));

        Assert.Null((await stray).Payout);
        Assert.Single(await stage.NoticesAsync("nobody"), row => row.PayoutId is null);
        await Assert.ThrowsAsync<InvalidOperationException>(() => lost);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_fails_only_its_own_callers()
    {
        var claimed = await ClaimedAsync(100);
        await SetAsync(claimed[33].InvoiceId, "content = '[]'");

        var recorded = await Task.WhenAll(claimed.Select(payout => SucceedsAsync(AnswerAsync(payout))));

        Assert.Equal([33], Failures(recorded));
    }

    [Fact]
    public async Task A_row_that_somebody_keeps_locked_holds_up_only_its_own_callers()
    {
        var claimed = await ClaimedAsync(8);
        await using var source = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(stage.ConnectionString));
        await using var connection = await source.OpenConnectionAsync();
        await using var locking = await connection.BeginTransactionAsync();
        await using var keep = new NpgsqlCommand(
            $"SELECT FROM payouts WHERE invoice_id = '{claimed[3].InvoiceId}' FOR UPDATE", connection);
        await keep.ExecuteNonQueryAsync();

        var recorded = await Task.WhenAll(claimed.Select(payout => SucceedsAsync(AnswerAsync(payout))));

        Assert.Equal([3], Failures(recorded));
        Assert.All(broken, failure => Assert.Equal(PostgresErrorCodes.LockNotAvailable, failure));
        await locking.RollbackAsync();
        Assert.Equal(PayoutStatus.Processing, (await AnswerAsync(claimed[3])).Status);
    }

    [Fact]
    public async Task Nobody_waits_for_a_row_that_somebody_else_keeps_locked()
    {
        var claimed = await ClaimedAsync(100);
        await using var source = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(stage.ConnectionString));
        await using var connection = await source.OpenConnectionAsync();
        await using var locking = await connection.BeginTransactionAsync();
        await using var keep = new NpgsqlCommand(
            $"UPDATE payouts SET due_at = due_at WHERE invoice_id = '{claimed[3].InvoiceId}'", connection);
        await keep.ExecuteNonQueryAsync();

        var waited = Stopwatch.StartNew();
        var locked = AnswerAsync(claimed[3]);
        var notice = NoticeAsync(claimed[3], ReportKind.Settled);
        await Task.WhenAll(claimed.Where(payout => payout != claimed[3]).Select(payout => AnswerAsync(payout)));
        var others = waited.Elapsed;
        await locking.CommitAsync();
        await Task.WhenAll(locked, notice);

        // One that waits for the row gives up after 2 s: the others are done long before.
        Assert.True(others < TimeSpan.FromSeconds(1.9), $"{others}");
        Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync(claimed[3].InvoiceId)).Status);
        Assert.Single(await stage.NoticesAsync(claimed[3].InvoiceId));
    }

    [Fact]
    public async Task Two_replicas_that_record_news_of_the_same_payouts_in_any_order_lose_none()
    {
        var claimed = await ClaimedAsync(300);
        var other = new PayoutReports(
            stage.Get<IDbContextFactory<PayoutDb>>(),
            stage.Rules,
            stage.Get<DatabaseClock>(),
            new WakeUps(),
            stage.Get<ConnectionStrings>());

        await Task.WhenAll(claimed.Select(payout => AnswerAsync(payout)).Concat<Task>(
            claimed.AsEnumerable().Reverse().Select(payout => NoticeAsync(payout, ReportKind.Settled, other))));

        await using var db = await DbAsync();
        Assert.Equal(300, await db.Notices.CountAsync(row => row.PayoutId != null));
        var rows = await db.Payouts.AsNoTracking().ToListAsync();
        Assert.All(rows, row => Assert.Equal((PayoutStatus.Succeeded, null), (row.Status, row.Attention)));
    }

    /// <summary>Plans are kept for a connection, and those of the first payout were made for a table that is all but
    /// empty.</summary>
    [Fact]
    public async Task What_a_claim_and_its_report_read_does_not_grow_with_the_table()
    {
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString, "ALTER TABLE payouts SET (autovacuum_enabled = off); ANALYZE payouts");
        var first = Assert.Single(await ClaimedAsync(1));
        await AnswerAsync(first);
        await NoticeAsync(first, ReportKind.Settled);
        await stage.PayAsync();
        await ManyPayouts.GrowAsync(stage.ConnectionString);

        var next = Assert.Single(await ClaimOneAsync());
        await AnswerAsync(next);
        await NoticeAsync(next, ReportKind.Settled);
        await stage.Claims.ClaimInquiriesAsync([new("main", 1)], 1);

        Assert.InRange(await stage.RowsReadAsync(), 0, 200);
    }

    /// <summary>Their statements are prepared, and PostgreSQL executes none whose result has changed.</summary>
    [Fact]
    public async Task A_column_that_a_newer_version_adds_disturbs_no_claim_and_no_report()
    {
        var first = Assert.Single(await ClaimedAsync(1));
        await AnswerAsync(first);
        await stage.Claims.ClaimInquiriesAsync([new("main", 1)], 1);
        await stage.PayAsync();
        await ClaimOneAsync();
        await stage.PayAsync();
        await TestDatabase.ExecuteAsync(stage.ConnectionString, "ALTER TABLE payouts ADD COLUMN added_later text");

        var next = Assert.Single(await ClaimOneAsync());
        await AnswerAsync(next);
        await NoticeAsync(next, ReportKind.Settled);
        await stage.Claims.ClaimInquiriesAsync([new("main", 1)], 1);

        Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync(next.InvoiceId)).Status);
    }

    private static IEnumerable<int> Failures(bool[] recorded) =>
        recorded.Index().Where(one => !one.Item).Select(one => one.Index);

    private static Payout Payout(string invoiceId) => PayoutBuilder.Queued(invoiceId: invoiceId);

    private async Task<bool> SucceedsAsync(Task<Payout> recording)
    {
        try
        {
            await recording;
            return true;
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            broken.Add((failed.GetBaseException() as PostgresException)?.SqlState ?? failed.GetType().Name);
            return false;
        }
    }

    /// <summary>Claims once: a claim that failed would be tried again.</summary>
    private Task<List<Payout>> ClaimOneAsync() => stage.Claims.ClaimDueAsync(
        [new("main", 1)], 1, Guid.CreateVersion7(stage.Clock.GetUtcNow()));

    private async Task<List<Payout>> ClaimedAsync(int count)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => stage.PayAsync()));
        List<Payout> claimed = [];
        while (claimed.Count < count)
        {
            var batch = Guid.CreateVersion7(stage.Clock.GetUtcNow());
            claimed.AddRange(await stage.Claims.ClaimDueAsync([new("main", 100)], 100, batch));
        }

        return [.. claimed.OrderBy(payout => payout.Id)];
    }

    private Task<Payout> AnswerAsync(Payout claimed, string? transactionNo = null) => stage.Reports.RecordAsync(
        claimed,
        new Report(ReportKind.Acknowledged, Source.Reply)
        {
            Claim = claimed.Claim,
            TransactionNo = transactionNo ?? $"T-{claimed.InvoiceId}",
        },
        CancellationToken.None);

    private Task<Recorded> NoticeAsync(
        Payout payout, ReportKind kind, PayoutReports? reports = null, string? transactionNo = null)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{payout.InvoiceId} {kind}");
        var notice = new Notice
        {
            Merchant = "main",
            Hash = SHA256.HashData(Encoding.UTF8.GetBytes(text)),
            InvoiceId = payout.InvoiceId,
            Text = text,
            ReceivedAt = stage.Clock.GetUtcNow(),
        };
        return (reports ?? stage.Reports).RecordNoticeAsync(
            notice,
            transactionNo,
            _ => new Report(kind, Source.Notice) { TransactionNo = transactionNo },
            CancellationToken.None);
    }

    private Task SetAsync(string invoiceId, string change) => TestDatabase.ExecuteAsync(
        stage.ConnectionString, $"UPDATE payouts SET {change} WHERE invoice_id = '{invoiceId}'");

    private Task<PayoutDb> DbAsync() => stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
}
