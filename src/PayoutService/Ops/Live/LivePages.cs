using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Ops.Sessions;
using PayoutService.Storage;
using PayoutService.UseCases;

namespace PayoutService.Ops.Live;

/// <summary>Tells open pages how much has happened since: a number, never rows.</summary>
internal static class LivePages
{
    /// <summary>A number that did not change is sent again after this time: a page that hears nothing for two of them
    /// is stale, and a proxy sees that the connection lives.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>The browser then connects again, perhaps to another replica, and its session is checked.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public static void Map(IEndpointRouteBuilder ops) => ops.MapGet("/live", Watch).WithName("opsLive");

    private static ServerSentEventsResult<string> Watch(
        Session session,
        HttpContext context,
        LiveChanges changes,
        ICallers callers,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        CancellationToken cancel)
    {
        // Nginx would keep the numbers back until there are many.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
        context.Response.RegisterForDispose(stop);
        return TypedResults.ServerSentEvents(NumbersAsync(
            session.Merchants, changes, () => OpsSessions.IsOpen(context.User, callers), clock, stop.Token));
    }

    private static async IAsyncEnumerable<SseItem<string>> NumbersAsync(
        IReadOnlyList<string> merchants,
        LiveChanges changes,
        Func<bool> isOpen,
        TimeProvider clock,
        [EnumeratorCancellation] CancellationToken cancel)
    {
        var (began, saidAt) = (clock.GetTimestamp(), 0L);
        long? said = null;
        while (!cancel.IsCancellationRequested && isOpen() && clock.GetElapsedTime(began) < Longest)
        {
            if (await CountAsync(merchants, changes) is { } count
                && (count != said || clock.GetElapsedTime(saidAt) >= Beat))
            {
                (said, saidAt) = (count, clock.GetTimestamp());
                yield return new SseItem<string>(count.ToString(CultureInfo.InvariantCulture));
            }

            try
            {
                await Task.Delay(LiveChanges.Interval, clock, cancel);
            }
            catch (OperationCanceledException)
            {
                yield break;
            }
        }
    }

    /// <returns>Null while the database is away: the page then says that it is stale.</returns>
    private static async Task<long?> CountAsync(IReadOnlyList<string> merchants, LiveChanges changes)
    {
        try
        {
            return await changes.CountAsync(merchants);
        }
        catch (Exception broken) when (PostgresFailures.IsUnavailable(broken))
        {
            return null;
        }
    }
}
