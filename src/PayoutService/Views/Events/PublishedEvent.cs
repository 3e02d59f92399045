using System.Text.Json.Serialization;
using PayoutService.Payouts;
using PayoutService.Storage.Events;

namespace PayoutService.Views.Events;

/// <summary>An event as subscribers see it, in the feed and in webhooks. It never changes: what is told is what was
/// written with the change.</summary>
public sealed record PublishedEvent
{
    /// <example>evt_01jh9m4c5d7f9h1k3m5p7r9t1v00g4wk7a2c</example>
    public required string Id { get; init; }

    /// <summary>One of the types of docs/events.md; there will be more.</summary>
    /// <example>payout.succeeded</example>
    public required string Type { get; init; }

    /// <summary>The time of the change.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Its place in your feed. It rises; a filter, or the retention, leaves gaps.</summary>
    /// <example>42</example>
    public required long Sequence { get; init; }

    public required EventData Data { get; init; }

    internal static PublishedEvent Of(FeedEvent told)
    {
        var data = told.IsOfBalance ? ObjectSnapshots.OfBalance(told)
            : told.Payout is { } payout ? PayoutSnapshot.Of(payout) : ObjectSnapshots.Of(told.Other!);
        return new()
        {
            Id = PublishedEventId.Of(told),
            Type = told.Entry.Type,
            Timestamp = told.At,
            Sequence = told.Entry.Sequence,
            Data = new EventData(data),
        };
    }
}

/// <summary>What an event is about.</summary>
/// <param name="Snapshot">The resource as it was at that version. Read what else you need by its id.</param>
public sealed record EventData([property: JsonPropertyName("object")] EventObject Snapshot);

/// <summary>A resource as it was at one version.</summary>
[JsonDerivedType(typeof(PayoutSnapshot))]
[JsonDerivedType(typeof(PayeeSnapshot))]
[JsonDerivedType(typeof(AccountSnapshot))]
[JsonDerivedType(typeof(RefundSnapshot))]
[JsonDerivedType(typeof(PayorSnapshot))]
[JsonDerivedType(typeof(SendingSnapshot))]
[JsonDerivedType(typeof(BalanceSnapshot))]
[JsonDerivedType(typeof(EndpointSnapshot))]
[JsonDerivedType(typeof(BatchSnapshot))]
public abstract record EventObject
{
    /// <summary>The version that the event tells. Of two events about one object the higher is the newer.</summary>
    /// <example>4</example>
    [JsonPropertyOrder(100)]
    public required long Version { get; init; }
}

/// <summary>A payout as it was at one version.</summary>
public sealed record PayoutSnapshot : EventObject
{
    /// <example>po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <example>inv-2026-0001</example>
    public required string InvoiceId { get; init; }

    public required PayoutStatus Status { get; init; }

    /// <summary>Money has moved, or not, or nobody knows yet: <c>unknown</c> until a final status is confirmed.
    /// </summary>
    public required MoneyMoved MoneyMoved { get; init; }

    public HoldReason? HoldReason { get; init; }

    /// <summary>The reason why it failed or came back.</summary>
    public FailureReason? FailureReason { get; init; }

    public Attention? Attention { get; init; }

    public Source? ConfirmedBy { get; init; }

    /// <example>500.00</example>
    public required string Amount { get; init; }

    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <example>pye_01jh9m2a4c6e8g0j2m4p6r8t0v</example>
    public required string PayeeId { get; init; }

    /// <example>acc_01jh9m3k8r6x0t2v4w6y8z0a1b</example>
    public required string AccountId { get; init; }

    public string? Replaces { get; init; }

    public string? ReplacedBy { get; init; }

    public required ProviderReference Provider { get; init; }

    /// <example>null</example>
    public string? Fee { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    internal static PayoutSnapshot Of(PayoutVersion payout)
    {
        var (line, currency) = (payout.Line, payout.Currency);
        var status = line.To!.Value;
        return new()
        {
            Id = PublicId.Of(PublicId.Payout, line.PayoutId),
            InvoiceId = payout.InvoiceId,
            Status = status,
            MoneyMoved = Payout.MoneyMovedIn(status, line.Attention, line.ConfirmedBy),
            HoldReason = line.HoldReason,
            FailureReason = line.FailureReason,
            Attention = line.Attention,
            ConfirmedBy = line.ConfirmedBy,
            Amount = new Money(payout.AmountMinor, currency).ToString(),
            Currency = currency,
            PayeeId = PublicId.Of(PublicId.Payee, payout.PayeeId),
            AccountId = PublicId.Of(PublicId.Account, payout.AccountId),
            Replaces = PublicId.Of(PublicId.Payout, payout.Replaces),
            ReplacedBy = PublicId.Of(PublicId.Payout, line.ReplacedBy),
            Provider = new ProviderReference { TransactionNo = line.TransactionNo },
            Fee = line.FeeMinor is { } fee ? new Money(fee, currency).ToString() : null,
            CreatedAt = payout.CreatedAt,
            UpdatedAt = line.At,
            Version = line.Version,
        };
    }
}

/// <summary>Pockyt's names for it.</summary>
public sealed record ProviderReference
{
    /// <example>305588797074336092</example>
    public string? TransactionNo { get; init; }
}
