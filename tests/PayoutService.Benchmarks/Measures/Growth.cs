using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;
using PayoutService.Views;

namespace PayoutService.Benchmarks.Measures;

/// <summary>The same calls with very many payouts in the table and with few, two services side by side.</summary>
internal sealed class Growth(Bench bench, Scale scale, Contest contest, Findings findings, Action<string> say)
{
    private const int Few = 10_000;
    private const int Waiting = 1000;
    private const int Readers = 64;
    private const int Different = 1000;
    private const int PageSize = 10;
    private const int FarPage = 1000;
    private const double MustKeep = 0.8;

    /// <summary>What a payout takes at most, with its events, its notice and all indexes, and PostgreSQL's log.
    /// </summary>
    private const long BytesEach = 6 * 1024;

    private readonly string[] databases = ["growth_few", "growth_many"];

    public async Task RunAsync()
    {
        RequireRoom();
        foreach (var (database, payouts) in databases.Zip([Few, scale.Grown]))
        {
            await bench.CopyAsync(database, Bench.Migrated);
            await Seeds.PayeesAsync(bench.Postgres, database, scale.Payees);
            await Settled.FillAsync(bench.Postgres, database, payouts - Waiting, scale.Payees, say);
            await Seeds.QueuedAsync(bench.Postgres, database, payouts - Waiting + 1, payouts, scale.Payees);
            await Seeds.FirstUseAsync(bench.Postgres, database);
            await Seeds.SettleAsync(bench.Postgres, database);
        }

        await new Plans(bench, databases[1], findings).RunAsync(Calls(scale.Grown));
        await MeasureAsync();
        await TellSizesAsync();
        findings.Notes.Add(
            $"growth: get and search ask for {Different:N0} payouts spread over the table, again and again.");
    }

    private async Task MeasureAsync()
    {
        await using var few = await bench.Service.StartAsync(databases[0], "api");
        await using var many = await bench.Service.StartSecondAsync(databases[1], "api");
        Service.Running[] services = [few, many];

        // What reads comes first: what writes adds to the few.
        foreach (var name in Calls(Few).Keys)
        {
            List<Contender> sides = [];
            foreach (var (service, payouts) in services.Zip([Few, scale.Grown]))
            {
                var requests = await Calls(payouts)[name](service.Port);
                sides.Add(new($"{payouts:N0} payouts", service.Process.Id, async time => (await Driver.RunAsync(
                    service.Port, Readers, time, new RepeatedRequests(requests))).AllAre(200)));
            }

            await CompareAsync(name, sides);
        }

        await CompareAsync("claim, 100 rows a statement", [.. databases.Zip([Few, scale.Grown], Claims)]);
        await CompareAsync(
            "claim questions, 100 rows a statement", [.. databases.Zip([Few, scale.Grown], Questions)]);
        await CompareAsync("accept, 256 in flight", [.. services.Zip([Few, scale.Grown], (service, payouts) =>
            new Contender($"{payouts:N0} payouts", service.Process.Id, async time => (await Driver.RunAsync(
                service.Port, Accept.InFlight, time, Orders.Seeded(scale.Payees))).AllAre(201)))]);
    }

    /// <summary>Claims for a part of the time, each run from a full backlog.</summary>
    private Contender Claims(string database, int payouts)
    {
        long last = payouts;
        return new($"{payouts:N0} payouts", null, time => Claiming.StartAsync(bench, database, time / 8))
        {
            PrepareAsync = async () =>
            {
                var waiting = await bench.Postgres.AskAsync<long>(
                    database, "SELECT count(*) FROM payouts WHERE status = 'queued'");
                var missing = Math.Max(0, scale.Backlog - waiting);
                await Seeds.QueuedAsync(bench.Postgres, database, last + 1, last + missing, scale.Payees);
                await bench.Postgres.RunAsync(database, "ANALYZE payouts");
                last += missing;
            },
        };
    }

    /// <summary>The same for what is due to be asked about, as after an outage of the workers.</summary>
    private Contender Questions(string database, int payouts) => new(
        $"{payouts:N0} payouts", null, time => Claiming.StartAsync(bench, database, time / 8, questions: true))
    {
        PrepareAsync = () => bench.Postgres.RunAsync(database, """
            UPDATE payouts SET status = 'processing', due_at = now() - interval '1 minute'
            WHERE status IN ('queued', 'submitting', 'processing');
            ANALYZE payouts
            """),
    };

    private async Task CompareAsync(string name, List<Contender> sides)
    {
        var series = await contest.RunAsync($"growth, {name}", [.. sides]);
        findings.Series.AddRange(series);
        findings.Lines.Add(Line.Faster($"growth: {name}, {series[1].Who}", series[1], series[0], MustKeep));
    }

    /// <summary>The calls that read, rendered for a database with so many payouts.</summary>
    private static Dictionary<string, Func<int, Task<byte[][]>>> Calls(int payouts) => new()
    {
        ["get"] = port => Spread(payouts, number => $"/v1/payouts/{PublicId.Of(PublicId.Payout, IdOf(number))}"),
        ["search by invoiceId"] = port => Spread(payouts, number => $"/v1/payouts?invoiceId=p-{number:D12}"),
        ["list, first page"] = port => Task.FromResult<byte[][]>([Get("/v1/payouts")]),
        ["list, 1,000th page"] = async port => [Get(await Pages.FindAsync(port, FarPage, PageSize))],
    };

    private static Task<byte[][]> Spread(int payouts, Func<long, string> path) => Task.FromResult<byte[][]>(
        [.. Enumerable.Range(0, Different).Select(at => Get(path(1 + ((long)at * payouts / Different))))]);

    private static byte[] Get(string path) => Requests.Render("GET", path, Service.Key);

    private static Guid IdOf(long number) => Guid.Parse($"00000000-0000-7000-8000-{number:D12}");

    private async Task TellSizesAsync()
    {
        var database = databases[1];
        var parts = new List<string>();
        var all = 0.0;
        foreach (var table in new[] { "payouts", "payout_events", "notices" })
        {
            var bytes = await bench.Postgres.AskAsync<long>(database, $"SELECT pg_total_relation_size('{table}')");
            var rows = await bench.Postgres.AskAsync<long>(database, "SELECT count(*) FROM payouts");
            all += (double)bytes / rows;
            parts.Add($"{table} {(double)bytes / rows:N0}");
        }

        findings.Lines.Add(Line.Told(
            "growth: bytes per payout on disk, indexes included", $"{all:N0}: {string.Join(", ", parts)}"));
    }

    private void RequireRoom()
    {
        var free = new DriveInfo(bench.FileOf("")).AvailableFreeSpace;
        if (free < scale.Grown * BytesEach)
        {
            throw new InvalidOperationException(
                $"{scale.Grown:N0} payouts need {scale.Grown * BytesEach >> 30} GiB of disk; {free >> 30} are free.");
        }
    }
}
