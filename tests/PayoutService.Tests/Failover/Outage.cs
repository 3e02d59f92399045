using System.Globalization;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Failover;

/// <summary>What callers noticed of one fault.</summary>
/// <param name="Name">The fault.</param>
/// <param name="At">When it was done.</param>
/// <param name="Whole">When the cluster was whole again.</param>
internal sealed record Outage(string Name, DateTimeOffset At, DateTimeOffset Whole)
{
    /// <summary>For how long before the fault, and after its end, calls are measured for comparison.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(8);

    /// <summary>True when each replica has accepted in the last seconds.</summary>
    public static bool IsOver(IEnumerable<Call> calls, DateTimeOffset since, int replicas)
    {
        var recent = TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(5);
        return calls.Where(call => call.IsAccepted && call.At > since && call.End > recent)
            .Select(call => call.Replica).Distinct().Count() == replicas;
    }

    /// <summary>The seconds from the fault until a replica accepted again: the end of the longest time that it accepted
    /// nothing, which began after the fault or was going on then.</summary>
    public double ServedAfter(IEnumerable<Call> calls, int? replica = null) => LongestGap(calls, replica).End;

    /// <summary>The longest time without an accepted call.</summary>
    public double WithoutService(IEnumerable<Call> calls)
    {
        var (start, end) = LongestGap(calls, null);
        return end - start;
    }

    /// <summary>The seconds from the fault until a payout was sent that was accepted after it.</summary>
    public double SentAfter(IEnumerable<Call> calls, IReadOnlyList<ReceivedCall> arrivals)
    {
        var fresh = calls.Where(call => call.Status == 201 && call.At > At + Window).Select(call => call.InvoiceId)
            .ToHashSet();
        return arrivals.Where(arrival => arrival.At > At && fresh.Contains(arrival.InvoiceId ?? ""))
            .Select(arrival => (arrival.At - At).TotalSeconds).DefaultIfEmpty(double.NaN).Min();
    }

    public string Text(IReadOnlyList<Call> calls, IReadOnlyList<ReceivedCall> arrivals)
    {
        var ways = FailoverWorld.Ways.Select((way, replica) => $"{way} {Seconds(ServedAfter(calls, replica))}");
        var end = At.AddSeconds(ServedAfter(calls));
        var during = calls.Where(call => call.At >= At && call.At < end).ToList();
        return $"failover: {Name}: without service {Seconds(WithoutService(calls))} s; served again after "
            + $"{Seconds(ServedAfter(calls))} s ({string.Join(", ", ways)}), sent after "
            + $"{Seconds(SentAfter(calls, arrivals))} s; p99 before {P99(calls, At - Window, At)}, "
            + $"during {P99(during)}, after {P99(calls, Whole, Whole + Window)} ms; "
            + $"503: {during.Count(call => call.Status == 503)}";
    }

    public static string P99(IEnumerable<Call> calls)
    {
        var times = calls.Select(call => call.Took.TotalMilliseconds).Order().ToList();
        return times.Count == 0 ? "-" : Seconds(times[(int)((times.Count - 1) * 0.99)], "F0");
    }

    private static string P99(IEnumerable<Call> calls, DateTimeOffset from, DateTimeOffset until) =>
        P99(calls.Where(call => call.At >= from && call.At < until));

    private static string Seconds(double value, string format = "F1") =>
        value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>In seconds since the fault.</summary>
    private (double Start, double End) LongestGap(IEnumerable<Call> calls, int? replica)
    {
        var accepted = calls.Where(call => call.IsAccepted && (replica is null || call.Replica == replica)
                && call.End > At - Window && call.At < Whole)
            .Select(call => (call.End - At).TotalSeconds).Order().ToList();
        return accepted.Zip(accepted.Skip(1)).Where(pair => pair.Second > 0)
            .Select(pair => (pair.First, pair.Second)).DefaultIfEmpty((double.NaN, double.NaN))
            .MaxBy(pair => pair.Item2 - pair.Item1);
    }
}
