using System.Diagnostics;
using Microsoft.Net.Http.Headers;

namespace PayoutService.Api.Http;

/// <summary>Continues the trace of a caller whose key is known. Anybody else could choose the traceId under which we
/// log, and hide among the lines of another request.</summary>
internal sealed class CallerTraces(ApiKeyTable keys, TimeProvider clock) : DistributedContextPropagator
{
    private static readonly DistributedContextPropagator Standard = CreateDefaultPropagator();

    public override IReadOnlyCollection<string> Fields => Standard.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        Standard.Inject(activity, carrier, setter);

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        (traceId, traceState) = (null, null);
        if (IsKnown(carrier))
        {
            Standard.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
        }
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(
        object? carrier, PropagatorGetterCallback? getter) =>
        IsKnown(carrier) ? Standard.ExtractBaggage(carrier, getter) : null;

    private bool IsKnown(object? carrier) =>
        carrier is IHeaderDictionary headers
        && headers.ContainsKey(HeaderNames.TraceParent)
        && ApiKeys.KeyIn(headers) is { } shown
        && keys.Find(shown)?.IsGoodAt(clock.GetUtcNow()) is true;
}
