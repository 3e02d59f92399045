using Microsoft.AspNetCore.Mvc;
using PayoutService.Payouts;

namespace PayoutService.Api.Payouts;

/// <summary>Payouts to make, each for itself. It describes the body, which is read payout by payout.</summary>
public sealed record CreatePayoutBatchRequest
{
    /// <summary>1 to 10,000 payouts, each as POST /v1/payouts takes it. Each needs an invoiceId.</summary>
    public required IReadOnlyList<CreatePayoutRequest> Payouts { get; init; }
}

/// <summary>The outcome of one payout of a batch.</summary>
public enum BatchOutcome
{
    /// <summary>It is accepted and durable.</summary>
    Created,

    /// <summary>The same request made it before.</summary>
    Replayed,

    /// <summary>There is no payout; problem says why.</summary>
    Refused,
}

/// <summary>The outcome of a batch.</summary>
public sealed record PayoutBatchView
{
    /// <summary>Payouts that were created.</summary>
    /// <example>1</example>
    public required int Created { get; init; }

    /// <summary>Payouts that existed already.</summary>
    /// <example>0</example>
    public required int Replayed { get; init; }

    /// <summary>Payouts that were refused.</summary>
    /// <example>0</example>
    public required int Refused { get; init; }

    /// <summary>True in the answer to a dry run: nothing was written.</summary>
    /// <example>null</example>
    public bool? DryRun { get; init; }

    /// <summary>One result for each payout, in the order of the request.</summary>
    public required IReadOnlyList<PayoutBatchItem> Data { get; init; }
}

/// <summary>The outcome of one payout.</summary>
public sealed record PayoutBatchItem
{
    public required BatchOutcome Outcome { get; init; }

    /// <summary>Your key, where the payout could be read.</summary>
    /// <example>inv-2026-0001</example>
    public string? InvoiceId { get; init; }

    /// <summary>The payout; absent when it was refused, and when a dry run would create it.</summary>
    /// <example>po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public string? PayoutId { get; init; }

    /// <summary>The reason for which a dry run says that it would be held.</summary>
    public HoldReason? HoldReason { get; init; }

    /// <summary>The problem, as POST /v1/payouts would have answered it.</summary>
    public ProblemDetails? Problem { get; init; }
}
