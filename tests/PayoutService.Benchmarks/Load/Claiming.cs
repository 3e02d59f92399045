using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using PayoutService.Benchmarks.World;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;

namespace PayoutService.Benchmarks.Load;

/// <summary>A statement that claimed.</summary>
/// <param name="At">The seconds since the first began.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Milliseconds">How long it took.</param>
internal readonly record struct Claimed(double At, int Rows, double Milliseconds);

/// <summary>Claims by the service's own store, a statement after the other as its dispatcher does, in a process of its
/// own: nothing over HTTP asks for a claim alone.</summary>
internal static class Claiming
{
    public const string Verb = "claim";

    /// <summary>What is due to be sent.</summary>
    public const string Sends = "send";

    /// <summary>What is due to be asked about.</summary>
    public const string Questions = "ask";

    /// <summary>What is due to be sent, as queues are often built: the oldest hundred, whatever was claimed before
    /// them. Planted, to see whether the measurement notices.</summary>
    public const string FromTheOldest = "oldest";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>Starts the process and waits for what it found out.</summary>
    public static async Task<LoadResult> StartAsync(
        Bench bench, string database, TimeSpan time, bool questions = false)
    {
        var statements = await ListAsync(bench, database, time, questions ? Questions : Sends);
        return new LoadResult(
            statements[^1].At + statements[^1].Milliseconds / 1000,
            statements.Sum(one => one.Rows),
            new Dictionary<int, long>(),
            [.. statements.Select(one => one.Milliseconds).Order()]);
    }

    /// <summary>The same, statement by statement.</summary>
    /// <param name="bench">Where everything runs.</param>
    /// <param name="database">The database, with a backlog.</param>
    /// <param name="time">For how long.</param>
    /// <param name="what">Which rows.</param>
    /// <param name="rate">Rows a second, in claims of what came since the last; null: as fast as it can.</param>
    /// <param name="most">Ends after so many rows.</param>
    public static async Task<IReadOnlyList<Claimed>> ListAsync(
        Bench bench, string database, TimeSpan time, string what, int? rate = null, int most = int.MaxValue)
    {
        var log = bench.FileOf("claim.log");
        File.Delete(log);
        await using var process = ChildProcess.Start(
            ThisProgram.Assembly,
            [Verb, bench.Postgres.To(database), Text(time.TotalSeconds), what, Text(rate ?? 0), Text(most)],
            ThisProgram.AsTheService(), log);
        var code = await process.EndAsync();
        var output = await File.ReadAllTextAsync(log);
        if (code != 0)
        {
            throw new InvalidOperationException($"Claiming failed ({code}): {output}");
        }

        Claimed[] statements =
        [
            .. from line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
               let words = line.Split(' ')
               select new Claimed(Number(words[0]), (int)Number(words[1]), Number(words[2])),
        ];
        return statements.Length > 0 ? statements
            : throw new InvalidOperationException("There was nothing to claim.");
    }

    /// <summary>Claims for so long and prints a line for each statement.</summary>
    public static async Task RunAsync(string connectionString, double seconds, string what, int rate, int most)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        services.AddSingleton(TimeProvider.System).AddSingleton(new PayoutRules());
        StorageSetup.Add(
            services,
            new ConnectionStrings(connectionString, connectionString),
            "fingerprints-of-the-benchmark"u8.ToArray());
        await using var provider = services.BuildServiceProvider();
        var claims = provider.GetRequiredService<PayoutClaims>();
        var source = provider.GetRequiredService<NpgsqlDataSource>();

        // The first statements build the model and compile the code.
        for (var warm = 0; warm < 5; warm++)
        {
            await ClaimAsync(claims, source, what, rate > 0 ? 10 : PayoutClaims.BatchSize);
        }

        List<Claimed> claimed = [];
        var (rows, began) = (0, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(began).TotalSeconds is var at && at < seconds && rows < most)
        {
            var due = rate > 0 ? (int)(at * rate) - rows : PayoutClaims.BatchSize;
            if (due > 0)
            {
                var before = Stopwatch.GetTimestamp();
                var found = await ClaimAsync(claims, source, what, Math.Min(due, PayoutClaims.BatchSize));
                claimed.Add(new Claimed(at, found, Stopwatch.GetElapsedTime(before).TotalMilliseconds));
                rows += found;
                if (found == 0)
                {
                    break;
                }
            }

            if (due < PayoutClaims.BatchSize)
            {
                await Task.Delay(Tick, TimeProvider.System);
            }
        }

        foreach (var one in claimed)
        {
            Console.WriteLine($"{Text(one.At)} {Text(one.Rows)} {Text(one.Milliseconds)}");
        }
    }

    private static async Task<int> ClaimAsync(PayoutClaims claims, NpgsqlDataSource source, string what, int limit)
    {
        Capacity[] capacities = [new(Service.Merchant, limit)];
        var batch = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        return what switch
        {
            Questions => (await claims.ClaimInquiriesAsync(capacities, limit)).Count,
            FromTheOldest => await ClaimFromTheOldestAsync(source, limit, batch),
            _ => (await claims.ClaimDueAsync(capacities, limit, batch)).Count,
        };
    }

    private static async Task<int> ClaimFromTheOldestAsync(NpgsqlDataSource source, int limit, Guid batch)
    {
        await using var claim = source.CreateCommand("""
            WITH due AS (
                SELECT id FROM payouts
                WHERE status = 'queued' AND merchant = 'main' AND currency = 'USD' AND due_at <= now()
                ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED),
            claimed AS (
                UPDATE payouts SET
                    status = 'submitting', status_since = now(), version = version + 1, updated_at = now(),
                    claim = coalesce(claim, 0) + 1, claimed_by = $2, lease_until = now() + interval '90 s',
                    due_at = now() + interval '90 s',
                    open_sends = array_append(open_sends, coalesce(claim, 0) + 1), sends = sends + 1,
                    signed_at = now(), request_id = md5(merchant || '/' || invoice_id || '-' || (sends + 1))::uuid
                FROM due WHERE payouts.id = due.id
                RETURNING payouts.*),
            written AS (
                INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail)
                SELECT id, version, now(), 'dispatcher', 'claimed', 'queued', 'submitting', jsonb_build_object()
                FROM claimed)
            SELECT count(*) FROM claimed
            """);
        claim.Parameters.AddWithValue(limit);
        claim.Parameters.AddWithValue(batch);
        return (int)(long)(await claim.ExecuteScalarAsync())!;
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
