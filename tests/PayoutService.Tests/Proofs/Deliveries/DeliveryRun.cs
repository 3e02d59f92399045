using System.Globalization;
using Npgsql;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Proofs.Deliveries;

/// <summary>
/// One seeded run: payouts live, lines of history are committed late, subscribers fail and are disabled, and the
/// processes that deliver die wherever the seed says. Then the faults stop, and every subscriber must have every event
/// of its types, and no event of an object before the one before it.
/// </summary>
internal sealed class DeliveryRun : IAsyncDisposable
{
    private static readonly string[][] Wanted =
        [[], [], ["payout.accepted", "payout.processing", "payout.confirmed", "payor.updated"]];

    private readonly ServiceFixture stage;
    private readonly Random random;
    private readonly List<Subscription> subscriptions = [];
    private readonly List<DeliveryProcess> processes = [];
    private readonly List<HistoryWriter> open = [];
    private int made;

    private DeliveryRun(ServiceFixture stage, int seed)
    {
        this.stage = stage;
        random = new Random(seed);
    }

    /// <summary>The deaths of processes.</summary>
    public int Deaths { get; private set; }

    /// <summary>The requests that subscribers received.</summary>
    public int Requests => subscriptions.Sum(one => one.Log.Count);

    /// <summary>The events that subscribers had to have.</summary>
    public int Events { get; private set; }

    public static async Task<DeliveryRun> BeginAsync(ServiceFixture stage, int seed)
    {
        var run = new DeliveryRun(stage, seed);
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        foreach (var types in Wanted)
        {
            run.subscriptions.Add(await Subscription.BeginAsync(stage, types, run.random.Next()));
        }

        run.processes.AddRange([new DeliveryProcess(stage), new DeliveryProcess(stage)]);
        return run;
    }

    /// <summary>Runs with faults.</summary>
    public async Task RunAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await StepAsync();
        }
    }

    /// <summary>A process dies at one of its messages, while there is something to deliver.</summary>
    /// <returns>False: the process ended before it came to that message.</returns>
    public async Task<bool> CrashAtAsync(int message, bool after)
    {
        await PayAsync();
        return !await PassAsync(0, (message, after));
    }

    /// <summary>Ends the faults, lets everything be delivered, and judges.</summary>
    /// <returns>What is wrong; nothing when all is well.</returns>
    public async Task<List<string>> EndAsync()
    {
        foreach (var writer in open)
        {
            await writer.CommitAsync();
            await writer.DisposeAsync();
        }

        await stage.RunAsync(TimeSpan.FromHours(1));
        foreach (var subscription in subscriptions)
        {
            subscription.IsWell = true;
            await subscription.SetAsync("enabled");
        }

        // The longest wait is a day and a tenth; a round begins one delivery of each object.
        for (var round = 0; round < 12; round++)
        {
            await PassAsync(0, crash: null);
            await stage.AdvanceAsync(TimeSpan.FromHours(round < 4 ? 27 : 0.1));
        }

        List<string> breaches = [.. await UntoldAsync()];
        foreach (var subscription in subscriptions)
        {
            var events = await subscription.EventsAsync();
            Events += events.Count;
            breaches.AddRange(subscription.Judge(events));
        }

        return breaches;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }

        foreach (var subscription in subscriptions)
        {
            await subscription.DisposeAsync();
        }
    }

    /// <summary>The lines of history that are in no feed.</summary>
    private async Task<List<string>> UntoldAsync()
    {
        await using var command = stage.Get<NpgsqlDataSource>().CreateCommand("""
            SELECT array_agg(line_no) FROM (
                SELECT line_no FROM payout_events UNION ALL SELECT line_no FROM history) AS line
            WHERE NOT EXISTS (SELECT FROM feed_entries WHERE feed_entries.line_no = line.line_no)
            """);
        return await command.ExecuteScalarAsync() is long[] numbers
            ? [.. numbers.Select(number => $"line {number} is in no feed")] : [];
    }

    private Task StepAsync() => random.Next(14) switch
    {
        0 or 1 => PayAsync(),
        2 => stage.DispatchAsync(),
        3 => stage.RunAsync(TimeSpan.FromHours(random.Next(3))),
        4 => stage.AdvanceAsync(TimeSpan.FromSeconds(random.Next(1, 10))),
        5 => stage.AdvanceAsync(TimeSpan.FromMinutes(random.Next(1, 40))),
        6 => subscriptions[random.Next(subscriptions.Count)].SetAsync(random.Next(3) is 0 ? "disabled" : "enabled"),
        7 => WriteLateAsync(),
        8 => CommitAsync(),
        9 => Task.WhenAll(PassAsync(0, Crash()), PassAsync(1, Crash())),
        _ => PassAsync(random.Next(2), Crash()),
    };

    private Task PayAsync() => stage.PayAsync();

    private (int Message, bool After)? Crash() =>
        random.Next(2) is 0 ? null : (random.Next(1, 40), random.Next(2) is 0);

    /// <summary>A transaction writes a line and stays open.</summary>
    private async Task WriteLateAsync()
    {
        var writer = await HistoryWriter.BeginAsync(stage);
        await writer.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"late-{made++}"));
        open.Add(writer);
    }

    /// <summary>One of the open transactions ends, whichever was begun first or last.</summary>
    private async Task CommitAsync()
    {
        if (open.Count > 0)
        {
            var writer = open[random.Next(open.Count)];
            open.Remove(writer);
            if (random.Next(4) > 0)
            {
                await writer.CommitAsync();
            }

            await writer.DisposeAsync();
        }
    }

    /// <summary>A process makes the feeds and delivers; one that dies is replaced.</summary>
    private async Task<bool> PassAsync(int which, (int Message, bool After)? crash)
    {
        var process = processes[which];
        process.Crash.Arm(crash?.Message ?? 0, crash?.After ?? false);
        foreach (var subscription in subscriptions)
        {
            subscription.Sender = process.Crash;
        }

        var lives = await process.PassAsync();
        if (!lives)
        {
            Deaths++;
            await process.DisposeAsync();
            processes[which] = new DeliveryProcess(stage);
        }

        return lives;
    }
}
