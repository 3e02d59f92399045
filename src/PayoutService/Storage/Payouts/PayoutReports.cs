using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage.Payouts;

/// <summary>A report about one payout, before its row is locked.</summary>
/// <param name="PayoutId">The payout an answer of Pockyt's is about; null for a notice, which names its own.</param>
/// <param name="Notice">The notice that brought it; null for an answer.</param>
/// <param name="Transaction">Pockyt's transaction number, if reported.</param>
/// <param name="Read">Compares the report with the row it is about.</param>
internal sealed record IncomingReport(
    Guid? PayoutId, Notice? Notice, TransactionKey Transaction, Func<Payout, Report> Read);

/// <summary>A number of Pockyt's, unique within a merchant.</summary>
internal readonly record struct TransactionKey(string Merchant, string? No);

/// <summary>A recorded report.</summary>
/// <param name="Payout">The payout as it is now; null when there is none.</param>
/// <param name="Report">What was reported; null when there is no such payout.</param>
internal readonly record struct Recorded(Payout? Payout, Report? Report);

/// <summary>Records reports about payouts by group commit: all queued reports share one transaction.</summary>
internal sealed class PayoutReports
{
    private readonly IDbContextFactory<PayoutDb> databases;
    private readonly PayoutRules rules;
    private readonly DatabaseClock clock;
    private readonly WakeUps wakeUps;
    private readonly bool prepares;
    private readonly GroupCommit<IncomingReport, Recorded> commits;

    public PayoutReports(
        IDbContextFactory<PayoutDb> databases,
        PayoutRules rules,
        DatabaseClock clock,
        WakeUps wakeUps,
        ConnectionStrings connections)
    {
        prepares = !connections.BehindPooler;
        this.wakeUps = wakeUps;
        this.databases = databases;
        this.rules = rules;
        this.clock = clock;
        commits = new GroupCommit<IncomingReport, Recorded>("reports", RecordBatchAsync);
    }

    /// <summary>Writes down what we were told about a payout, and what follows from it.
    /// Telling it twice is harmless.</summary>
    public async Task<Payout> RecordAsync(Payout payout, Report report, CancellationToken cancel)
    {
        var transaction = new TransactionKey(payout.Merchant, report.TransactionNo);
        var recorded = await commits.AddAsync(new IncomingReport(payout.Id, Notice: null, transaction, Read), cancel);
        return recorded.Payout
            ?? throw new InvalidOperationException($"There is no payout {payout.Id} to record a report for.");

        // A database that lost our claim may have given its number to another's.
        Report Read(Payout row) =>
            report.Claim == row.Claim && payout.ClaimedBy != row.ClaimedBy ? report with { Claim = null } : report;
    }

    /// <summary>Keeps a verified notice and applies it, together. The same notice again changes nothing; one about a
    /// payout that we do not have is kept all the same.</summary>
    /// <param name="notice">The notice, of a payout.</param>
    /// <param name="transactionNo">What the notice calls the transaction.</param>
    /// <param name="read">What the notice says of its payout.</param>
    /// <param name="cancel">Gives up; the notice is then not acknowledged, and comes again.</param>
    /// <exception cref="TimeoutException">The database did not answer in time.</exception>
    public Task<Recorded> RecordNoticeAsync(
        Notice notice, string? transactionNo, Func<Payout, Report> read, CancellationToken cancel)
    {
        var transaction = new TransactionKey(notice.Merchant, transactionNo);
        var report = new IncomingReport(PayoutId: null, notice, transaction, read);
        return Patience.InTimeAsync(token => commits.AddAsync(report, token), rules.CallerPatience, cancel);
    }

    private async Task<Served<Recorded>[]> RecordBatchAsync(IReadOnlyList<IncomingReport> reports, bool mayWait)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var group = await ReportBatch.LockAsync(db, reports, mayWait);
        var now = clock.GetUtcNow();
        var results = await group.ApplyAsync(now, rules);
        foreach (var pause in group.Pauses.OrderBy(pause => pause.Merchant, StringComparer.Ordinal))
        {
            if (await SendingStore.InsertAsync(db, pause) > 0)
            {
                group.Began(pause);
            }
        }

        await group.WriteAsync(prepares);

        // Most answers to a send leave nothing to ask about for seconds, and a pass that finds nothing makes the next
        // one wait: the notice would come a moment later.
        var isDue = Array.Exists(results, one => one.Result.Payout?.DueAt <= now);
        wakeUps.Signal(isDue ? Work.Inquiries | Work.History : Work.History, reports.Count);
        return results;
    }
}
