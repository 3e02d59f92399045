using System.Collections.Concurrent;
using System.Globalization;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>
/// Seeded schedules: whatever breaks, in whatever order, nobody is paid twice, nothing is lost, and what we say is so.
/// PAYOUTS_SEEDS names other seeds, as a count or as from..to; PAYOUTS_PROOF=full runs 100,000.
/// </summary>
[Collection(nameof(Proof))]
[Trait("Run", "Long")]
public sealed class ScheduleTests(ITestOutputHelper output)
{
    /// <summary>A world's tables and book grow: after so many schedules another world takes its place.</summary>
    private const int SchedulesPerWorld = 100;

    /// <summary>After so many failures no more seeds are tried.</summary>
    private const int ManyFailures = 20;

    /// <summary>So many schedules have broken every round trip in every way.</summary>
    private const int SeedsThatStrikeAll = 1_000;

    /// <summary>The round trips of a payout's life.</summary>
    private static readonly string[] RoundTrips =
    [
        "begin + select + select + select restores + select notices + select accounts + select payouts",
        "insert payouts + insert payout_events + commit", "claim to send",
        "select pauses", "begin + lock group", "update payouts + insert payout_events + commit", "claim to ask",
        "select payouts", "insert notices", "begin + lock payouts", "insert payout_events + update payouts", "commit",
    ];

    private static readonly string[] Ways = ["CutBefore", "CutAfter", "death before", "death after", "Refuse"];

    private static readonly int AtOnce = Math.Max(2, Environment.ProcessorCount);

    [Fact]
    public async Task Whatever_breaks_nobody_is_paid_twice_and_nothing_is_lost()
    {
        var seeds = AskedFor(full: 100_000, usual: 12);
        var coverage = new Coverage();

        var endings = await RunAsync(seeds, coverage);

        NoneFails(
            "schedules", endings, seeds.Count, coverage,
            $"; {coverage.RoundTrips.Count()} kinds of round trip struck; {string.Join("; ", coverage.Cuts)}");
        Assert.Empty(seeds.Count < SeedsThatStrikeAll ? [] : Unstruck(coverage));
    }

    [Fact]
    public async Task Whatever_a_restore_or_a_failover_loses_nobody_is_paid_twice_and_nothing_is_lost()
    {
        var seeds = AskedFor(full: 1_000, usual: 5);
        var coverage = new Coverage();

        var endings = await RunAsync(seeds, coverage, restores: true);

        NoneFails("schedules with restores", endings, seeds.Count, coverage, struck: "");
    }

    /// <summary>The screening's answers are cut, late, refused on the way, hits, or cannot be read.</summary>
    [Fact]
    public async Task Whatever_becomes_of_a_screening_nothing_is_sent_before_it_is_clean()
    {
        var seeds = AskedFor(full: 1_000, usual: 8);
        var coverage = new Coverage();

        var endings = await RunAsync(seeds, coverage, screens: true);

        NoneFails(
            "schedules with a screening", endings, seeds.Count, coverage,
            $"; {coverage.OfMessage($"{MessageKind.Call} screen")} questions struck");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_seed_gives_the_same_trace(bool restores)
    {
        var differ = new List<string>();
        var seeds = AskedFor(full: 1_000, usual: 2);
        foreach (var some in seeds.Chunk(SchedulesPerWorld))
        {
            // In two orders: what ran in a world before must not matter.
            var ends = await Task.WhenAll(RunAsync(some, restores), RunAsync(some.Reverse(), restores));
            differ.AddRange(ends[0].SelectMany(
                one => Difference(one, ends[1].Single(other => other.Seed == one.Seed))));
        }

        output.Say($"schedules{(restores ? " with restores" : "")} run twice: {seeds.Count}, "
            + $"of which {differ.Count} differed");
        Assert.True(differ.Count == 0, string.Join("\n\n", differ));
    }

    private static async Task<List<Ending>> RunAsync(IEnumerable<int> seeds, bool restores)
    {
        await using var world = await ScheduleCluster.CreateAsync();
        var endings = new List<Ending>();
        foreach (var seed in seeds)
        {
            endings.Add(await ScheduleRunner.RunAsync(world, seed, new Coverage(), restores));
        }

        return endings;
    }

    /// <summary>Where two traces of one seed part, with what led there.</summary>
    private static IEnumerable<string> Difference(Ending one, Ending other)
    {
        var same = one.Trace.Zip(other.Trace).TakeWhile(pair => pair.First == pair.Second).Count();
        if (same < Math.Max(one.Trace.Count, other.Trace.Count))
        {
            yield return $"""
                Seed {one.Seed}:
                {string.Join("\n", one.Trace.Take(same).TakeLast(20))}
                then
                {string.Join("\n", one.Trace.Skip(same).Take(5))}
                or
                {string.Join("\n", other.Trace.Skip(same).Take(5))}
                """;
        }
    }

    /// <summary>What no schedule broke in one of the ways in which every round trip can break.</summary>
    private static IEnumerable<string> Unstruck(Coverage coverage) =>
        from trip in RoundTrips
        from way in Ways
        where coverage.Of($"{MessageKind.Query} {trip}: {way}") == 0
        select $"{trip}: {way}";

    private static List<int> AskedFor(int full, int usual) =>
        Environment.GetEnvironmentVariable("PAYOUTS_SEEDS")?.Split("..") switch
        {
            [{ Length: > 0 } count] => [.. Enumerable.Range(1, Number(count))],
            [var from, var to] => [.. Enumerable.Range(Number(from), Number(to) - Number(from) + 1)],
            _ => [.. Enumerable.Range(1, Proof.Size(full, usual))],
        };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<IReadOnlyCollection<Ending>> RunAsync(
        IReadOnlyList<int> seeds, Coverage coverage, bool restores = false, bool screens = false)
    {
        var waiting = new ConcurrentQueue<int>(seeds);
        var endings = new ConcurrentBag<Ending>();
        var failures = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(RunSomeAsync)));
        return endings;

        async Task RunSomeAsync()
        {
            while (!waiting.IsEmpty && !IsHopeless())
            {
                await using var world = await ScheduleCluster.CreateAsync(screens);
                for (var run = 0; run < SchedulesPerWorld && !IsHopeless() && waiting.TryDequeue(out var seed); run++)
                {
                    var ending = await ScheduleRunner.RunAsync(world, seed, coverage, restores);
                    var failed = ending.Breaches.Count > 0;
                    Interlocked.Add(ref failures, failed ? 1 : 0);

                    // A hundred thousand traces would fill the memory.
                    endings.Add(failed || seeds.Count == 1 ? ending : ending with { Trace = [] });
                    if (ending.IsHung)
                    {
                        break;
                    }
                }
            }
        }

        bool IsHopeless() => Volatile.Read(ref failures) >= ManyFailures;
    }

    /// <summary>Every seed that failed, with the command that replays it, and the whole trace of the first.</summary>
    /// <summary>Says how many schedules ran and failed, and what they struck; fails with those that failed.</summary>
    private void NoneFails(
        string what, IReadOnlyCollection<Ending> endings, int asked, Coverage coverage, string struck)
    {
        foreach (var line in coverage.Lines.Concat(endings.Count == 1 ? endings.Single().Trace : []))
        {
            output.WriteLine(line);
        }

        var failed = endings.Where(ending => ending.Breaches.Count > 0).OrderBy(ending => ending.Seed).ToList();
        output.Say($"{what}: {endings.Count} run, {failed.Count} failed{struck}");
        Assert.True(failed.Count == 0, Report(failed, asked));
    }

    private static string Report(IReadOnlyList<Ending> failed, int of) => failed.Count == 0 ? "" : $"""
        {failed.Count} of {of} schedules failed.
        {string.Join("\n", failed.Take(20).Select(ending =>
            $"PAYOUTS_SEEDS={ending.Seed}..{ending.Seed} ./test --filter Schedules\n  "
            + string.Join("\n  ", ending.Breaches)))}

        Seed {failed[0].Seed}:
        {string.Join("\n", failed[0].Trace)}
        """;
}
