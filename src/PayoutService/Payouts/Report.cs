namespace PayoutService.Payouts;

/// <summary>The kinds of reports about a payout.</summary>
internal enum ReportKind
{
    /// <summary>Pockyt has it.</summary>
    Acknowledged,

    /// <summary>It was paid.</summary>
    Settled,

    /// <summary>Certainly not executed.</summary>
    Refused,

    /// <summary>Not executed; time can cure it.</summary>
    Postponed,

    /// <summary>The money came back.</summary>
    Reversed,

    /// <summary>An inquiry does not know it.</summary>
    NotSeen,

    /// <summary>Provably no byte of the request's body left us.</summary>
    NotSent,

    /// <summary>Everything else: it may or may not have happened.</summary>
    Unclear,
}

/// <summary>The source of a report.</summary>
public enum Source
{
    /// <summary>Pockyt's answer to our send.</summary>
    Reply,

    /// <summary>A signed notice.</summary>
    Notice,

    /// <summary>Pockyt's answer to our question.</summary>
    Inquiry,

    /// <summary>A person who looked it up elsewhere.</summary>
    Operator,
}

/// <summary>A report about a payout: everything that anybody tells us has this one type.</summary>
/// <param name="Kind">What was said.</param>
/// <param name="Source">Who said it.</param>
internal sealed record Report(ReportKind Kind, Source Source)
{
    /// <summary>Nothing was sent for a claim.</summary>
    public static Report Unsent(Payout claimed, string why) =>
        new(ReportKind.NotSent, Source.Reply) { Claim = claimed.Claim, Message = why };

    /// <summary>For a reply: the claim whose send it answers.</summary>
    public int? Claim { get; init; }

    /// <summary>For Postponed: what time has to cure.</summary>
    public HoldReason? HoldReason { get; init; }

    /// <summary>For Postponed: what it waits for does not come by itself.</summary>
    public bool IsStuck { get; init; }

    /// <summary>For an inquiry: when the question left us.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>For NotSeen: whether the merchant's settings allow sending a payout again
    /// that Pockyt does not know.</summary>
    public bool ResendAllowed { get; init; }

    /// <summary>For a reply: Pockyt spoke of an earlier request for the same payout.</summary>
    public bool Duplicate { get; init; }

    /// <summary>For Acknowledged: Pockyt holds the payout back, and a human must find out why.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>Facts that differ from our row, in words; such a report proves only that a human must look.</summary>
    public string? Mismatch { get; init; }

    /// <summary>Our own row called the account other than active when the report came.</summary>
    public bool IsAccountInvalid { get; init; }

    /// <summary>Our own row called the payee other than active when the report came.</summary>
    public bool IsPayeeInactive { get; init; }

    public string? TransactionNo { get; init; }

    public string? ProviderStatus { get; init; }

    /// <summary>The fee that Pockyt named for the payout, in the smallest unit of its currency.</summary>
    public long? FeeMinor { get; init; }

    /// <summary>Pockyt's time of payment. It stands in answers about payouts that are not paid, so it
    /// proves nothing.</summary>
    public DateTimeOffset? PaymentTime { get; init; }

    public string? Code { get; init; }

    public string? Message { get; init; }
}
