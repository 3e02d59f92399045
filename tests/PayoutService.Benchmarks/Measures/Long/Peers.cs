using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;
using PayoutService.Pockyt.Wire;
using PockytSimulator;

namespace PayoutService.Benchmarks.Measures.Long;

/// <summary>Dispatch against job queues on PostgreSQL that make the same call for each job: of a body that is signed
/// already, to the same simulator.</summary>
internal sealed class Peers(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    /// <summary>What one worker does that takes a job at a time is slow: so few are enough.</summary>
    private const int SingleShare = 20;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Baselines", "Peers");

    private static readonly SimulatorSettings Pockyt = new();

    public async Task RunAsync()
    {
        if (await NpmAsync() is { } why)
        {
            say($"peers: {why}");
            findings.Notes.Add($"peers: not measured. {why}");
            return;
        }

        // In turns with ours, which comes first and last.
        var ours = new List<double> { await DispatchAsync() };
        var graphile = await RunAsync("graphile", scale.Dispatched);
        var batches = await RunAsync("batches", scale.Dispatched);
        var single = await RunAsync("single", Math.Max(100, scale.Dispatched / SingleShare));
        ours.Add(await DispatchAsync());
        var rate = ours.Average();
        Tell("graphile-worker 0.17, local queue of 500, 64 at once", rate, graphile, 1.2);
        Tell("pg-boss 10, batches of 100, 4 at once", rate, batches, 1.2);
        Tell("pg-boss 10, one by one", rate, single, 10);
        findings.Notes.Add(
            "peers: a job of theirs has the whole body, signed, and is one call; ours is claimed, checked, signed, "
                + "called, recorded with two events and logged. All calls go over TLS to the same simulator.");
    }

    private void Tell(string who, double ours, double theirs, double times) => findings.Lines.Add(new Line(
        "dispatch against peers", $"{ours:N0}/s", $"{who}: {theirs:N0}/s",
        (ours / theirs).ToString("F2", CultureInfo.InvariantCulture), $"{times:0.#} x", ours >= times * theirs));

    private async Task<double> DispatchAsync()
    {
        var dispatch = new Findings();
        await new Dispatch(bench, scale, dispatch, say).RunAsync(accept: null);
        findings.Series.AddRange(dispatch.Series);
        return dispatch.Series[^1].Rate.Median;
    }

    private async Task<double> RunAsync(string peer, int jobs)
    {
        say($"peers: {peer}, {jobs:N0} jobs.");
        var database = $"peer_{peer}";
        await bench.Postgres.DropAsync(database);
        await bench.Postgres.CreateAsync(database);
        var bodies = bench.FileOf("bodies.txt");
        await File.WriteAllLinesAsync(bodies, await BodiesAsync(jobs));
        var options = JsonSerializer.Serialize(new
        {
            pg = new { host = bench.Postgres.Host, user = "payouts", database },
            url = $"https://127.0.0.1:{bench.SimulatorPort}/v3/payouts/pay",
            ca = bench.Certificate.File,
            bodies,
        });
        var said = "";
        var usage = await new Meter(bench.Parts(measured: null)).WatchAsync(
            watched: null, async () => said = await NodeAsync(peer, options));
        using var json = JsonDocument.Parse(said);
        var jobsDone = json.RootElement.GetProperty("jobs").GetInt32();
        var rate = jobsDone / json.RootElement.GetProperty("seconds").GetDouble();
        var series = new Series("peers", peer);
        series.Samples.Add(new Sample(rate, double.NaN, double.NaN, usage));
        findings.Series.Add(series);
        return rate;
    }

    /// <summary>Bodies as ours are, signed.</summary>
    private async Task<List<string>> BodiesAsync(int count)
    {
        var paid = (await bench.Postgres.ListAsync(
            Bench.Registered,
            "SELECT customer_no || ' ' || account_token FROM accounts JOIN payees ON payees.id = payee_id")).ToList();
        var first = Orders.Reserve(count);
        var timestamp = TimeProvider.System.GetUtcNow()
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(0, count).Select(at =>
        {
            var to = paid[at % paid.Count].Split(' ');
            Dictionary<string, string?> members = new()
            {
                ["customerNo"] = to[0],
                ["accountToken"] = to[1],
                ["invoiceId"] = OrderRequests.InvoiceId(first + at),
                ["amount"] = Orders.StaysPending,
                ["currency"] = "USD",
                ["ipnUrl"] = "https://127.0.0.1/nobody",
                ["merchantNo"] = Pockyt.MerchantNo,
                ["storeNo"] = Pockyt.StoreNo,
                ["timestamp"] = timestamp,
            };
            members[VerifySign.Member] = VerifySign.Of(members, Pockyt.Token);
            return JsonSerializer.Serialize(members);
        })];
    }

    /// <returns>Why the packages are not here; null when they are.</returns>
    private static async Task<string?> NpmAsync()
    {
        try
        {
            using var npm = Process.Start(new ProcessStartInfo(
                "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            {
                WorkingDirectory = Folder,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            var said = npm.StandardOutput.ReadToEndAsync();
            var complained = await npm.StandardError.ReadToEndAsync();
            await npm.WaitForExitAsync();
            await said;
            return npm.ExitCode == 0 ? null : $"npm ci failed: {complained.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"npm is not installed: {missing.Message}";
        }
    }

    private static async Task<string> NodeAsync(string peer, string options)
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["peers.mjs", peer, options])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NO_LOG_SUCCESS"] = "1" },
        })!;
        var said = node.StandardOutput.ReadToEndAsync();
        var complained = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        return node.ExitCode == 0 ? (await said).Trim().Split('\n')[^1]
            : throw new InvalidOperationException($"{peer} failed ({node.ExitCode}): {await complained}");
    }
}
