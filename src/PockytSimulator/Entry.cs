using System.Text.Json.Serialization;

namespace PockytSimulator;

/// <summary>
/// One change that must not be forgotten, as one line of the journal. No MerchantNo means the first merchant.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PayeeWritten), "payeeWritten")]
[JsonDerivedType(typeof(PayeeMoved), "payeeMoved")]
[JsonDerivedType(typeof(AccountAdded), "accountAdded")]
[JsonDerivedType(typeof(AccountMoved), "accountMoved")]
[JsonDerivedType(typeof(AccountDeleted), "accountDeleted")]
[JsonDerivedType(typeof(PayorRegistered), "payorRegistered")]
[JsonDerivedType(typeof(PayorMoved), "payorMoved")]
[JsonDerivedType(typeof(PayorDocumentAdded), "payorDocumentAdded")]
[JsonDerivedType(typeof(Planned), "planned")]
[JsonDerivedType(typeof(BalanceChanged), "balanceChanged")]
[JsonDerivedType(typeof(PayCallArrived), "payCallArrived")]
[JsonDerivedType(typeof(SendRefused), "sendRefused")]
[JsonDerivedType(typeof(PayoutAccepted), "payoutAccepted")]
[JsonDerivedType(typeof(PayoutMoved), "payoutMoved")]
[JsonDerivedType(typeof(NoticeTried), "noticeTried")]
[JsonDerivedType(typeof(PaymentReceived), "paymentReceived")]
[JsonDerivedType(typeof(RefundBooked), "refundBooked")]
[JsonDerivedType(typeof(RefundCallArrived), "refundCallArrived")]
[JsonDerivedType(typeof(TokenRotated), "tokenRotated")]
[JsonDerivedType(typeof(ClockAdvanced), "clockAdvanced")]
internal abstract record Entry
{
    /// <summary>A payee registered, or updated: then Status and CreatedAt are known already.</summary>
    public sealed record PayeeWritten(
        string CustomerNo,
        string Status,
        DateTimeOffset CreatedAt,
        DateTimeOffset At,
        IReadOnlyDictionary<string, string> Members,
        string? MerchantNo = null) : Entry;

    /// <summary>A payee's new status; PlanNo names the plan that is carried out by it, if there was one.</summary>
    public sealed record PayeeMoved(
        string CustomerNo, string Status, DateTimeOffset At, string? PlanNo = null) : Entry;

    public sealed record AccountAdded(Account Account) : Entry;

    /// <summary>An account's new status, the notice that is owed for it, and the plan that asked for it.</summary>
    public sealed record AccountMoved(string Token, string Status, Notice? Owed, string? PlanNo = null) : Entry;

    public sealed record AccountDeleted(string Token) : Entry;

    public sealed record PayorRegistered(
        string MerchantNo,
        string PayorNo,
        string Status,
        DateTimeOffset At,
        IReadOnlyDictionary<string, string> Members) : Entry;

    public sealed record PayorMoved(string PayorNo, string Status, string? PlanNo = null) : Entry;

    /// <summary>That a document was uploaded; what it says is not kept.</summary>
    public sealed record PayorDocumentAdded(string PayorNo, PayorDocument Document) : Entry;

    /// <summary>A change that is due later.</summary>
    public sealed record Planned(Plan Plan) : Entry;

    /// <summary>
    /// A difference, like everything else that touches a balance: differences add up to the same sum in whatever
    /// order concurrent calls write them down. PlanNo as for a payee's status.
    /// </summary>
    public sealed record BalanceChanged(
        string Currency, decimal By, string? PlanNo = null, string? MerchantNo = null) : Entry;

    public sealed record PayCallArrived(Arrival Arrival) : Entry;

    /// <summary>A send that was refused because its amount wants the first ones refused.</summary>
    public sealed record SendRefused(string InvoiceId, string? MerchantNo = null) : Entry;

    /// <summary>A payout in the book; its amount has left the balance.</summary>
    public sealed record PayoutAccepted(BookedPayout Payout) : Entry;

    /// <summary>
    /// A payout's new status, by a step of its course or (null) by hand, and the notices that are owed for it.
    /// </summary>
    public sealed record PayoutMoved(
        string TransactionNo, string Status, DateTimeOffset At, int? Step, IReadOnlyList<Notice> Owed) : Entry;

    /// <summary>An attempt to deliver an owed notice, and when it is tried again; null when it never is.</summary>
    public sealed record NoticeTried(string NoticeNo, int Attempt, DateTimeOffset? AgainAt) : Entry;

    public sealed record PaymentReceived(Payment Payment) : Entry;

    public sealed record RefundBooked(BookedRefund Refund) : Entry;

    public sealed record RefundCallArrived(RefundArrival Arrival) : Entry;

    /// <summary>A merchant's new token, and until when the one before is right as well.</summary>
    public sealed record TokenRotated(string MerchantNo, string Token, DateTimeOffset OldUntil) : Entry;

    public sealed record ClockAdvanced(TimeSpan By) : Entry;
}
