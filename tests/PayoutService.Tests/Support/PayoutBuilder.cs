using System.Reflection;
using PayoutService.Payouts;

namespace PayoutService.Tests.Support;

/// <summary>Payouts that got where they are by the moves the service makes.</summary>
internal static class PayoutBuilder
{
    public static readonly PayoutRules Rules = new();

    /// <summary>When every payout made here was accepted and first claimed.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <summary>When the lease of the first claim ends.</summary>
    public static readonly DateTimeOffset LeaseEnd = Start + Rules.Lease;

    private static readonly Func<object, object> Clone = typeof(object)
        .GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!
        .CreateDelegate<Func<object, object>>();

    private static readonly Guid Batch = Guid.Parse("0199b000-0000-7000-8000-000000000001");

    /// <summary>A payout in the status; a final one was told of by a notice and is not confirmed.</summary>
    public static Payout Of(PayoutStatus status) => status switch
    {
        PayoutStatus.Queued => Queued(),
        PayoutStatus.Held => After(new Report(ReportKind.Postponed, Source.Reply)
        {
            Claim = 1,
            HoldReason = HoldReason.Balance,
        }),
        PayoutStatus.Submitting => Submitting(),
        PayoutStatus.Unconfirmed => Unconfirmed(),
        PayoutStatus.Processing => After(new Report(ReportKind.Acknowledged, Source.Reply) { Claim = 1 }),
        PayoutStatus.Succeeded => After(new Report(ReportKind.Settled, Source.Notice)),
        PayoutStatus.Failed => After(new Report(ReportKind.Refused, Source.Notice)),
        PayoutStatus.Returned => After(new Report(ReportKind.Reversed, Source.Notice)),
        PayoutStatus.Canceled => Canceled(),
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    /// <summary>A payout in a final status that an inquiry told of, so that it is confirmed.</summary>
    public static Payout Confirmed(PayoutStatus status) => After(status switch
    {
        PayoutStatus.Succeeded => new Report(ReportKind.Settled, Source.Inquiry),
        PayoutStatus.Failed => new Report(ReportKind.Refused, Source.Inquiry),
        PayoutStatus.Returned => new Report(ReportKind.Reversed, Source.Inquiry),
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    });

    public static Payout Of(PayoutStatus status, bool confirmed) => confirmed ? Confirmed(status) : Of(status);

    public static Payout Queued(
        DateTimeOffset? executeAt = null, string invoiceId = "inv-0001", long minor = 1234) =>
        Accepted([], executeAt, invoiceId, minor).Payout;

    /// <summary>Accepted at the start, with what rules found.</summary>
    public static (Payout Payout, PayoutEvent Accepted) Accepted(
        IReadOnlyList<Finding> findings,
        DateTimeOffset? executeAt = null,
        string invoiceId = "inv-0001",
        long minor = 1234) => Payout.Accept(
        new PayoutOrder
        {
            Merchant = "acme",
            InvoiceId = invoiceId,
            AccountId = Guid.Parse("0199b000-0000-7000-8000-000000000002"),
            Amount = new Money(minor, "USD"),
            ApiKey = "billing",
            Owner = "billing",
            Content = [],
            ExecuteAt = executeAt,
        },
        new PaidTo(
            Guid.Parse("0199b000-0000-7000-8000-000000000003"), "2000305228303182610217", "2010305228303182765718"),
        Guid.Parse("0199b000-0000-7000-8000-000000000004"),
        Start,
        findings: findings,
        rules: Rules);

    /// <summary>Claimed at the start, as claim 1.</summary>
    public static Payout Submitting()
    {
        var payout = Queued();
        payout.ClaimForSending(Start);
        return payout;
    }

    /// <summary>Claimed at the start; the lease ended and nobody reported.</summary>
    public static Payout Unconfirmed()
    {
        var payout = Submitting();
        payout.EndLease(LeaseEnd);
        return payout;
    }

    /// <summary>Claimed at the start, and then told this.</summary>
    public static Payout After(Report report)
    {
        var payout = Submitting();
        payout.Hear(report, Start);
        return payout;
    }

    /// <summary>The same payout again, so that it can be told two things.</summary>
    public static Payout Copy(this Payout payout) => (Payout)Clone(payout);

    public static PayoutEvent? Hear(this Payout payout, Report report, DateTimeOffset at) =>
        payout.Apply(report, at, Rules);

    public static PayoutEvent? ClaimForSending(this Payout payout, DateTimeOffset at) =>
        payout.ClaimForSending(Batch, at, Rules);

    /// <summary>What <c>PayoutClaims.ClaimInquiriesAsync</c> does to a row.</summary>
    public static void ClaimForAsking(this Payout payout, DateTimeOffset at)
    {
        payout.Set(nameof(Payout.AskedAt), at);
        payout.Set(nameof(Payout.DueAt), at + Rules.Lease);
    }

    /// <summary>The payout as if something had raised this attention.</summary>
    public static Payout With(this Payout payout, Attention? attention)
    {
        payout.Set(nameof(Payout.Attention), attention);
        return payout;
    }

    private static Payout Canceled()
    {
        var payout = Queued();
        payout.Cancel(Actor.ApiKey("billing"), Start);
        return payout;
    }

    private static void Set(this Payout payout, string property, object? value) =>
        typeof(Payout).GetProperty(property)!.SetValue(payout, value);
}
