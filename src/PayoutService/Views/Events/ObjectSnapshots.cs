using System.Globalization;
using PayoutService.Payees;
using PayoutService.Storage;
using PayoutService.Storage.Events;

namespace PayoutService.Views.Events;

/// <summary>A payee as it was at one version.</summary>
public sealed record PayeeSnapshot : EventObject
{
    /// <example>pye_01jh9m2a4c6e8g0j2m4p6r8t0v</example>
    public required string Id { get; init; }

    /// <example>contractor-42</example>
    public string? CustomerCode { get; init; }

    /// <summary>Its status; <c>removed</c> when it is not kept.</summary>
    /// <example>active</example>
    public required string Status { get; init; }

    /// <summary>What makes it payable.</summary>
    public string? NextStep { get; init; }
}

/// <summary>An account as it was at one version.</summary>
public sealed record AccountSnapshot : EventObject
{
    /// <example>acc_01jh9m3k8r6x0t2v4w6y8z0a1b</example>
    public required string Id { get; init; }

    /// <example>pye_01jh9m2a4c6e8g0j2m4p6r8t0v</example>
    public string? PayeeId { get; init; }

    /// <example>main-bank</example>
    public string? AccountTag { get; init; }

    /// <example>BANK_ACCOUNT</example>
    public string? AccountType { get; init; }

    /// <example>USD</example>
    public string? Currency { get; init; }

    /// <example>active</example>
    public required string Status { get; init; }
}

/// <summary>A refund as it was at one version.</summary>
public sealed record RefundSnapshot : EventObject
{
    /// <example>rfd_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <example>refund-2026-0001</example>
    public string? RefundReference { get; init; }

    /// <example>processing</example>
    public required string Status { get; init; }

    /// <example>20.00</example>
    public string? Amount { get; init; }

    /// <example>USD</example>
    public string? Currency { get; init; }

    public string? Attention { get; init; }
}

/// <summary>A payor as it was at one version.</summary>
public sealed record PayorSnapshot : EventObject
{
    /// <example>acme-us</example>
    public string? PayorCode { get; init; }

    public string? PayorNo { get; init; }

    /// <example>effective</example>
    public required string Status { get; init; }
}

/// <summary>Your merchant's sending: one of its pauses.</summary>
public sealed record SendingSnapshot : EventObject
{
    /// <summary>The kind of the pause.</summary>
    /// <example>operator</example>
    public string? Pause { get; init; }

    /// <example>paused</example>
    public required string Status { get; init; }
}

/// <summary>Your balance of a currency at Pockyt, as far as payouts wait for it.</summary>
public sealed record BalanceSnapshot : EventObject
{
    /// <example>USD</example>
    public required string Currency { get; init; }

    /// <summary>low or restored.</summary>
    /// <example>low</example>
    public required string Status { get; init; }

    /// <summary>The payout with which it began or ended.</summary>
    /// <example>po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string PayoutId { get; init; }
}

/// <summary>A webhook endpoint as it was at one version.</summary>
public sealed record EndpointSnapshot : EventObject
{
    /// <example>whe_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <example>https://billing.example.com/webhooks/payouts</example>
    public string? Url { get; init; }

    /// <example>enabled</example>
    public required string Status { get; init; }
}

/// <summary>A batch as it was at one version.</summary>
public sealed record BatchSnapshot : EventObject
{
    /// <example>bat_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    /// <example>planned</example>
    public required string Status { get; init; }

    /// <summary>The number of its rows.</summary>
    /// <example>250</example>
    public required int Rows { get; init; }

    /// <summary>The number of rows that cannot be paid as they are.</summary>
    /// <example>0</example>
    public required int Errors { get; init; }
}

/// <summary>What is told of everything that is no payout.</summary>
internal static class ObjectSnapshots
{
    private const string Removed = "removed";

    public static EventObject OfBalance(FeedEvent told) => new BalanceSnapshot
    {
        Currency = told.Payout!.Currency,
        Status = told.Entry.Type[FeedEvent.BalancePrefix.Length..],
        PayoutId = PublicId.Of(PublicId.Payout, told.Payout.Line.PayoutId),
        Version = told.Entry.Sequence,
    };

    public static EventObject Of(HistoryEntry line) => line.Kind switch
    {
        HistoryKind.Payee => new PayeeSnapshot
        {
            Id = PublicId.Of(PublicId.Payee, line.Id),
            CustomerCode = Member(line, "customerCode"),
            Status = line.To ?? Removed,
            NextStep = line.To is null ? null
                : PayeeView.NextStepOf(Enum.Parse<PayeeStatus>(line.To, ignoreCase: true)),
            Version = line.Version,
        },
        HistoryKind.Account => new AccountSnapshot
        {
            Id = PublicId.Of(PublicId.Account, line.Id),
            PayeeId = Member(line, "payeeId") is { } payee ? PublicId.Of(PublicId.Payee, Guid.Parse(payee)) : null,
            AccountTag = Member(line, "accountTag"),
            AccountType = Member(line, "accountType"),
            Currency = Member(line, "currency"),
            Status = line.To ?? Removed,
            Version = line.Version,
        },
        HistoryKind.Refund => new RefundSnapshot
        {
            Id = PublicId.Of(PublicId.Refund, line.Id),
            RefundReference = Member(line, "refundReference"),
            Status = line.To ?? "failed",
            Amount = Member(line, "amount"),
            Currency = Member(line, "currency"),
            Attention = Member(line, "attention"),
            Version = line.Version,
        },
        HistoryKind.Payor => new PayorSnapshot
        {
            PayorCode = Member(line, "payorCode"),
            PayorNo = Member(line, "payorNo"),
            Status = line.To ?? Removed,
            Version = line.Version,
        },
        HistoryKind.Batch => new BatchSnapshot
        {
            Id = PublicId.Of(PublicId.Batch, line.Id),
            Status = line.To ?? Removed,
            Rows = NumberOf(line, "rows"),
            Errors = NumberOf(line, "errors"),
            Version = line.Version,
        },
        HistoryKind.Endpoint => new EndpointSnapshot
        {
            Id = PublicId.Of(PublicId.Endpoint, line.Id),
            Url = Member(line, "url"),
            Status = line.To ?? Removed,
            Version = line.Version,
        },
        _ => new SendingSnapshot
        {
            Pause = Member(line, "pause"),
            Status = line.What is ChangeKind.Paused ? "paused" : "sent",
            Version = line.Version,
        },
    };

    private static int NumberOf(HistoryEntry line, string name) =>
        int.Parse(Member(line, name) ?? "0", CultureInfo.InvariantCulture);

    private static string? Member(HistoryEntry line, string name) => line.Members.GetValueOrDefault(name);
}
