using System.Collections.Concurrent;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.Workers;

namespace PayoutService.Events;

/// <summary>Sends events to webhook endpoints: each endpoint by one process at a time, and all of a process at once, so
/// that one that hangs holds up no other.</summary>
internal sealed class Deliverer(
    DeliveryStore store,
    RecoveryStore recoveries,
    WebhookSender sender,
    DeliveryPace pace,
    EventRules events,
    WakeUps wakeUps,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<Deliverer> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger, wakeUps.Feeds)
{
    private readonly Guid self = Guid.CreateVersion7(clock.GetUtcNow());
    private readonly ConcurrentDictionary<Task, byte> running = [];
    private readonly EveryMinute minute = new(clock);
    private bool isMoreOld;

    /// <summary>Under load there are events at every moment, and most endpoints are worked already.</summary>
    protected override TimeSpan Rest => TimeSpan.FromMilliseconds(60);

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        if (isMoreOld || minute.IsOver())
        {
            isMoreOld = await store.TrimAsync() == DeliveryStore.TrimmedAtOnce;
        }

        foreach (var endpoint in await store.LeaseAsync(self, Clock.GetUtcNow()))
        {
            var work = WorkAsync(endpoint, cancel);
            running.TryAdd(work, 0);
            _ = work.ContinueWith(
                done => running.TryRemove(done, out _),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        return isMoreOld;
    }

    public override Task WhenIdleAsync() => Task.WhenAll(running.Keys);

    private async Task WorkAsync(WebhookEndpoint endpoint, CancellationToken cancel)
    {
        try
        {
            var rest = TimeSpan.Zero;
            var next = endpoint;
            while (!cancel.IsCancellationRequested && next is { Status: EndpointStatus.Enabled })
            {
                var isRecovering = await recoveries.StepAsync(next, store.Lease, Clock.GetUtcNow());
                var (send, heldBack, cursor) = await store.NextAsync(next, Clock.GetUtcNow());
                if (send.Count + heldBack.Count > 0 || cursor != next.Cursor)
                {
                    await Task.Delay(rest, Clock, cancel);
                    var began = Clock.GetTimestamp();
                    List<Sent> sent = [.. await SendAsync(next, send, began, cancel), .. heldBack];
                    next = await store.RecordAsync(next, sent, cursor, Clock.GetUtcNow());
                    rest = pace.RestAfter(Clock.GetElapsedTime(began), next is { FailingSince: not null });
                }
                else if (!isRecovering)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The process stops.
        }
        // Whatever broke: the lease ends, and the process that takes the endpoint then sends the same again.
        catch (Exception broken)
        {
            logger.LogWarning(broken, "Events for {endpointId} wait for the end of the lease.", endpoint.Id);
            return;
        }

        await store.ReleaseAsync(endpoint);
    }

    private async Task<IEnumerable<Sent>> SendAsync(
        WebhookEndpoint endpoint, List<Outgoing> send, long began, CancellationToken cancel)
    {
        using var slots = new SemaphoreSlim(events.AtOnce);
        var sent = await Task.WhenAll(send
            .GroupBy(outgoing => outgoing.Told.ObjectId)
            .Select(line => SendInOrderAsync(endpoint, [.. line], slots, began, cancel)));
        return sent.SelectMany(line => line);
    }

    /// <summary>Sends the events of one object one after the other, until one fails.</summary>
    private async Task<List<Sent>> SendInOrderAsync(
        WebhookEndpoint endpoint, List<Outgoing> line, SemaphoreSlim slots, long began, CancellationToken cancel)
    {
        List<Sent> sent = [];
        var failed = false;
        foreach (var outgoing in line)
        {
            if (failed)
            {
                sent.Add(new Sent(outgoing, Answer: null, IsHeldBack: true));
                continue;
            }

            await slots.WaitAsync(CancellationToken.None);
            try
            {
                // What is begun must be answered and written down before another process takes the endpoint.
                var isTime = Clock.GetElapsedTime(began) + events.Timeout + PayoutRules.Margin < store.Lease;
                var answer = isTime ? await AnswerAsync(endpoint, outgoing.Told, cancel) : null;
                failed = answer is not { IsSuccess: true };
                sent.Add(new Sent(outgoing, answer));
            }
            finally
            {
                slots.Release();
            }
        }

        return sent;
    }

    /// <summary>Posts an event.</summary>
    /// <returns>The answer; null: the process stops, and the event is sent again.</returns>
    private async Task<WebhookAnswer?> AnswerAsync(
        WebhookEndpoint endpoint, FeedEvent told, CancellationToken cancel)
    {
        try
        {
            return await sender.SendAsync(endpoint, told, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return null;
        }
    }
}
