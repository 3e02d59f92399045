using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.WebTests;

/// <summary>Prometheus reads the metrics, the alerts and the dashboard, and kubectl the manifests.</summary>
public sealed class PrometheusTests
{
    private static readonly string Deploy = Path.Combine(Repository.Root, "deploy");

    /// <summary>Names of the semantic conventions that promtool would choose otherwise.</summary>
    private static readonly string[] Theirs =
        ["db_client_connection_count", "dotnet_assembly_count", "dotnet_process_cpu_count", "dotnet_timer_count"];

    [Fact]
    public async Task The_alerts_fire_when_they_should_and_not_before()
    {
        var (code, output) = await Tool.RunAsync(
            "promtool", "test", "rules", Path.Combine(Deploy, "prometheus", "alerts.test.yml"));

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task The_configuration_of_the_compose_file_is_valid()
    {
        var (code, output) = await Tool.RunAsync(
            "promtool", "check", "config", Path.Combine(Deploy, "prometheus", "prometheus.yml"));

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task The_manifests_are_rendered()
    {
        var (code, output) = await Tool.RunAsync("kubectl", "kustomize", Path.Combine(Deploy, "kubernetes"));

        Assert.True(code == 0, output);
        string[] kinds =
        [
            "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Job", "NetworkPolicy", "PodDisruptionBudget",
            "Service", "ServiceAccount",
        ];
        Assert.All(kinds, kind => Assert.Contains($"\nkind: {kind}\n", output, StringComparison.Ordinal));
        Assert.Contains("image: registry.example.com/payout-service:", output, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Every_query_of_the_dashboard_and_every_metric_is_answered_by_a_scraped_demo()
    {
        var folder = Directory.CreateTempSubdirectory("payout-demo-");

        // PostgreSQL runs as a user of its own.
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        var (service, simulator, web) = (Ports.Take(), Ports.Take(), Ports.Take());
        Dictionary<string, string> state = new()
        {
            ["PAYOUTS_PORT"] = $"{service}",
            ["SIMULATOR_PORT"] = $"{simulator}",
            ["PAYOUTS_STATE"] = Path.Combine(folder.FullName, "state"),
        };
        using var http = new HttpClient();
        using var up = Start(Path.Combine(Repository.Root, "run"), state);
        Process? prometheus = null;
        try
        {
            await WhenAsync(
                () => IsFoundAsync(http, $"http://127.0.0.1:{service}/health/ready"), TimeSpan.FromMinutes(5));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "prometheus.yml"), $$"""
                global: { scrape_interval: 1s }
                scrape_configs:
                  - job_name: payout-service
                    static_configs: [{ targets: ["127.0.0.1:{{service}}"] }]
                """);
            prometheus = Start(
                "prometheus",
                [],
                $"--config.file={folder.FullName}/prometheus.yml",
                $"--storage.tsdb.path={folder.FullName}/data",
                $"--web.listen-address=127.0.0.1:{web}");
            using (var demo = Start(Path.Combine(Repository.Root, "run"), state, "demo"))
            {
                await demo.WaitForExitAsync();
                Assert.Equal(0, demo.ExitCode);
            }

            var scrape = await http.GetStringAsync(new Uri($"http://127.0.0.1:{service}/metrics"));
            foreach (var query in Queries())
            {
                await WhenAsync(() => HasSeriesAsync(http, web, query), TimeSpan.FromMinutes(1), query);
            }

            var file = Path.Combine(folder.FullName, "scrape");
            await File.WriteAllTextAsync(file, scrape);
            var (_, complaints) = await Tool.RunAsync("bash", "-c", $"promtool check metrics <{file}");
            Assert.DoesNotContain(
                complaints.Split('\n', StringSplitOptions.RemoveEmptyEntries),
                line => !Theirs.Contains(line.Split(' ')[0]));
        }
        finally
        {
            await StopAsync(prometheus);
            await StopAsync(up);
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Queries()
    {
        using var dashboard = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Deploy, "grafana", "payouts.json")));
        string[] queries =
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!
                    .Replace("$__rate_interval", "1m", StringComparison.Ordinal)),
        ];
        Assert.True(queries.Length > 25);
        return queries;
    }

    private static async Task<bool> HasSeriesAsync(HttpClient http, int port, string query)
    {
        var answer = await http.GetAsync(
            new Uri($"http://127.0.0.1:{port}/api/v1/query?query={Uri.EscapeDataString(query)}"));
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("status").GetString() == "success"
            && json.RootElement.GetProperty("data").GetProperty("result").GetArrayLength() > 0;
    }

    private static async Task<bool> IsFoundAsync(HttpClient http, string address)
    {
        try
        {
            return (await http.GetAsync(new Uri(address))).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task WhenAsync(Func<Task<bool>> condition, TimeSpan patience, string what = "the service")
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < patience, $"Nothing came of {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }
    }

    private static Process Start(string program, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Tells a program to stop, so that it stops what it started.</summary>
    private static async Task StopAsync(Process? process)
    {
        if (process is { HasExited: false })
        {
            await Tool.RunAsync("kill", "-TERM", $"{process.Id}");
            await process.WaitForExitAsync();
        }
    }
}
