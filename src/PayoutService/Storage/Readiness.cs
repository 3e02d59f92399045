using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage;

/// <summary>The problems that keep the service from its work, in sentences.</summary>
internal sealed class Readiness(
    IDbContextFactory<PayoutDb> databases,
    NpgsqlDataSource source,
    IPayoutGateway gateway,
    PayoutRules rules,
    TimeProvider clock)
{
    /// <summary>A probe that hangs is worse than one that says no.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>The time that a commit may wait for the synchronous standby before it is worth a note: each waits a
    /// little. </summary>
    private static readonly TimeSpan ReplicationTime = TimeSpan.FromSeconds(2);

    private DateTimeOffset? unreplicatedSince;

    /// <summary>Problems that another replica or server would not have, and notes that are worth knowing.
    /// </summary>
    public async Task<(IReadOnlyList<string> Problems, IReadOnlyList<string> Notes)> CheckAsync(
        CancellationToken cancel)
    {
        try
        {
            return await CheckAsync().WaitAsync(Limit, cancel);
        }
        catch (Exception broken) when (PostgresFailures.IsUnavailable(broken))
        {
            return (["The database does not answer."], []);
        }
    }

    /// <summary>It goes on when nobody waits for it any more: a connection that is cut off in mid-answer would be lost
    /// to others for longer.</summary>
    private async Task<(List<string> Problems, List<string> Notes)> CheckAsync()
    {
        var (problems, notes) = await CheckServerAsync();
        await using var db = await databases.CreateDbContextAsync();
        if ((await db.Database.GetPendingMigrationsAsync()).Any())
        {
            problems.Add("The database lacks a migration: run the service's verb 'migrate'.");
            return (problems, notes);
        }

        if (await DatabaseEpoch.IsOutdatedAsync(db, rules.RestoreMarker))
        {
            problems.Add(DatabaseEpoch.Outdated(rules.RestoreMarker));
        }

        if (problems.Count == 0 && !await DatabaseState.IsPresentAsync(db, rules))
        {
            problems.Add("The database was restored or taken over by another server, which is not noted yet: "
                + "nothing is sent, and what was sent is not known.");
        }

        var pauses = await db.Pauses.AsNoTracking().OrderBy(row => row.Merchant).ToListAsync();
        notes.InsertRange(0, pauses.Select(Note));
        if (gateway.AwaySince is { } since)
        {
            notes.Add($"Pockyt does not answer since {At(since)}: nothing is sent, and nothing is asked about.");
        }

        notes.AddRange(gateway.Oddities);
        notes.AddRange((await ForgottenAsync(db)).Select(merchant =>
            $"{merchant} has open payouts and is not in the settings: they are neither sent nor asked about."));
        return (problems, notes);
    }

    private static string Note(Pause pause) =>
        $"Sending of {pause.Merchant} is paused by {pause.Actor.Name} since {At(pause.Since)}: {pause.Reason}";

    private static string At(DateTimeOffset time) => $"{time:yyyy-MM-dd'T'HH:mm:ss'Z'}";

    /// <summary>Merchants with something open whom the settings do not name.</summary>
    private Task<List<string>> ForgottenAsync(PayoutDb db) =>
        db.Database.SqlQuery<string>($"""
            -- merchants.forgotten
            SELECT merchant AS "Value" FROM known_merchants() AS known (merchant)
            WHERE merchant <> ALL ({gateway.Merchants}) AND EXISTS (
                SELECT FROM payouts
                WHERE payouts.merchant = known.merchant AND status <> 'canceled' AND confirmed_by IS NULL)
            ORDER BY merchant
            """).ToListAsync();

    private async Task<(List<string> Problems, List<string> Notes)> CheckServerAsync()
    {
        await using var ask = source.CreateCommand("""
            -- server.check
            SELECT clock_timestamp(), pg_is_in_recovery(), current_setting('transaction_read_only'),
                   current_setting('fsync'), current_setting('synchronous_commit'),
                   current_setting('synchronous_standby_names') <> '' AND NOT EXISTS (SELECT FROM pg_stat_replication),
                   (SELECT min(xact_start) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event = 'SyncRep'),
                   has_table_privilege('history', 'UPDATE'), current_setting('random_page_cost')::float8
            """);
        await using var row = await ask.ExecuteReaderAsync();
        await row.ReadAsync();
        var now = await row.GetFieldValueAsync<DateTimeOffset>(0);
        List<string> problems = [];
        List<string> notes = [];
        var skew = (now - clock.GetUtcNow()).Duration();
        if (skew > rules.MaxClockSkew)
        {
            problems.Add($"Our clock and the database's differ by {skew.TotalSeconds:F0} s: sending is stopped.");
        }

        if (row.GetBoolean(1))
        {
            problems.Add("The database is a standby, which takes no writes.");
        }
        else if (row.GetString(2) == "on")
        {
            problems.Add("The database is read-only.");
        }

        if (row.GetString(3) != "on")
        {
            notes.Add("The database runs with fsync=off: a power cut would lose payouts.");
        }

        if (row.GetString(4) is not ("on" or "remote_apply") and var commits)
        {
            problems.Add($"The service's sessions have synchronous_commit={commits}: a crash would lose payouts.");
        }

        if (row.GetDouble(8) > 2)
        {
            notes.Add($"The service's sessions have random_page_cost={row.GetDouble(8)}: whole tables may be read.");
        }

        if (row.GetBoolean(7))
        {
            notes.Add("The service runs as a database role that may change history and notices: run it as another than "
                + "the owner of the tables (ConnectionStrings:Owner).");
        }

        // A waiting caller gives up after a while, so the first wait that was seen is remembered.
        var waiting = await row.GetFieldValueAsync<DateTimeOffset?>(6);
        unreplicatedSince = row.GetBoolean(5) || now - waiting > ReplicationTime
            ? unreplicatedSince ?? waiting ?? now
            : null;
        if (unreplicatedSince is { } since)
        {
            notes.Add($"Commits are not replicated since {At(since)}: the synchronous standby "
                + "does not answer, so nothing new is accepted or sent.");
        }

        return (problems, notes);
    }
}
