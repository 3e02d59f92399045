using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>docs/metrics.md lists what a scrape has, and a scrape is taken where it should be.</summary>
[Trait("Run", "Long")]
public sealed partial class MetricsTests
{
    private static readonly string[] Page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "metrics.md"));

    [Fact]
    public async Task A_scrape_has_what_the_page_lists_and_every_metric_of_a_scrape_is_listed()
    {
        await using var simulator = PockytSimulator.Simulator.Build([], builder =>
            builder.Configuration["urls"] = "http://127.0.0.1:0");
        await simulator.StartAsync();
        await using var subscriber = await Subscriber.StartAsync();
        using var service = await ServiceProcess.StartAsync(await TestDatabase.CreateAsync(), simulator.Urls.First());
        await service.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = subscriber.Url });
        var invoiceId = await service.PayAsync("12.34");
        await service.WhenAsync(invoiceId, payout => payout.GetProperty("moneyMoved").GetString() is "yes");
        var failedId = await service.PayAsync("12.01");
        await service.WhenAsync(failedId, payout => payout.GetProperty("status").GetString() is "failed");

        // Stays open.
        await service.PayAsync("12.04");

        var scraped = await WhenStateIsReadAsync(service.Api);

        var ours = RowsUnder("## Of this service").ToDictionary(row => row.Name, row => row.What);
        var theirs = RowsUnder("## Of the libraries").Select(row => row.Name).ToHashSet();
        Assert.Equal(
            ours.Select(Line).Order(), scraped.Where(one => !theirs.Contains(one.Key)).Select(Line).Order());

        static string Line(KeyValuePair<string, string> one) => $"{one.Key}: {one.Value}";
    }

    [Fact]
    public async Task In_Production_the_port_of_metrics_has_nothing_else_and_no_other_has_metrics()
    {
        var port = Ports.Take();
        await using var service = Program.Build([.. Example.Production, $"--Telemetry:MetricsPort={port}"]);
        await service.StartAsync();
        using var http = new HttpClient();

        var answers = new List<HttpStatusCode>();
        foreach (var address in new[] { service.Urls.First(), $"http://127.0.0.1:{port}" })
        {
            foreach (var path in new[] { "/metrics", "/health/live", "/v1/payouts" })
            {
                answers.Add((await http.GetAsync(new Uri(new Uri(address), path))).StatusCode);
            }
        }

        Assert.Equal(
            [
                HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.Unauthorized,
                HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound,
            ],
            answers);
    }

    /// <summary>What is scraped after the state was read: each name with its kind and its labels.</summary>
    internal static async Task<Dictionary<string, string>> WhenStateIsReadAsync(HttpClient api)
    {
        var text = "";
        for (var tries = 0; tries < 100 && !text.Contains("payouts_open", StringComparison.Ordinal); tries++)
        {
            text = await api.GetStringAsync("/metrics");
            await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System);
        }

        var kinds = Kind().Matches(text).ToDictionary(found => found.Groups[1].Value, found => found.Groups[2].Value);
        var labels = Sample().Matches(text).ToLookup(
            found => Suffix().Replace(found.Groups[1].Value, "") is var name && kinds.ContainsKey(name)
                ? name : found.Groups[1].Value,
            found => Label().Matches(found.Groups[2].Value).Select(label => label.Groups[1].Value));
        return kinds.Where(kind => kind.Key != "target_info").ToDictionary(
            kind => kind.Key,
            kind => $"{kind.Value} {string.Join(' ', labels[kind.Key].SelectMany(names => names)
                .Where(name => name is not "le" && !name.StartsWith("otel_scope", StringComparison.Ordinal))
                .Distinct().Order(StringComparer.Ordinal))}".TrimEnd());
    }

    private static IEnumerable<(string Name, string What)> RowsUnder(string heading) =>
        Page.SkipWhile(line => line != heading).Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1].Trim('`'), $"{cells[2]} {cells[3].Replace("`", "", StringComparison.Ordinal)
                .Replace(",", "", StringComparison.Ordinal)}".TrimEnd()));

    [GeneratedRegex(@"^# TYPE (\S+) (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Kind();

    [GeneratedRegex(@"^([a-z_]+)(?:\{([^}]*)\})? ", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
