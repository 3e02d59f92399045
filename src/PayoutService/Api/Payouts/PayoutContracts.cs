using System.ComponentModel.DataAnnotations;
using PayoutService.Api.Validation;
using PayoutService.Payouts;

namespace PayoutService.Api.Payouts;

/// <summary>A payout to make.</summary>
public sealed record CreatePayoutRequest
{
    /// <summary>The account to pay to; its payee is paid.</summary>
    /// <example>acc_01jh9m3k8r6x0t2v4w6y8z0a1b</example>
    public required string AccountId { get; init; }

    /// <summary>The amount as decimal text with at most the currency's decimals.</summary>
    /// <example>500.00</example>
    public required string Amount { get; init; }

    /// <summary>ISO 4217 code, or USDC. Must be the account's currency.</summary>
    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>Your key for this payout: one payout per key, forever, so repeating the call is always safe. May be
    /// left out when an Idempotency-Key header is sent.</summary>
    /// <example>inv-2026-0001</example>
    [KeyText]
    public string? InvoiceId { get; init; }

    /// <summary>A text for the payee.</summary>
    /// <example>November invoice</example>
    [PlainText(100)]
    public string? Description { get; init; }

    /// <summary>A text that only you see.</summary>
    [PlainText(100)]
    public string? Note { get; init; }

    /// <summary>Subject of Pockyt's e-mail to the payee.</summary>
    [PlainText(100)]
    public string? Subject { get; init; }

    /// <summary>STANDARD_ACH (the default at Pockyt), SAME_DAY_ACH or REAL_TIME_PAY.</summary>
    /// <example>STANDARD_ACH</example>
    [AllowedValues("STANDARD_ACH", "SAME_DAY_ACH", "REAL_TIME_PAY", null,
        ErrorMessage = "must be STANDARD_ACH, SAME_DAY_ACH or REAL_TIME_PAY")]
    public string? ProcessingChannel { get; init; }

    /// <summary>The time to send it; now when left out. Within the next year.</summary>
    /// <example>null</example>
    public DateTimeOffset? ExecuteAt { get; init; }

    /// <summary>Up to 32 texts of yours, kept and shown, never sent to Pockyt.</summary>
    [OwnText(500)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>A payout that this one replaces: one that was canceled, or that certainly never pays.</summary>
    /// <example>null</example>
    public string? Replaces { get; init; }
}

/// <summary>An operator's decision about a payout.</summary>
public sealed record ResolvePayoutRequest
{
    /// <summary>paid, notPaid or returned for what became of it; sendAgain when Pockyt certainly does not have it:
    /// Pockyt is then asked once more and, should it still not have it, the same request is sent again.</summary>
    public required Ruling Ruling { get; init; }

    /// <summary>The reason. It stays in the history.</summary>
    /// <example>The payee's bank shows the credit of 21 November.</example>
    [OwnText(500)]
    public required string Reason { get; init; }

    /// <summary>The source of your decision: a portal, a statement, a ticket.</summary>
    /// <example>Pockyt portal, statement of 2026-11-21, line 14</example>
    [OwnText(200)]
    public required string Evidence { get; init; }

    /// <summary>True when the ruling is against what was confirmed, or against a success. Needs If-Match. It counts
    /// once a key of another owner sends the same ruling.</summary>
    /// <example>false</example>
    public bool Overrule { get; init; }
}

/// <summary>A person's decision about a payout that rules hold.</summary>
public sealed record DecisionRequest
{
    /// <summary>The reason. It stays in the history.</summary>
    /// <example>Called Ana on her old number: she has a new bank.</example>
    [OwnText(500)]
    public required string Reason { get; init; }
}
