using System.Diagnostics;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Chaos;

/// <summary>Strikes the world, one fault after the other, of all kinds mixed; those that last overlap, and connections
/// are cut all the while.</summary>
internal sealed class FaultInjector(ChaosCluster world, TimeSpan haltFor, Random chance)
{
    /// <summary>To Pockyt, from Pockyt and to the database, each there and back.</summary>
    private const int Ways = 6;

    private readonly List<Task> lasting = [];
    private readonly SemaphoreSlim mayHalt = new(2);
    private readonly Random chanceOfCuts = new(chance.Next());
    private Task recovery = Task.CompletedTask;

    /// <summary>Ends when the last fault is over.</summary>
    public async Task RageAsync(int kills, int halts, int crashes, int cuts, TimeSpan pace)
    {
        Func<Task>[] faults =
        [
            .. Enumerable.Repeat(KillAsync, kills), .. Enumerable.Repeat(HaltAsync, halts - 1),
            .. Enumerable.Repeat(CrashAsync, crashes), .. Enumerable.Repeat(TerminateAsync, cuts / Ways),
        ];
        chance.Shuffle(faults);
        var cutting = CutAllAsync(cuts, pace);

        // A halt lasts longest.
        foreach (var strike in faults.Prepend(HaltAsync))
        {
            await Task.Delay(pace, TimeProvider.System);
            await strike();
            await Task.WhenAll(lasting.Where(one => one.IsFaulted));
        }

        await Task.WhenAll(lasting.Append(cutting));
    }

    private async Task KillAsync() => await (await PickAsync()).KillAsync();

    private async Task HaltAsync()
    {
        await mayHalt.WaitAsync();
        var replica = await PickAsync();
        await replica.HaltAsync();
        lasting.Add(GoOnLaterAsync());

        async Task GoOnLaterAsync()
        {
            await Task.Delay(haltFor, TimeProvider.System);
            await replica.GoOnAsync();
            mayHalt.Release();
        }
    }

    private async Task CrashAsync()
    {
        await recovery;
        await world.Postgres.KillAsync();
        lasting.Add(recovery = world.Postgres.RecoverAsync());
    }

    private async Task CutAllAsync(int cuts, TimeSpan pace)
    {
        for (var cut = 0; cut < cuts; cut++)
        {
            await Task.Delay(pace, TimeProvider.System);
            await CutAsync(cut);
        }
    }

    /// <summary>In turn, so that each wire is cut each way equally often.</summary>
    private Task CutAsync(int cut)
    {
        var after = TimeSpan.FromMilliseconds(chanceOfCuts.Next(50, 500));
        return (cut % Ways) switch
        {
            0 => world.ToPockyt.CutAsync(Way.There, after),
            1 => world.ToPockyt.CutAsync(Way.Back, after),
            2 => world.FromPockyt.CutAsync(Way.There, after),
            3 => world.FromPockyt.CutAsync(Way.Back, after),
            4 => world.ToDatabase.CutAsync(Way.There, after),
            _ => world.ToDatabase.CutAsync(Way.Back, after),
        };
    }

    /// <summary>The database ends the service's connections itself.</summary>
    private async Task TerminateAsync()
    {
        await recovery;
        await TestDatabase.ExecuteAsync(world.Postgres.ConnectionString, """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'payout-service'
            """);
    }

    /// <summary>A replica that works, so that there is something to strike.</summary>
    private async Task<Replica> PickAsync()
    {
        for (var patience = Stopwatch.StartNew(); ;)
        {
            var working = world.Replicas.Where(replica => replica.Serves && !replica.IsHalted).ToList();
            if (working.Count > 0)
            {
                return working[chance.Next(working.Count)];
            }

            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(2), "No replica works any more.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
