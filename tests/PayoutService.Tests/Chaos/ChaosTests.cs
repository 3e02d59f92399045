using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Tests.Proofs;
using PockytSimulator.Control;
using Xunit.Abstractions;

namespace PayoutService.Tests.Chaos;

/// <summary>Whatever is killed, halted or cut off, nothing is lost, nobody is paid twice, and every payout ends as the
/// book says.</summary>
[Trait("Run", "Long")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Processes_killed_and_halted_and_connections_cut_lose_nothing_and_pay_nothing_twice()
    {
        // A send that is halted arrives when its process goes on, so nothing may be sent again before that: Pockyt must
        // not have known it for longer than a halt outlasts the lease, on a busy machine too.
        await using var world = await ChaosCluster.StartAsync(
            "chaos",
            answersAfter: TimeSpan.FromMilliseconds(250),
            "--Pockyt:Timeout=00:00:01",
            "--Payouts:Lease=00:00:12",
            $"--Payouts:ResendNotSeenSpan=00:00:{Proof.Size(full: 30, usual: 8):D2}");
        using var load = new Workload(
            world, "00", "00", "00", "01", "02", "03", "05", "07", "09", "10", "11");
        var (kills, halts) = (Proof.Size(full: 200, usual: 1), Proof.Size(full: 50, usual: 1));
        var (crashes, cuts) = (Proof.Size(full: 50, usual: 1), Proof.Size(full: 204, usual: 4));

        await new FaultInjector(world, haltFor: TimeSpan.FromSeconds(13), new Random(20261121))
            .RageAsync(kills, halts, crashes, cuts, TimeSpan.FromMilliseconds(Proof.Size(full: 1500, usual: 700)));
        var rest = await ConsistencyCheck.AtRestAsync(world, load, Patience);
        var leasesEnded = await ConsistencyCheck.CountAsync(
            world, all => all.Where(one => one.Kind == EventKind.LeaseEnded));
        var sentAgain = await ConsistencyCheck.CountAsync(
            world, all => all.Where(one => one.Kind == EventKind.ClaimedAgain));
        await world.EndReplicasAsync();
        var judgement = await ConsistencyCheck.OfAsync(world, load);

        output.Say($"chaos: kill -9 of the service: {kills}, of PostgreSQL: {crashes}");
        output.Say($"chaos: SIGSTOP past the lease: {halts}");
        output.Say($"chaos: connections cut: {cuts / 2} there, {cuts / 2} back; ended by PostgreSQL: {cuts / 6}");
        output.Say($"chaos: accepted by the service: {load.Accepted.Count}; answers: {load.AnswersInWords}");
        output.Say($"chaos: leases that ended: {leasesEnded}; sent again: {sentAgain}");
        output.Say($"chaos: lost: {judgement.Lost.Count}");
        output.Say($"chaos: paid twice: {judgement.PaidTwice.Count}");
        output.Say($"chaos: differ from the book: {judgement.Differ.Count}");
        output.Say($"chaos: at rest after the last fault: {rest.TotalSeconds:F0} s");
        Assert.Empty(load.Unexpected);
        Assert.Empty(judgement.Lost);
        Assert.Empty(judgement.PaidTwice);
        Assert.Empty(judgement.Differ);
        Assert.True(rest < Patience);
    }

    [Fact]
    public async Task A_clean_stop_under_load_leaves_no_payout_unconfirmed()
    {
        await using var world = await ChaosCluster.StartAsync(
            "stops",
            answersAfter: TimeSpan.FromMilliseconds(1500),
            "--Pockyt:Timeout=00:00:10",
            "--Payouts:Lease=00:00:25");

        // A notice would make good what a stop has lost, before anybody noticed.
        world.Faults.Add(new FaultScript("notice", Times: 0, Answer: new FaultAnswer("drop")));
        using var load = new Workload(world, "00", "01", "02", "03");
        var stops = Proof.Size(full: 100, usual: 1);

        var slowest = TimeSpan.Zero;
        var failures = 0;
        for (var stop = 0; stop < stops; stop++)
        {
            var replica = world.Replicas[stop % world.Replicas.Count];
            await replica.WhenServesAsync();
            await world.WhenOnTheWireAsync(sends: 10);
            var (exitCode, took) = await replica.StopAsync();
            failures += exitCode == 0 ? 0 : 1;
            slowest = took > slowest ? took : slowest;
        }

        var rest = await ConsistencyCheck.AtRestAsync(world, load, Patience);
        var unconfirmed = await ConsistencyCheck.CountAsync(
            world, all => all.Where(one => one.To == PayoutStatus.Unconfirmed));
        await world.EndReplicasAsync();
        var judgement = await ConsistencyCheck.OfAsync(world, load);

        output.Say($"chaos: new unconfirmed from {stops} clean stops: {unconfirmed}; of {load.Accepted.Count} payouts");
        output.Say($"chaos: clean stops that failed: {failures}; the slowest took {slowest.TotalSeconds:F1} s");
        Assert.Equal((0, 0), (unconfirmed, failures));
        Assert.True(slowest < TimeSpan.FromSeconds(30) && rest < Patience);
        Assert.Equal([], judgement.Lost.Concat(judgement.PaidTwice).Concat(judgement.Differ));
    }
}
