using System.Diagnostics;

namespace PayoutService.Benchmarks.Load;

/// <summary>What a load came to.</summary>
/// <param name="Seconds">Until the last answer was there: what was in flight when the time was over counts, and so does
/// the time it took.</param>
/// <param name="Total">How many answers came.</param>
/// <param name="Statuses">How many of them had which status.</param>
/// <param name="Latencies">How long each took, in milliseconds, the shortest first.</param>
internal sealed record LoadResult(
    double Seconds, long Total, IReadOnlyDictionary<int, long> Statuses, double[] Latencies)
{
    public double Rate => Total / Seconds;

    /// <summary>The benchmark is void when an answer is not the one that was asked for.</summary>
    public LoadResult AllAre(int status)
    {
        var others = Statuses.Where(seen => seen.Key != status).Select(seen => $"{seen.Value} x {seen.Key}").ToList();
        return others.Count == 0 ? this : throw new InvalidOperationException(
            $"Not every answer was {status}: {string.Join(", ", others)} among {Total}.");
    }
}

/// <summary>Keeps so many requests in flight, each on a connection of its own.</summary>
internal static class Driver
{
    private const int MaxRequest = 4 * 1024;

    /// <summary>Runs until the time is over, or until there are no more requests.</summary>
    public static Task<LoadResult> RunAsync(int port, int inFlight, TimeSpan time, Requests requests) =>
        RunAsync([port], inFlight, time, requests);

    /// <summary>The same, with the connections spread over replicas.</summary>
    public static async Task<LoadResult> RunAsync(int[] ports, int inFlight, TimeSpan time, Requests requests)
    {
        var connections = new HttpConnection[inFlight];
        for (var at = 0; at < inFlight; at++)
        {
            connections[at] = new HttpConnection();
            await connections[at].OpenAsync(ports[at % ports.Length]);
        }

        var began = Stopwatch.GetTimestamp();
        var end = began + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var tallies = await Task.WhenAll(connections.Select(one => ExhaustAsync(one, requests, end)));
        foreach (var connection in connections)
        {
            connection.Dispose();
        }

        double[] latencies = [.. tallies.SelectMany(tally => tally.Latencies)];
        Array.Sort(latencies);
        var statuses = tallies.SelectMany(tally => tally.Statuses).GroupBy(seen => seen.Key)
            .ToDictionary(seen => seen.Key, seen => seen.Sum(one => one.Value));
        return new LoadResult(
            Stopwatch.GetElapsedTime(began, tallies.Max(tally => tally.LastAt)).TotalSeconds,
            latencies.Length,
            statuses,
            latencies);
    }

    private static async Task<Tally> ExhaustAsync(HttpConnection connection, Requests requests, long end)
    {
        var tally = new Tally();
        var buffer = new byte[MaxRequest];
        for (var began = Stopwatch.GetTimestamp(); began < end; began = tally.LastAt)
        {
            var length = requests.Write(buffer);
            if (length == 0)
            {
                break;
            }

            var status = await connection.ExchangeAsync(buffer.AsMemory(0, length));
            tally.Add(status, began, Stopwatch.GetTimestamp());
        }

        return tally;
    }

    private sealed class Tally
    {
        public List<double> Latencies { get; } = new(16 * 1024);

        public Dictionary<int, long> Statuses { get; } = [];

        public long LastAt { get; private set; }

        public void Add(int status, long began, long ended)
        {
            LastAt = ended;
            Statuses[status] = Statuses.GetValueOrDefault(status) + 1;
            Latencies.Add(Stopwatch.GetElapsedTime(began, ended).TotalMilliseconds);
        }
    }
}
