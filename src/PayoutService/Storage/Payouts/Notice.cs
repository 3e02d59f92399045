using Microsoft.EntityFrameworkCore;

namespace PayoutService.Storage.Payouts;

/// <summary>A signed message from Pockyt as it was received, and what was made of it. Never changed, but for
/// the payout that it is about when that comes later.</summary>
internal sealed class Notice
{
    public required string Merchant { get; init; }

    /// <summary>SHA-256 of the signed text: the same notice again is the same row.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The payout it is about; null when it is about an account.</summary>
    public string? InvoiceId { get; init; }

    /// <summary>Null when we have no such payout.</summary>
    public Guid? PayoutId { get; set; }

    /// <summary>The account it is about; null when it is about a payout.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>The signed text.</summary>
    public required string Text { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Adds it to those that are kept; false when the same notice was there already.</summary>
    public async Task<bool> KeepAsync(PayoutDb db) => await db.Database.ExecuteSqlAsync($"""
        -- notices.keep
        INSERT INTO notices (merchant, hash, invoice_id, payout_id, account_id, text, received_at)
        VALUES ({Merchant}, {Hash}, {InvoiceId}, {PayoutId}, {AccountId}, {Text}, {ReceivedAt})
        ON CONFLICT ON CONSTRAINT one_row_per_notice DO NOTHING
        """) == 1;
}
