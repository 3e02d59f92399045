using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Ops;

/// <summary>Sessions of operators on several processes of one database.</summary>
[Trait("Run", "Long")]
public sealed class OpsReplicasTests
{
    [Fact]
    public async Task A_session_holds_on_every_replica_and_after_a_restart_and_ends_within_5_s_of_its_key()
    {
        await using var simulator = PockytSimulator.Simulator.Build([], builder =>
            builder.Configuration["urls"] = "http://127.0.0.1:0");
        await simulator.StartAsync();
        var database = await TestDatabase.CreateAsync();
        using var file = new SecretsFileOfTest();
        await file.WriteAsync(Keys("anna", "ben"));
        using var first = await ServiceProcess.StartAsync(
            database, simulator.Urls.First(), $"--SecretsFile={file.Path}");
        using var second = await ServiceProcess.StartAsync(
            database, simulator.Urls.First(), $"--SecretsFile={file.Path}");
        using var anna = await Operator.LogInAsync(first.Api.BaseAddress!, "anna");
        using var ben = await Operator.LogInAsync(first.Api.BaseAddress!, "ben");

        // A cookie is of a host, whatever its port: the browser sends it to both.
        var onSecond = await anna.Http.GetAsync(new Uri(second.Api.BaseAddress!, "/ops/audit"));
        await first.RestartAsync();
        var afterRestart = await anna.Http.GetAsync("/ops/audit");
        using var live = await anna.Http.GetAsync("/ops/live", HttpCompletionOption.ResponseHeadersRead);
        var numbers = live.Content.ReadAsStringAsync();
        await file.WriteAsync(Keys("ben"));
        var removed = Stopwatch.StartNew();
        while ((await anna.Http.GetAsync("/ops/audit")).StatusCode == HttpStatusCode.OK
            && removed.Elapsed < TimeSpan.FromSeconds(20))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (onSecond.StatusCode, afterRestart.StatusCode));
        await numbers.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.InRange(removed.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal("/ops/audit", (await ben.OpenAsync("/ops/audit")).Address);
    }

    private static string Keys(params string[] names) => JsonSerializer.Serialize(new
    {
        ApiKeys = names.Select(name => new
        {
            Name = name,
            Merchant = "main",
            Scopes = (string[])["ops"],
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))),
        }),
    });
}
