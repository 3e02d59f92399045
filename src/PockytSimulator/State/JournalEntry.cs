using System.Text.Json.Serialization;
using PockytSimulator.Notices;
using PockytSimulator.Payees;
using PockytSimulator.PayIns;
using PockytSimulator.Payouts;
using PockytSimulator.Scheduling;

namespace PockytSimulator.State;

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
internal abstract record JournalEntry
{
    /// <summary>A payee registered, or updated: then Status and CreatedAt are known already.</summary>
    public sealed record PayeeWritten(
        string CustomerNo,
        string Status,
        DateTimeOffset CreatedAt,
        DateTimeOffset At,
        IReadOnlyDictionary<string, string> Members,
        string MerchantNo) : JournalEntry;

    /// <summary>A payee's new status; PlanNo names the plan that is carried out by it, if there was one.</summary>
    public sealed record PayeeMoved(
        string CustomerNo, string Status, DateTimeOffset At, string? PlanNo = null) : JournalEntry;

    public sealed record AccountAdded(Account Account) : JournalEntry;

    /// <summary>An account's new status, the notice that is owed for it, and the plan that asked for it.</summary>
    public sealed record AccountMoved(string Token, string Status, Notice? Owed, string? PlanNo = null) : JournalEntry;

    public sealed record AccountDeleted(string Token) : JournalEntry;

    public sealed record PayorRegistered(
        string MerchantNo,
        string PayorNo,
        string Status,
        DateTimeOffset At,
        IReadOnlyDictionary<string, string> Members) : JournalEntry;

    public sealed record PayorMoved(string PayorNo, string Status, string? PlanNo = null) : JournalEntry;

    /// <summary>That a document was uploaded; what it says is not kept.</summary>
    public sealed record PayorDocumentAdded(string PayorNo, PayorDocument Document) : JournalEntry;

    /// <summary>A change that is due later.</summary>
    public sealed record Planned(ScheduledChange Plan) : JournalEntry;

    /// <summary>
    /// A difference, like everything else that touches a balance: differences add up to the same sum in whatever
    /// order concurrent calls write them down. PlanNo as for a payee's status.
    /// </summary>
    public sealed record BalanceChanged(
        string Currency, decimal By, string MerchantNo, string? PlanNo = null) : JournalEntry;

    public sealed record PayCallArrived(ReceivedCall Arrival) : JournalEntry;

    /// <summary>A send that was refused because its amount wants the first ones refused.</summary>
    public sealed record SendRefused(string InvoiceId, string MerchantNo) : JournalEntry;

    /// <summary>A payout in the book; its amount has left the balance.</summary>
    public sealed record PayoutAccepted(BookedPayout Payout) : JournalEntry;

    /// <summary>
    /// A payout's new status, by a step of its course or (null) by hand, and the notices that are owed for it.
    /// </summary>
    public sealed record PayoutMoved(
        string TransactionNo, string Status, DateTimeOffset At, int? Step, IReadOnlyList<Notice> Owed) : JournalEntry;

    /// <summary>An attempt to deliver an owed notice, and when it is tried again; null when it never is.</summary>
    public sealed record NoticeTried(string NoticeNo, int Attempt, DateTimeOffset? AgainAt) : JournalEntry;

    public sealed record PaymentReceived(Payment Payment) : JournalEntry;

    public sealed record RefundBooked(BookedRefund Refund) : JournalEntry;

    public sealed record RefundCallArrived(RefundArrival Arrival) : JournalEntry;

    /// <summary>A merchant's new token, and until when the one before is right as well.</summary>
    public sealed record TokenRotated(string MerchantNo, string Token, DateTimeOffset OldUntil) : JournalEntry;

    public sealed record ClockAdvanced(TimeSpan By) : JournalEntry;
}
