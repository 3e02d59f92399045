using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>What stands under deploy/ says what the code does: settings, ports, paths, user, verb and times.</summary>
public sealed partial class DeployTests
{
    private static readonly string Deploy = Path.Combine(Repository.Root, "deploy");

    private static readonly string Kubernetes = string.Join('\n', Directory
        .GetFiles(Path.Combine(Deploy, "kubernetes"), "*.yaml").Select(File.ReadAllText));

    private static readonly string[] Units =
        [.. Directory.GetFiles(Path.Combine(Deploy, "systemd"), "*.service").Select(File.ReadAllText)];

    private static readonly string Compose = File.ReadAllText(Path.Combine(Repository.Root, "docker-compose.yml"));

    [Fact]
    public void Every_setting_that_is_named_stands_in_the_page_of_settings()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "settings.md"));
        var named = Environment().Matches(Kubernetes + Compose + string.Concat(Units))
            .Select(found => found.Groups["name"].Value.Replace("__", ":", StringComparison.Ordinal))
            .Select(name => Index().Replace(name, ""))
            .Where(name => !name.StartsWith("Simulator:", StringComparison.Ordinal))
            .Concat(["SecretsFile", "Roles"]).Distinct().ToList();

        Assert.Contains("Listen:Internal", named);
        Assert.Contains("Telemetry:MetricsPort", named);
        Assert.All(named, name => Assert.Contains($"| `{name}` |", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ports_and_paths_that_are_asked_are_those_where_the_service_answers()
    {
        var settings = Environment().Matches(Kubernetes).ToLookup(
            found => found.Groups["name"].Value, found => found.Groups["value"].Value);
        int[] ports = [.. ContainerPort().Matches(Kubernetes).Select(found => int.Parse(found.Groups[1].Value, null))];
        var ours = ports.Distinct().ToDictionary(port => port, _ => Ports.Take());
        await using var service = Program.Build(
            [
                .. Example.Production,
                .. settings.Where(one => one.Key.StartsWith("Listen", StringComparison.Ordinal)
                    || one.Key.StartsWith("Telemetry", StringComparison.Ordinal))
                    .Select(one => $"--{one.Key.Replace("__", ":", StringComparison.Ordinal)}={Moved(one.First())}"),
            ]);
        await service.StartAsync();
        using var http = new HttpClient();

        Assert.Equal([8080, 8081, 9464], ours.Keys.Order());
        Assert.All(ProbePath().Matches(Kubernetes).Select(found => found.Groups[1].Value).Distinct(), path =>
            Assert.NotEqual(404, Status(8080, path)));
        Assert.Equal((200, 404), (Status(8081, "/health/live"), Status(8081, "/health/ready")));
        Assert.Equal((200, 404), (Status(9464, "/metrics"), Status(9464, "/health/live")));

        string Moved(string value) => ours.Aggregate(value, (text, port) =>
            text.Replace($"{port.Key}", $"{port.Value}", StringComparison.Ordinal));
        int Status(int port, string path) =>
            (int)http.GetAsync(new Uri($"http://127.0.0.1:{ours[port]}{path}")).GetAwaiter().GetResult().StatusCode;
    }

    [Fact]
    public async Task Whoever_stops_the_service_waits_longer_than_it_takes_to_stop()
    {
        await using var service = Program.Build(Example.Production);
        var needed = service.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout.TotalSeconds;
        int[] given =
        [
            .. GracePeriod().Matches(Kubernetes + Compose + string.Concat(Units))
                .Select(found => int.Parse(found.Groups[1].Value, null)),
        ];
        var pause = int.Parse(PreStop().Match(Kubernetes).Groups[1].Value, null);

        Assert.Equal(4, given.Length);
        Assert.All(given, seconds => Assert.True(seconds > needed + pause, $"{seconds} of {needed} + {pause}"));
    }

    [Fact]
    public void The_unit_collects_garbage_as_the_image_does()
    {
        var image = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"));
        var unit = File.ReadAllText(Path.Combine(Deploy, "systemd", "payout-service.service"));

        Assert.Contains("ENV DOTNET_GCgen0size=0x4000000\n", image, StringComparison.Ordinal);
        Assert.Contains("Environment=DOTNET_GCgen0size=0x4000000\n", unit, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pods_run_as_the_user_of_the_image_without_rights_and_the_job_has_the_verb()
    {
        var image = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"));
        string[] workloads = ["api.yaml", "workers.yaml", "migrate.yaml"];

        // The number that Microsoft's images give APP_UID.
        Assert.Contains("USER $APP_UID", image, StringComparison.Ordinal);
        Assert.All(workloads, file =>
        {
            var text = File.ReadAllText(Path.Combine(Deploy, "kubernetes", file));
            string[] said =
            [
                "runAsNonRoot: true", "runAsUser: 1654", "allowPrivilegeEscalation: false",
                "readOnlyRootFilesystem: true", "drop: [ALL]", "automountServiceAccountToken: false",
                "mountPath: /secrets",
            ];
            Assert.All(said, line => Assert.Contains(line, text, StringComparison.Ordinal));
        });
        Assert.Contains("args: [migrate]", Kubernetes, StringComparison.Ordinal);
        Assert.Contains(Units, unit => unit.Contains("PayoutService.dll migrate\n", StringComparison.Ordinal));
        Assert.Contains("[\"migrate\", ..]", File.ReadAllText(
            Path.Combine(Repository.Root, "src", "PayoutService", "Program.cs")), StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"^(?:\s+|Environment=)(?<name>(?:[A-Z]\w*__\w+))(?::\s+|=)""?(?<value>[^""\n]*)", RegexOptions.Multiline)]
    private static partial Regex Environment();

    [GeneratedRegex(@":\d+(?=:|$)")]
    private static partial Regex Index();

    [GeneratedRegex(@"containerPort: (\d+)")]
    private static partial Regex ContainerPort();

    [GeneratedRegex(@"path: (/health/\w+)")]
    private static partial Regex ProbePath();

    [GeneratedRegex(@"(?:terminationGracePeriodSeconds: |stop_grace_period: |TimeoutStopSec=)(\d+)")]
    private static partial Regex GracePeriod();

    [GeneratedRegex(@"command: \[sleep, ""(\d+)""\]")]
    private static partial Regex PreStop();
}
