using PayoutService.Payouts;

namespace PayoutService.Storage;

/// <summary>News of one payout.</summary>
/// <param name="PayoutId">The payout an answer of Pockyt's is about; null for a notice, which names its own.</param>
/// <param name="Notice">The notice that brought it; null for an answer.</param>
/// <param name="Read">What it says, held against the row it is about.</param>
internal sealed record News(Guid? PayoutId, Notice? Notice, Func<Payout, Report> Read);

/// <summary>What became of news.</summary>
/// <param name="Payout">The payout as it is now; null when there is none.</param>
/// <param name="Report">What the news said; null when there is no payout to say it of.</param>
internal readonly record struct Recorded(Payout? Payout, Report? Report);

/// <content>Recording what Pockyt says: whoever waits is recorded in one transaction.</content>
internal sealed partial class PayoutStore
{
    /// <summary>Writes down what we were told about a payout, and what follows from it.
    /// Telling it twice is harmless.</summary>
    public async Task<Payout> RecordAsync(Guid id, Report report, CancellationToken cancel)
    {
        var recorded = await records.AddAsync(new News(id, Notice: null, _ => report), cancel);
        return recorded.Payout
            ?? throw new InvalidOperationException($"There is no payout {id} to record a report for.");
    }

    /// <summary>Keeps a verified notice and applies it, together. The same notice again changes nothing; one about a
    /// payout that we do not have is kept all the same.</summary>
    /// <param name="notice">The notice, of a payout.</param>
    /// <param name="read">What the notice says of its payout.</param>
    /// <param name="cancel">Gives up; the notice is then not acknowledged, and comes again.</param>
    public Task<Recorded> RecordNoticeAsync(Notice notice, Func<Payout, Report> read, CancellationToken cancel) =>
        records.AddAsync(new News(PayoutId: null, notice, read), cancel);

    private async Task<Recorded[]> RecordAsync(IReadOnlyList<News> news)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var group = await RecordGroup.LockAsync(db, news);
        var results = await group.ApplyAsync(clock.GetUtcNow(), rules);
        foreach (var pause in group.Pauses.OrderBy(pause => pause.Merchant, StringComparer.Ordinal))
        {
            await InsertAsync(db, pause, CancellationToken.None);
        }

        await group.WriteAsync();
        return results;
    }
}
