using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;

namespace PayoutService.Storage.Payouts;

/// <summary>Open payouts with the same facts.</summary>
/// <param name="Merchant">Whose they are.</param>
/// <param name="Status">Their status, as the table has it.</param>
/// <param name="HoldReason">Why they are held, as the table has it.</param>
/// <param name="Attention">Why a person must look at them, as the table has it.</param>
/// <param name="Currency">Their currency.</param>
/// <param name="IsSentBefore">They were claimed before.</param>
/// <param name="IsScheduled">They are due later.</param>
/// <param name="IsPerhapsSent">A restore may have lost that they were sent.</param>
/// <param name="IsGranted">They may be sent again.</param>
/// <param name="IsConfirmed">Their final status is confirmed.</param>
/// <param name="RequestedBy">The API key that asked for what waits for approval.</param>
/// <param name="RequestedOwner">The person behind it.</param>
/// <param name="FirstOwner">Who approved them first, of two.</param>
/// <param name="Approvers">How many people have to approve them; null: they wait for no approval.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Minor">The sum of their amounts, in the smallest unit of the currency.</param>
/// <param name="Since">Since when the oldest has its status, or is due when that came later.</param>
internal sealed record BacklogGroup(
    string Merchant,
    string Status,
    string? HoldReason,
    string? Attention,
    string Currency,
    bool IsSentBefore,
    bool IsScheduled,
    bool IsPerhapsSent,
    bool IsGranted,
    bool IsConfirmed,
    string? RequestedBy,
    string? RequestedOwner,
    string? FirstOwner,
    int? Approvers,
    int Count,
    decimal Minor,
    DateTimeOffset Since);

/// <summary>Counts the payouts that are not finished. Only they are read, by the index that has no others, and of each
/// merchant and status no more than <see cref="Most"/>: what is counted stays small however long the history
/// is.</summary>
internal static class Backlog
{
    /// <summary>The most payouts of one merchant and status that are read.</summary>
    public const int Most = 10_000;

    private static readonly string[] Unfinished =
    [
        .. Enum.GetValues<PayoutStatus>().Where(status => status is not PayoutStatus.Canceled)
            .Select(PayoutDb.EnumText<PayoutStatus>.Word),
    ];

    public static Task<List<BacklogGroup>> CountAsync(
        PayoutDb db, string[] merchants, DateTimeOffset now, CancellationToken cancel) =>
        db.Database.SqlQuery<BacklogGroup>($"""
            -- payouts.backlog
            SELECT merchant AS "Merchant", status AS "Status", hold_reason AS "HoldReason",
                attention AS "Attention", currency AS "Currency", sends > 0 AS "IsSentBefore",
                coalesce(due_at > {now}, false) AS "IsScheduled",
                status = 'unconfirmed' AND open_sends = ARRAY[{Payout.LostClaim}] AND NOT heard AS "IsPerhapsSent",
                resend_granted_at IS NOT NULL AS "IsGranted", confirmed_by IS NOT NULL AS "IsConfirmed",
                approval.requested_by AS "RequestedBy", approval.requested_owner AS "RequestedOwner",
                approval.first_owner AS "FirstOwner", approval.approvers AS "Approvers",
                count(*)::integer AS "Count", sum(amount_minor) AS "Minor", min(greatest(
                    status_since, CASE WHEN execute_at <= {now} THEN execute_at END)) AS "Since"
            FROM (
                SELECT open.* FROM unnest({merchants}) AS known (name) CROSS JOIN unnest({Unfinished}) AS one (word)
                CROSS JOIN LATERAL (
                    SELECT * FROM payouts
                    WHERE merchant = known.name AND status = one.word
                      AND status <> 'canceled' AND confirmed_by IS NULL
                    ORDER BY id LIMIT {Most + 1}) AS open
                UNION ALL
                (SELECT * FROM payouts
                 WHERE merchant = ANY ({merchants}) AND attention IS NOT NULL
                   AND (confirmed_by IS NOT NULL OR status = 'canceled')
                 LIMIT {Most + 1})) AS backlog
            LEFT JOIN LATERAL (
                SELECT requested_by, requested_owner, first_owner, approvers FROM approvals
                WHERE payout_id = backlog.id AND backlog.hold_reason = 'approval') AS approval ON true
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
            """).ToListAsync(cancel);

    /// <summary>The payouts that are first in line for a balance, of each merchant and currency of a backlog.</summary>
    public static async Task<List<Payout>> FirstInLineAsync(
        PayoutDb db, IEnumerable<BacklogGroup> groups, CancellationToken cancel)
    {
        List<Payout> first = [];
        foreach (var (merchant, currency) in groups.Select(group => (group.Merchant, group.Currency)).Distinct())
        {
            first.AddRange(await Blockers.Line(db, merchant, currency).AsNoTracking()
                .OrderBy(row => row.Id).Take(1).ToListAsync(cancel));
        }

        return first;
    }
}
