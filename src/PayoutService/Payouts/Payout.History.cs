using System.Globalization;

namespace PayoutService.Payouts;

/// <content>The lines of a payout's history.</content>
internal sealed partial class Payout
{
    private PayoutEvent Event(
        DateTimeOffset now,
        Actor actor,
        EventKind kind,
        PayoutStatus? from,
        Dictionary<string, string>? detail = null) =>
        new()
        {
            PayoutId = Id,
            Version = Version,
            At = now,
            Actor = actor,
            Kind = kind,
            From = from,
            To = Status,
            HoldReason = HoldReason,
            Attention = Attention,
            ConfirmedBy = ConfirmedBy,
            TransactionNo = TransactionNo,
            FeeMinor = FeeMinor,
            ReplacedBy = ReplacedBy,
            FailureReason = FailureReason,
            Detail = detail ?? [],
        };

    private static Actor ActorOf(Report report) => report.Source is Source.Operator ? Actor.Operator : Actor.Provider;

    private Dictionary<string, string> DetailOf(Report report, Verdict verdict)
    {
        var detail = new Dictionary<string, string>
        {
            ["report"] = Camel(report.Kind.ToString()),
            ["source"] = Camel(report.Source.ToString()),
        };
        Add("claim", report.Claim?.ToString(CultureInfo.InvariantCulture));
        Add("providerStatus", report.ProviderStatus);
        Add("transactionNo", report.TransactionNo);
        Add("code", report.Code);
        Add("message", report.Message);
        Add("mismatch", report.Mismatch);
        Add("contradiction", verdict.Contradicts ? "true" : null);
        Add("attention", Attention is { } attention ? Camel(attention.ToString()) : null);
        return detail;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                detail[name] = value;
            }
        }
    }

    /// <summary>A name as answers have it.</summary>
    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
