using PayoutService.Tests.Support;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs.Deliveries;

/// <summary>
/// Whatever dies, and whatever subscribers answer, every subscriber has every event at least once, and of each object
/// in order. PAYOUTS_DELIVERY_SEED names another first seed.
/// </summary>
[Collection(nameof(Proof))]
[Trait("Run", "Long")]
public sealed class DeliveryTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Steps = 40;

    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Whatever_dies_and_fails_every_subscriber_has_every_event_in_order()
    {
        var first = int.Parse(Environment.GetEnvironmentVariable("PAYOUTS_DELIVERY_SEED") ?? "1");
        var runs = Proof.Size(full: 500, usual: 4);
        var (deaths, requests, events) = (0, 0, 0);
        List<string> breaches = [];
        for (var seed = first; seed < first + runs && breaches.Count == 0; seed++)
        {
            await using var run = await DeliveryRun.BeginAsync(stage, seed);
            await run.RunAsync(Steps);
            breaches.AddRange((await run.EndAsync()).Select(breach => $"seed {seed}: {breach}"));
            (deaths, requests, events) = (deaths + run.Deaths, requests + run.Requests, events + run.Events);
        }

        output.Say($"deliveries: {runs} runs, {deaths} deaths of processes, {events} events to be delivered, "
            + $"{requests} requests, {breaches.Count} breaches");
        Assert.True(deaths > runs);
        Assert.True(breaches.Count == 0, string.Join("\n", breaches.Take(10)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_dies_at_any_message_loses_nothing_and_breaks_no_order(bool after)
    {
        await using var run = await DeliveryRun.BeginAsync(stage, seed: 0);
        var message = 1;
        while (await run.CrashAtAsync(message, after))
        {
            message += Proof.Size(full: 1, usual: 2);

            // The next takes the endpoints when the leases of the dead are over.
            await stage.AdvanceAsync(TimeSpan.FromMinutes(2));
        }

        output.Say($"deliveries: died {(after ? "after" : "before")} messages up to the {message}th");
        Assert.True(message > 20);
        Assert.Empty(await run.EndAsync());
    }
}
