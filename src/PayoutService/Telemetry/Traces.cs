using System.Buffers.Binary;
using System.Diagnostics;

namespace PayoutService.Telemetry;

/// <summary>Traces of what happens to a payout after its request was answered. Each is a trace of its own, linked to
/// that of the request by the <c>traceparent</c> that the payout keeps: days may lie between them.</summary>
internal static class Traces
{
    /// <summary>The name of the source.</summary>
    public const string Name = "PayoutService";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>The current span, as a row keeps it; null when it is not recorded.</summary>
    public static string? Current => Activity.Current is { Recorded: true } span ? span.Id : null;

    /// <summary>The id of the current trace, recorded or not; null when there is none.</summary>
    public static Guid? CurrentId => Activity.Current is { } span ? Guid.ParseExact($"{span.TraceId}", "N") : null;

    /// <summary>Has trace ids begin with their time, so that the index on those of new payouts grows at its end. The
    /// last 56 bits are random, as W3C Trace Context asks of level 2.</summary>
    public static void OrderIds() => Activity.TraceIdGenerator = () =>
    {
        Span<byte> id = stackalloc byte[16];
        Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).TryWriteBytes(id, bigEndian: true, out _);
        return ActivityTraceId.CreateFromBytes(id);
    };

    /// <summary>The random part of a trace id, from 0 to below 1.</summary>
    public static double RandomPartOf(ActivityTraceId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.CopyTo(bytes);
        return (BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) & ((1UL << 56) - 1)) / Math.Pow(2, 56);
    }

    /// <summary>Begins a trace.</summary>
    /// <param name="name">What is done; one of few names.</param>
    /// <param name="traceparents">The requests that it is linked to.</param>
    /// <returns>The span, to be disposed at its end; null when none of the requests is traced.</returns>
    public static Activity? Begin(string name, params IEnumerable<string?> traceparents)
    {
        if (!Source.HasListeners() || LinksTo(traceparents) is not { Count: > 0 } links)
        {
            return null;
        }

        // Else it would be nested in whatever runs here.
        Activity.Current = null;
        return Source.StartActivity(ActivityKind.Internal, links: links, name: name);
    }

    /// <summary>Writes down a trace of something that has just ended.</summary>
    public static void Add(string name, TimeSpan elapsed, IEnumerable<string?> traceparents)
    {
        using var span = Begin(name, traceparents);
        span?.SetStartTime(span.StartTimeUtc - elapsed);
    }

    /// <summary>Links the current span to a request.</summary>
    public static void LinkTo(string? traceparent)
    {
        if (Activity.Current is { } span)
        {
            LinksTo([traceparent]).ForEach(link => span.AddLink(link));
        }
    }

    /// <summary>Writes into a span which payout it is about and what became of it.</summary>
    public static void Tell(Activity? span, string payoutId, Enum report, Enum status, Enum? confirmedBy) => span?
        .SetTag("payoutId", payoutId)
        .SetTag("report", Metrics.Word(report))
        .SetTag("status", Metrics.Word(status))
        .SetTag("confirmedBy", confirmedBy is null ? null : Metrics.Word(confirmedBy));

    /// <summary>Leaves the trace of the caller: what follows serves others too.</summary>
    public static void Leave() => Activity.Current = null;

    private static List<ActivityLink> LinksTo(IEnumerable<string?> traceparents) =>
    [
        .. from traceparent in traceparents
           where traceparent is not null
           select new ActivityLink(ActivityContext.Parse(traceparent, traceState: null)),
    ];
}
