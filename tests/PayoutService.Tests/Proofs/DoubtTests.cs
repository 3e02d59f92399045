using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Tests.Support;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs;

/// <summary>A restore is noted however many payouts wait: marked in batches, none of which takes long.</summary>
[Collection(nameof(Proof))]
public sealed class DoubtTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task However_many_payouts_wait_all_are_marked_and_all_are_cleared()
    {
        var count = Proof.IsFull ? 500_000 : 5_000;
        await ManyPayouts.FillAsync(stage, count, "queued");
        stage.Rules.RestoreMarker = "1";

        var time = Stopwatch.StartNew();
        await stage.Restores.DetectAsync(["main"]);
        var marked = (Count: await CountAsync(PayoutStatus.Unconfirmed), Time: time.Elapsed);
        time.Restart();
        await stage.Sending.ClearRestoresAsync("main", Actor.ApiKey("dev"), "The backup was the last thing.");
        var cleared = (Count: await CountAsync(PayoutStatus.Queued), Time: time.Elapsed);

        output.Say($"doubt: {marked.Count} payouts marked in {marked.Time.TotalSeconds:F0} s, "
            + $"{cleared.Count} cleared in {cleared.Time.TotalSeconds:F0} s");
        Assert.Equal((count, count), (marked.Count, cleared.Count));
    }

    private async Task<int> CountAsync(PayoutStatus status)
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Payouts.CountAsync(row => row.Status == status);
    }
}
