using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PayoutService.Tests.Support;
using PockytSimulator;
using PockytSimulator.Control;

namespace PayoutService.Tests.Journeys;

/// <summary>A clean stop while a send is on the wire.</summary>
[Trait("Run", "Long")]
public sealed class StopTests
{
    [Fact]
    public async Task A_send_that_is_on_the_wire_when_the_service_is_told_to_stop_is_answered_and_written_down()
    {
        await using var simulator = Simulator.Build([], builder =>
        {
            builder.Configuration["urls"] = "http://127.0.0.1:0";
            builder.Configuration["Simulator:NoticeDelay"] = "00:01:00";
        });
        await simulator.StartAsync();
        var database = await TestDatabase.CreateAsync();
        using var service = await ServiceProcess.StartAsync(
            database, simulator.Urls.First(), "--Pockyt:Timeout=00:00:04");
        simulator.Services.GetRequiredService<Faults>().Add(new FaultScript("pay", Times: 0, DelayMs: 1500));
        await service.PayAsync("1.00");
        await service.WhenAsync("process-1-00", payout => payout.GetProperty("status").GetString() is "submitting");

        var before = await ReplicasAsync(database);

        await service.StopAsync();

        Assert.Equal((1, 0), (before, await ReplicasAsync(database)));
        var rows = await TestDatabase.DumpAsync(database);
        Assert.Contains(",processing,", rows, StringComparison.Ordinal);
        Assert.DoesNotContain("unconfirmed", rows, StringComparison.Ordinal);
    }

    /// <summary>The number of processes a failover would wait for.</summary>
    private static async Task<long> ReplicasAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(database));
        await using var count = source.CreateCommand("SELECT count(*) FROM replicas");
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
