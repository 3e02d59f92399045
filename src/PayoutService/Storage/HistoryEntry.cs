using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using PayoutService.Payees;
using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage.Batches;

namespace PayoutService.Storage;

/// <summary>The kind of object that a line of history is about.</summary>
public enum HistoryKind
{
    /// <summary>A payee.</summary>
    Payee,

    /// <summary>An account of a payee.</summary>
    Account,

    /// <summary>A refund.</summary>
    Refund,

    /// <summary>A payor.</summary>
    Payor,

    /// <summary>A merchant's sending: its pauses.</summary>
    Sending,

    /// <summary>A webhook endpoint.</summary>
    Endpoint,

    /// <summary>A batch of payouts.</summary>
    Batch,
}

/// <summary>The kind of a change in a history.</summary>
public enum ChangeKind
{
    /// <summary>A registration, or a refund, began.</summary>
    Began,

    /// <summary>A registration without an answer was tried again; or sending was resumed.</summary>
    Resumed,

    /// <summary>Pockyt answered.</summary>
    Answered,

    /// <summary>Pockyt did not answer.</summary>
    LeftOpen,

    /// <summary>A caller took it for a change at Pockyt.</summary>
    Claimed,

    /// <summary>A caller changed it.</summary>
    Changed,

    /// <summary>A caller removed it.</summary>
    Removed,

    /// <summary>Found at Pockyt.</summary>
    Imported,

    /// <summary>It has waited for long.</summary>
    Slow,

    /// <summary>The process that sent it did not report back.</summary>
    LeaseEnded,

    /// <summary>Resolved by an operator's decision.</summary>
    Resolved,

    /// <summary>The row was deleted: Pockyt refused it, or it is the same as another.</summary>
    Abandoned,

    /// <summary>Sending was paused.</summary>
    Paused,

    /// <summary>An operator said that a restore lost nothing.</summary>
    Cleared,

    /// <summary>A delivery to a webhook endpoint failed, after one that succeeded.</summary>
    Failing,

    /// <summary>A webhook endpoint answered again.</summary>
    Recovered,

    /// <summary>A delivery to a webhook endpoint was given up.</summary>
    Exhausted,

    /// <summary>A webhook endpoint was disabled because it answered 410, or nothing for days.</summary>
    Disabled,

    /// <summary>A batch was checked.</summary>
    Planned,

    /// <summary>A batch was confirmed.</summary>
    Confirmed,

    /// <summary>A batch was canceled.</summary>
    Canceled,

    /// <summary>Every row of a batch has its outcome.</summary>
    Finished,
}

/// <summary>
/// One line of the history of a payee, an account, a refund, a payor, or a merchant's sending, written in the
/// transaction that made the change; payouts have theirs in <c>payout_events</c>. The database refuses a new version
/// without its line, and lines are only ever added.
/// </summary>
internal sealed class HistoryEntry
{
    private static readonly string[] OfPerson =
    [
        nameof(Payee.FirstName), nameof(Payee.LastName), nameof(Payee.Email), nameof(Payee.CountryCode),
        nameof(Payee.Metadata),
    ];

    public required string Merchant { get; init; }

    public required HistoryKind Kind { get; init; }

    /// <summary>The id of the row. Of sending there is one per merchant, so it has none.</summary>
    public required Guid Id { get; init; }

    /// <summary>The version after the change; of what was deleted, the one it would have had.</summary>
    public required long Version { get; init; }

    public required DateTimeOffset At { get; init; }

    public required Actor Actor { get; init; }

    public required ChangeKind What { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary>Members that anybody may see, as they were then: keys, statuses, reasons; no names, e-mails or numbers.
    /// </summary>
    public Dictionary<string, string> Members { get; init; } = [];

    /// <summary>A line for each payee, account, refund and payor that is about to be added, changed or deleted.
    /// </summary>
    public static List<HistoryEntry> Of(
        IReadOnlyList<EntityEntry> entries, Actor actor, ChangeKind what, DateTimeOffset now) =>
    [
        .. from entry in entries
           where entry.State is EntityState.Added or EntityState.Deleted
               || (entry.State is EntityState.Modified && entry.Property(nameof(Payee.Version)).IsModified)
           let kind = KindOf(entry.Entity)
           where kind is not null
           let status = entry.Property(nameof(Payee.Status))
           let isGone = entry.State is EntityState.Deleted
           select new HistoryEntry
           {
               Merchant = (string)entry.Property(nameof(Payee.Merchant)).CurrentValue!,
               Kind = kind.Value,
               Id = (Guid)entry.Property(nameof(Payee.Id)).CurrentValue!,
               Version = (int)entry.Property(nameof(Payee.Version)).CurrentValue! + (isGone ? 1 : 0),
               At = now,
               Actor = actor,
               What = isGone ? ChangeKind.Abandoned : what,
               From = entry.State is EntityState.Added ? null : Word(status.OriginalValue),
               To = isGone ? null : Word(status.CurrentValue),
               Members = MembersOf(entry).Where(member => member.Value is { Length: > 0 })
                   .ToDictionary(member => member.Key, member => member.Value!),
           },
    ];

    private static HistoryKind? KindOf(object row) => row switch
    {
        Payee => HistoryKind.Payee,
        Account => HistoryKind.Account,
        Refund => HistoryKind.Refund,
        Payor => HistoryKind.Payor,
        Batch => HistoryKind.Batch,
        _ => null,
    };

    private static Dictionary<string, string?> MembersOf(EntityEntry entry) => entry.Entity switch
    {
        Payee payee => new()
        {
            ["customerCode"] = payee.CustomerCode,
            ["attention"] = Word(payee.Attention),

            // Who changed the e-mail is asked when money went astray; what it was is nobody's business.
            ["changed"] = entry.State is not EntityState.Modified ? null : string.Join(", ", OfPerson.Where(
                name => entry.Property(name).IsModified).Select(Word)),
        },
        Account account => new()
        {
            ["payeeId"] = account.PayeeId.ToString(),
            ["accountTag"] = account.AccountTag,
            ["accountType"] = account.AccountType,
            ["currency"] = account.Currency,
        },
        Refund refund => new()
        {
            ["refundReference"] = refund.RefundReference,
            ["amount"] = new Money(refund.AmountMinor, refund.Currency).ToString(),
            ["currency"] = refund.Currency,
            ["attention"] = Word(refund.Attention),
        },
        Payor payor => new()
        {
            ["payorCode"] = payor.PayorCode,
            ["payorNo"] = payor.PayorNo,
        },
        Batch batch => new()
        {
            ["rows"] = batch.RowCount.ToString(CultureInfo.InvariantCulture),
            ["errors"] = batch.ErrorCount.ToString(CultureInfo.InvariantCulture),
        },
        _ => [],
    };

    private static string? Word(object? value) =>
        value is null ? null : JsonNamingPolicy.CamelCase.ConvertName(value.ToString()!);
}
