using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;

namespace PayoutService.Storage;

/// <summary>What keeps the service from its work, in sentences.</summary>
internal sealed class Readiness(
    IDbContextFactory<PayoutDb> databases, NpgsqlDataSource source, PayoutRules rules, TimeProvider clock)
{
    /// <summary>A probe that hangs is worse than one that says no.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>What keeps the service from its work, and what is worth knowing all the same.</summary>
    public async Task<(IReadOnlyList<string> Problems, IReadOnlyList<string> Notes)> CheckAsync(
        CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var problems = await CheckServerAsync(patience.Token);
            await using var db = await databases.CreateDbContextAsync(patience.Token);
            if ((await db.Database.GetPendingMigrationsAsync(patience.Token)).Any())
            {
                problems.Add("The database lacks a migration: run the service's verb 'migrate'.");
                return (problems, []);
            }

            if (await Restore.IsOutdatedAsync(db, rules.RestoreMarker, patience.Token))
            {
                problems.Add(Restore.Outdated(rules.RestoreMarker));
            }

            if (problems.Count == 0 && !await Present.IsPresentAsync(db, rules, patience.Token))
            {
                problems.Add("The database was restored or taken over by another server, which is not noted yet: "
                    + "nothing is sent, and what was sent is not known.");
            }

            var pauses = await db.Pauses.AsNoTracking().OrderBy(row => row.Merchant).ToListAsync(patience.Token);
            return (problems, [.. pauses.Select(Note)]);
        }
        catch (Exception broken) when (Database.IsAway(broken) || broken is OperationCanceledException)
        {
            return (["The database does not answer."], []);
        }
    }

    private static string Note(Pause pause) =>
        $"Sending of {pause.Merchant} is paused by {pause.Actor}: {pause.Reason}";

    private async Task<List<string>> CheckServerAsync(CancellationToken cancel)
    {
        await using var ask = source.CreateCommand("""
            SELECT clock_timestamp(), current_setting('fsync'), current_setting('synchronous_commit'),
                   current_setting('default_transaction_read_only')
            """);
        await using var row = await ask.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        List<string> problems = [];
        var skew = (await row.GetFieldValueAsync<DateTimeOffset>(0, cancel) - clock.GetUtcNow()).Duration();
        if (skew > rules.MaxClockSkew)
        {
            problems.Add($"Our clock and the database's differ by {skew.TotalSeconds:F0} s: sending is stopped.");
        }

        if (row.GetString(1) != "on")
        {
            problems.Add("The database runs with fsync=off: a power cut would lose payouts.");
        }

        if (row.GetString(2) == "off")
        {
            problems.Add("The database runs with synchronous_commit=off: a crash would lose payouts.");
        }

        if (row.GetString(3) == "on")
        {
            problems.Add("The database is read-only.");
        }

        return problems;
    }
}
