using PayoutService.Tests.Proofs;
using Xunit.Abstractions;

namespace PayoutService.Tests.Failover;

/// <summary>A node of the database dies, is cut off or hands over, and what was accepted is there and paid once.
/// </summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private const double ServedWithin = 30;

    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(3);

    [ClusterFact(inShort: true)]
    public async Task Primaries_killed_one_after_the_other_lose_nothing_and_callers_are_served_soon()
    {
        var kills = ClusterFactAttribute.Extent is "full" ? 20 : 2;
        await using var world = await FailoverWorld.StartAsync(strict: true);

        List<Outage> outages = [];
        for (var kill = 0; kill < kills; kill++)
        {
            outages.Add(Say(world, await world.KillPrimaryAsync()));
        }

        var served = await JudgeAsync(world, "strict, killed", outages);
        Assert.True(
            served.Count(seconds => seconds <= ServedWithin) >= kills - 1,
            $"Served after {string.Join(", ", served)} s.");
    }

    [ClusterFact]
    public async Task Switchovers_cuts_and_the_loss_of_a_standby_lose_nothing()
    {
        await using var world = await FailoverWorld.StartAsync(strict: true);

        List<Outage> outages = [];
        for (var time = 0; time < 3; time++)
        {
            outages.Add(Say(world, await world.StrikeAsync(
                "switched over", () => world.Cluster.RunAsync("switchover"), () => Task.CompletedTask)));
            outages.Add(Say(world, await world.StrikeAsync(
                "primary cut off", () => world.Cluster.RunAsync("partition"), () => world.Cluster.RunAsync("heal"))));
            outages.Add(Say(world, await KillStandbyAsync(world)));
        }

        await JudgeAsync(world, "strict, other faults", outages);
    }

    [ClusterFact]
    public async Task In_a_cluster_that_is_not_strict_nothing_is_lost_and_sending_goes_on()
    {
        await using var world = await FailoverWorld.StartAsync(strict: false);

        List<Outage> outages = [];
        for (var time = 0; time < 2; time++)
        {
            outages.Add(Say(world, await world.KillPrimaryAsync()));
            outages.Add(Say(world, await world.StrikeAsync(
                "switched over", () => world.Cluster.RunAsync("switchover"), () => Task.CompletedTask)));
            outages.Add(Say(world, await KillStandbyAsync(world)));
        }

        await JudgeAsync(world, "not strict", outages);
    }

    [ClusterFact]
    public async Task A_primary_that_halts_and_goes_on_takes_nothing_back()
    {
        await using var world = await FailoverWorld.StartAsync(strict: true);

        List<Outage> outages = [];
        for (var time = 0; time < 2; time++)
        {
            var node = "";
            outages.Add(Say(world, await world.StrikeAsync(
                "primary halted for 30 s",
                async () =>
                {
                    node = await world.Cluster.RunAsync("primary");
                    await world.Cluster.RunAsync("freeze", node);
                    await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System);
                    await world.Cluster.RunAsync("thaw", node);
                },
                () => Task.CompletedTask)));
        }

        await JudgeAsync(world, "thaw", outages);
    }

    [ClusterFact]
    public async Task A_primary_without_its_Patroni_promises_nothing_that_its_successor_lacks()
    {
        await using var world = await FailoverWorld.StartAsync(strict: true);

        var node = "";
        var outage = await world.StrikeAsync(
            "only Patroni of the primary killed",
            async () =>
            {
                node = await world.Cluster.RunAsync("primary");
                await world.Cluster.RunAsync("kill", node, "patroni");
            },
            () => world.Cluster.RunAsync("start", node));

        await JudgeAsync(world, "split", [Say(world, outage)]);
    }

    [ClusterFact]
    public async Task Without_any_standby_calls_get_503_nothing_is_sent_and_afterwards_all_is_paid_once()
    {
        await using var world = await FailoverWorld.StartAsync(strict: true);
        await world.Cluster.WhenWholeAsync();
        var primary = await world.Cluster.RunAsync("primary");
        var standbys = new[] { "1", "2", "3" }.Except([primary]).ToList();

        foreach (var standby in standbys)
        {
            await world.Cluster.RunAsync("kill", standby, "database");
        }

        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
        var since = TimeProvider.System.GetUtcNow();
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System);
        var meanwhile = world.Callers.Calls.Where(call => call.At > since).ToList();
        var sent = world.Book.Arrivals.Count(arrival => arrival.At > since);
        foreach (var standby in standbys)
        {
            await world.Cluster.RunAsync("start", standby);
        }

        output.Say($"failover: stall: {meanwhile.Count} calls without a standby, "
            + $"{meanwhile.Count(call => call.Status == 503)} answered 503, {sent} payouts sent meanwhile");
        Assert.NotEmpty(meanwhile);
        Assert.All(meanwhile, call => Assert.Equal(503, call.Status));
        Assert.Equal(0, sent);
        await world.Cluster.WhenWholeAsync();
        await JudgeAsync(world, "stall", []);
    }

    [ClusterFact]
    public async Task A_promotion_that_loses_commits_pauses_sending_and_pays_nothing_twice()
    {
        await using var world = await FailoverWorld.StartAsync(strict: true);
        await world.Callers.EndAsync();
        await world.Cluster.WhenWholeAsync();
        var (primary, standby) = (await world.Cluster.RunAsync("primary"), await world.Cluster.RunAsync("standby"));
        var late = new[] { "1", "2", "3" }.Except([primary, standby]).Single();
        var due = TimeProvider.System.GetUtcNow().AddSeconds(20);
        for (var number = 0; number < 20; number++)
        {
            await world.Callers.AskAsync(number % 3, $"scheduled-{number}", "1.00", due);
        }

        // The third node knows of them, and not of what comes now.
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        await world.Cluster.RunAsync("lag", late);
        for (var number = 0; number < 10; number++)
        {
            await world.Callers.AskAsync(number % 3, $"late-{number}", "1.00");
        }

        await Task.Delay(due.AddSeconds(5) - TimeProvider.System.GetUtcNow(), TimeProvider.System);
        var before = world.Book.Arrivals.Count(arrival => arrival.InvoiceId is not null);
        await world.Cluster.RunAsync("kill", primary, "database");
        await world.Cluster.RunAsync("kill", standby, "database");
        await Task.Delay(TimeSpan.FromSeconds(25), TimeProvider.System);
        await world.Cluster.RunAsync("promote", late);
        await world.Cluster.RunAsync("start", standby);
        await world.Cluster.RunAsync("start", primary);
        await world.Cluster.WhenWholeAsync();
        await Task.Delay(TimeSpan.FromSeconds(40), TimeProvider.System);

        var pauses = await world.PausesAsync();
        var rows = await world.CountAsync("SELECT count(*) FROM payouts");
        var after = world.Book.Arrivals.Count(arrival => arrival.InvoiceId is not null);
        var twice = world.Book.Payouts.GroupBy(paid => paid.InvoiceId).Count(same => same.Count() > 1);
        output.Say($"failover: lossy: {before} pay calls before it, {after - before} more after it; rows "
            + $"{world.Callers.Accepted.Count} acknowledged, {rows} left; paid twice {twice}; pauses {pauses}");
        Assert.Equal((world.Callers.Accepted.Count, 0, 0), (before, after - before, twice));
        Assert.True(pauses > 0 && rows < before, "Nothing was lost.");
    }

    private static async Task<Outage> KillStandbyAsync(FailoverWorld world)
    {
        var node = "";
        return await world.StrikeAsync(
            "standby killed",
            async () =>
            {
                node = await world.Cluster.RunAsync("standby");
                await world.Cluster.RunAsync("kill", node);
            },
            () => world.Cluster.RunAsync("start", node));
    }

    /// <summary>Ends the load and checks all that must hold whatever was done.</summary>
    /// <returns>The seconds after each fault until callers were served again.</returns>
    private async Task<List<double>> JudgeAsync(FailoverWorld world, string name, List<Outage> outages)
    {
        var pauses = await world.PausesAsync();
        var (check, rest) = await world.AtRestAsync();
        var calls = world.Callers.Calls.ToList();
        var served = outages.Select(outage => outage.ServedAfter(calls)).ToList();
        var unexpected = calls.Where(call => !call.IsAccepted && (call.Status != 503 || !call.SaysWhen)).ToList();
        var slow = calls.Where(call => call.Took > LongestCall).ToList();
        var differing = calls.Where(call => call.Id is not null).GroupBy(call => call.InvoiceId)
            .Where(same => same.Select(call => call.Id).Distinct().Count() > 1).ToList();
        output.Say($"failover: {name}: {outages.Count} faults; acknowledged {world.Callers.Accepted.Count}, "
            + $"lost {check.Lost.Count}, paid twice {check.PaidTwice.Count}, differ from the ledger "
            + $"{check.Differ.Count}; calls {calls.Count}, of them 503: {calls.Count(call => call.Status == 503)}, "
            + $"neither accepted nor 503 with Retry-After: {unexpected.Count}, over 3 s: {slow.Count}, slowest "
            + $"{calls.Max(call => call.Took).TotalSeconds:F1} s; two answers to one call: {differing.Count}; "
            + $"pauses {pauses}; restarts {world.Ended}; at rest after {rest.TotalSeconds:F0} s");
        Say(unexpected.Concat(slow).Take(10));
        if (pauses > 0)
        {
            output.Say($"failover: {await world.RestoresAsync()}");
        }

        if (unexpected.Count > 0)
        {
            foreach (var line in world.Replicas.SelectMany(replica => replica.Log).Where(IsFault).Take(10))
            {
                output.Say($"failover: {line}");
            }
        }

        Assert.Equal([], check.Lost.Concat(check.PaidTwice).Concat(check.Differ));
        Assert.Empty(unexpected);
        Assert.Empty(slow);
        Assert.Empty(differing);
        Assert.Equal((0, 0), (pauses, world.Ended));
        return served;
    }

    /// <summary>Says at once what was seen: a long run may be ended.</summary>
    private Outage Say(FailoverWorld world, Outage outage)
    {
        output.Say(outage.Text([.. world.Callers.Calls], world.Book.Arrivals));
        return outage;
    }

    /// <summary>What a replica logs of a call that it answers 500.</summary>
    private static bool IsFault(string line) => line.Contains("A request failed.", StringComparison.Ordinal);

    private void Say(IEnumerable<Call> calls)
    {
        foreach (var call in calls)
        {
            output.Say($"failover: {call}");
        }
    }
}
