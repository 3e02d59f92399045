using System.Diagnostics;

namespace PayoutService.Benchmarks.Load;

/// <summary>What came of the requests of one second.</summary>
internal sealed class Second
{
    private long sent;
    private long others;

    /// <summary>How long what was accepted took, from the moment at which it was sent.</summary>
    public Latencies Accepted { get; } = new();

    /// <summary>The same of what was refused with 503.</summary>
    public Latencies Refused { get; } = new();

    public long Sent => sent;

    /// <summary>Answers that are neither.</summary>
    public long Others => others;

    public void Send() => Interlocked.Increment(ref sent);

    public void Answer(int status, double milliseconds)
    {
        if (status is 200 or 201)
        {
            Accepted.Add(milliseconds);
        }
        else if (status is 503)
        {
            Refused.Add(milliseconds);
        }
        else
        {
            Interlocked.Increment(ref others);
        }
    }
}

/// <summary>What an open loop came to.</summary>
/// <param name="Seconds">Second by second, without the last, which is not whole: accepted and refused in it, whenever
/// they were sent.</param>
internal sealed record OpenLoad(IReadOnlyList<Second> Seconds)
{
    public Latencies Accepted { get; } = Latencies.Of(Seconds.Select(second => second.Accepted));

    public Latencies Refused { get; } = Latencies.Of(Seconds.Select(second => second.Refused));

    public double Offered => Seconds.Average(second => second.Sent);

    public double Goodput => (double)Accepted.Count / Seconds.Count;
}

/// <summary>Sends so many requests a second, whatever comes back: who waits for an answer before the next request sends
/// less to a service that is slow.</summary>
internal static class OpenLoop
{
    private const int MaxRequest = 4 * 1024;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <param name="port">The service.</param>
    /// <param name="rate">Requests a second.</param>
    /// <param name="time">How long.</param>
    /// <param name="connections">The most that are under way; what is due while all are taken is sent later, and is
    /// not sent any more once it is a second late.</param>
    /// <param name="requests">What is sent.</param>
    public static async Task<OpenLoad> RunAsync(
        int port, double rate, TimeSpan time, int connections, Requests requests)
    {
        var open = new HttpConnection[connections];
        for (var at = 0; at < connections; at++)
        {
            open[at] = new HttpConnection();
            await open[at].OpenAsync(port);
        }

        Second[] seconds = [.. Enumerable.Range(0, (int)time.TotalSeconds + 60).Select(_ => new Second())];
        using var due = new SemaphoreSlim(0);
        using var over = new CancellationTokenSource();
        var began = Stopwatch.GetTimestamp();
        var workers = open.Select(one => SendAsync(one, requests, due, began, seconds, over.Token)).ToList();
        var released = 0L;
        using var ticks = new PeriodicTimer(Tick, TimeProvider.System);
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < time)
        {
            var wanted = (long)(elapsed.TotalSeconds * rate) - released;
            released += wanted;
            var late = due.CurrentCount - (int)rate;
            if (wanted > 0 && late < 0)
            {
                due.Release((int)wanted);
            }

            await ticks.WaitForNextTickAsync();
        }

        await over.CancelAsync();
        await Task.WhenAll(workers);
        foreach (var connection in open)
        {
            connection.Dispose();
        }

        return new OpenLoad(seconds[..Math.Max(1, (int)time.TotalSeconds)]);
    }

    private static async Task SendAsync(
        HttpConnection connection, Requests requests, SemaphoreSlim due, long began, Second[] seconds,
        CancellationToken over)
    {
        // Off the thread of the caller, which keeps the time.
        await Task.Yield();
        var buffer = new byte[MaxRequest];
        while (true)
        {
            try
            {
                await due.WaitAsync(over);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var length = requests.Write(buffer);
            var sentAt = Stopwatch.GetTimestamp();
            seconds[SecondOf(sentAt)].Send();
            var status = await connection.ExchangeAsync(buffer.AsMemory(0, length));
            var answeredAt = Stopwatch.GetTimestamp();
            seconds[SecondOf(answeredAt)].Answer(
                status, Stopwatch.GetElapsedTime(sentAt, answeredAt).TotalMilliseconds);
        }

        int SecondOf(long at) =>
            Math.Min(seconds.Length - 1, (int)Stopwatch.GetElapsedTime(began, at).TotalSeconds);
    }
}
