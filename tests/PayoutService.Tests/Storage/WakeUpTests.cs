using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>A commit wakes the workers of every process at once; without that they look by their timers.</summary>
public sealed class WakeUpTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_signal_wakes_who_waits_and_who_waits_next_and_nobody_twice()
    {
        var wakeUp = new WakeUp();
        var waiting = wakeUp.WaitAsync(Long, TimeProvider.System, CancellationToken.None);
        wakeUp.Signal();
        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
        wakeUp.Signal();
        await wakeUp.WaitAsync(Long, TimeProvider.System, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5));

        var began = TimeProvider.System.GetTimestamp();
        await wakeUp.WaitAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        Assert.True(TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public async Task A_payout_that_is_accepted_wakes_its_sender_and_its_feed_in_this_process()
    {
        var wakeUps = stage.Get<WakeUps>();
        await Task.WhenAll(DrainAsync(wakeUps.Sends), DrainAsync(wakeUps.History));
        var waiting = Task.WhenAll(WaitAsync(wakeUps.Sends), WaitAsync(wakeUps.History));

        await stage.PayAsync();

        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Who_asks_is_woken_by_an_outcome_to_confirm_and_not_by_what_is_under_way()
    {
        var wakeUps = stage.Get<WakeUps>();
        await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        await stage.WhenPockytIsIdleAsync();
        await stage.PayAsync("500.04");
        do
        {
            // What other tests paid is told late.
            await DrainAsync(wakeUps.Inquiries);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        }
        while (wakeUps.Inquiries.IsSignalled);
        await stage.DispatchAsync();
        var underWay = wakeUps.Inquiries.IsSignalled;

        await stage.PayAsync("500.00");
        await stage.DispatchAsync();
        await stage.WhenPockytIsIdleAsync();

        Assert.False(underWay);
        Assert.True(wakeUps.Inquiries.IsSignalled);
    }

    [Fact]
    public async Task Another_process_is_woken_at_once()
    {
        var elsewhere = new WakeUps();
        await using var source = NpgsqlDataSource.Create(stage.ConnectionString);
        using var relay = new WakeUpRelay(source, elsewhere, TimeProvider.System, NullLogger<WakeUpRelay>.Instance);
        await relay.StartAsync(CancellationToken.None);
        var woken = WaitAsync(elsewhere.Sends);
        for (var tries = 0; tries < 50 && !woken.IsCompleted; tries++)
        {
            // Until it listens.
            await stage.PayAsync();
            await Task.WhenAny(woken, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System));
        }

        Assert.True(woken.IsCompletedSuccessfully);
        await relay.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Without_a_database_nobody_is_told_and_nothing_breaks()
    {
        var wakeUps = new WakeUps();
        await using var source = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1;Database=none;Username=none");
        using var relay = new WakeUpRelay(source, wakeUps, TimeProvider.System, NullLogger<WakeUpRelay>.Instance);
        await relay.StartAsync(CancellationToken.None);
        wakeUps.Signal(Work.Sends);
        await wakeUps.Sends.WaitAsync(Long, TimeProvider.System, CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(5));
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);

        Assert.False(relay.ExecuteTask!.IsCompleted);
        await relay.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5));
    }

    private static Task DrainAsync(WakeUp wakeUp) =>
        wakeUp.WaitAsync(TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);

    private static Task WaitAsync(WakeUp wakeUp) =>
        wakeUp.WaitAsync(Long, TimeProvider.System, CancellationToken.None);
}
