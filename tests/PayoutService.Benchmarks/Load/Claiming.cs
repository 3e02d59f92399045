using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayoutService.Benchmarks.World;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;

namespace PayoutService.Benchmarks.Load;

/// <summary>Claims by the service's own store, a statement after the other as its dispatcher does, in a process of its
/// own: nothing over HTTP asks for a claim alone.</summary>
internal static class Claiming
{
    public const string Verb = "claim";

    private static readonly Capacity[] Rooms = [new(Service.Merchant, PayoutClaims.BatchSize)];

    /// <summary>Starts the process and waits for what it found out.</summary>
    /// <param name="bench">Where everything runs.</param>
    /// <param name="database">The database, with a backlog.</param>
    /// <param name="time">For how long.</param>
    /// <param name="questions">Claims what is due to be asked about, instead of what is due to be sent.</param>
    public static async Task<LoadResult> StartAsync(
        Bench bench, string database, TimeSpan time, bool questions = false)
    {
        var seconds = time.TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
        var log = bench.FileOf("claim.log");
        File.Delete(log);
        await using var process = ChildProcess.Start(
            ThisProgram.Assembly, [Verb, bench.Postgres.To(database), seconds, questions ? "ask" : "send"],
            ThisProgram.AsTheService(), log);
        var code = await process.EndAsync();
        var output = await File.ReadAllTextAsync(log);
        if (code != 0)
        {
            throw new InvalidOperationException($"Claiming failed ({code}): {output}");
        }

        double[] told = [.. output.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        var claimed = (long)told[0];
        return claimed == 0 ? throw new InvalidOperationException("There was nothing to claim.") : new LoadResult(
            told[1], claimed, new Dictionary<int, long>(), [.. told[2..].Order()]);
    }

    /// <summary>Claims for so long, rows by the hundred, and prints how many in how many seconds, and how long each
    /// statement took.</summary>
    public static async Task RunAsync(string connectionString, double seconds, bool questions)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        services.AddSingleton(TimeProvider.System).AddSingleton(new PayoutRules());
        StorageSetup.Add(
            services,
            new ConnectionStrings(connectionString, connectionString),
            "fingerprints-of-the-benchmark"u8.ToArray());
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<PayoutClaims>();

        // The first statements build the model and compile the code.
        for (var warm = 0; warm < 5; warm++)
        {
            await ClaimAsync(store, questions);
        }

        var claimed = 0;
        List<double> took = [];
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            var before = Stopwatch.GetTimestamp();
            var rows = await ClaimAsync(store, questions);
            if (rows == 0)
            {
                break;
            }

            claimed += rows;
            took.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        var lasted = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double[] told = [claimed, lasted, .. took];
        Console.WriteLine(string.Join(' ', told.Select(number => number.ToString("R", CultureInfo.InvariantCulture))));
    }

    private static async Task<int> ClaimAsync(PayoutClaims store, bool questions)
    {
        var batch = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var rows = questions
            ? await store.ClaimInquiriesAsync(Rooms, PayoutClaims.BatchSize)
            : await store.ClaimDueAsync(Rooms, PayoutClaims.BatchSize, batch);
        return rows.Count;
    }
}
