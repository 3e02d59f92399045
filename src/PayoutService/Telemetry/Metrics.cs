using System.Diagnostics.Metrics;
using System.Text.Json;

namespace PayoutService.Telemetry;

/// <summary>Measures what happens, as it happens. ASP.NET, HttpClient, Npgsql and .NET measure themselves; the state of
/// the database is read by <c>StateGauges</c>. docs/metrics.md describes every metric. Every value of a label comes
/// from a short list.</summary>
internal static class Metrics
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "PayoutService";

    private static readonly double[] Short =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <summary>From a second to a week: banks take days.</summary>
    private static readonly double[] Long =
        [1, 5, 15, 60, 300, 900, 3_600, 6 * 3_600, 86_400, 3 * 86_400, 7 * 86_400];

    private static readonly int[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128];

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> AcceptDuration = Seconds(
        "payouts.accept.duration", "Time from a checked request for a payout to its answer.", Short);

    private static readonly Histogram<double> ClaimDuration = Seconds(
        "payouts.claim.duration", "Time that one statement takes to claim due payouts.", Short);

    private static readonly Counter<long> Claims = Meter.CreateCounter<long>(
        "payouts.claims", "{payout}", "Payouts that were claimed.");

    private static readonly Histogram<double> DispatchDuration = Seconds(
        "payouts.dispatch.duration", "Time from the claim of a payout to the record of Pockyt's answer.", Short);

    private static readonly Histogram<double> ConfirmDuration = Seconds(
        "payouts.confirm.duration", "Time from the acceptance of a payout to its confirmed outcome.", Long);

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "payouts.failures", "{payout}", "Payouts that failed or came back.");

    private static readonly Histogram<double> CallDuration = Seconds(
        "pockyt.call.duration", "Time that a call to Pockyt takes.", Short);

    private static readonly Counter<long> Notifications = Meter.CreateCounter<long>(
        "pockyt.notifications", "{notification}", "Calls at the addresses for Pockyt's notifications.");

    private static readonly Histogram<double> DeliveryDuration = Seconds(
        "webhooks.delivery.duration", "Time that a webhook endpoint takes to answer an event.", Short);

    private static readonly Histogram<int> GroupSize = Meter.CreateHistogram(
        "payouts.group.size",
        "{item}",
        "Items that one transaction of a group commit serves.",
        tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = Sizes });

    private static readonly Counter<long> Passes = Meter.CreateCounter<long>(
        "payouts.worker.passes", "{pass}", "Passes of the workers of this process.");

    /// <summary>A request for a payout was answered.</summary>
    /// <param name="result">created, replayed, refused, or failed when there is no answer.</param>
    /// <param name="elapsed">The time that it took.</param>
    public static void Accepted(string result, TimeSpan elapsed) =>
        AcceptDuration.Record(elapsed.TotalSeconds, Label("result", result));

    /// <summary>Payouts were claimed.</summary>
    /// <param name="work">send or inquiry.</param>
    /// <param name="count">How many.</param>
    /// <param name="elapsed">The time that the statement took.</param>
    public static void Claimed(string work, int count, TimeSpan elapsed)
    {
        ClaimDuration.Record(elapsed.TotalSeconds, Label("work", work));
        Claims.Add(count, Label("work", work));
    }

    /// <summary>The answer to a send is recorded.</summary>
    public static void Dispatched(Enum report, TimeSpan elapsed) =>
        DispatchDuration.Record(elapsed.TotalSeconds, Label("result", Word(report)));

    /// <summary>The outcome of a payout is confirmed.</summary>
    public static void Confirmed(Enum status, Enum source, TimeSpan elapsed) =>
        ConfirmDuration.Record(elapsed.TotalSeconds, Label("status", Word(status)), Label("source", Word(source)));

    /// <summary>A payout failed or came back.</summary>
    /// <param name="reason">The reason in our own words.</param>
    /// <param name="hasText">Pockyt gave a message, which no document of its explains.</param>
    public static void Failed(Enum reason, bool hasText) =>
        Failures.Add(1, Label("reason", Word(reason)), Label("text", hasText ? "unknown" : "none"));

    /// <summary>A call to Pockyt ended.</summary>
    /// <param name="operation">The path of the call, without numbers of Pockyt's.</param>
    /// <param name="result">ok, refused, unclear or notSent.</param>
    /// <param name="elapsed">The time that it took.</param>
    public static void Called(string operation, string result, TimeSpan elapsed) =>
        CallDuration.Record(elapsed.TotalSeconds, Label("operation", operation), Label("result", result));

    /// <summary>A notification was answered.</summary>
    /// <param name="about">payout, account or deposit.</param>
    /// <param name="outcome">accepted, notSigned, unknownAddress, unreadable or failed.</param>
    public static void Notified(string about, string outcome) =>
        Notifications.Add(1, Label("about", about), Label("outcome", outcome));

    /// <summary>An event was posted to a webhook endpoint.</summary>
    /// <param name="result">delivered, refused, or noAnswer.</param>
    /// <param name="elapsed">The time that it took.</param>
    public static void Delivered(string result, TimeSpan elapsed) =>
        DeliveryDuration.Record(elapsed.TotalSeconds, Label("result", result));

    /// <summary>A transaction of a group commit begins.</summary>
    public static void Grouped(string group, int size) => GroupSize.Record(size, Label("group", group));

    /// <summary>A worker ended a pass.</summary>
    public static void Passed(string worker, bool isBroken) =>
        Passes.Add(1, Label("worker", worker), Label("result", isBroken ? "failed" : "ok"));

    /// <summary>A value of a label, as the API spells it.</summary>
    public static string Word(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private static Histogram<double> Seconds(string name, string description, double[] boundaries) =>
        Meter.CreateHistogram(
            name,
            "s",
            description,
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });
}
