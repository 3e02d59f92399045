using System.Collections.Concurrent;
using PockytSimulator.State;

namespace PockytSimulator.Payees;

/// <summary>A document that was uploaded: that it was, under which name, and how long it is.</summary>
internal sealed record PayorDocument(string Name, long Bytes, DateTimeOffset At);

/// <summary>Somebody in whose name a merchant of record pays.</summary>
internal sealed class Payor(
    string merchantNo,
    string payorNo,
    string status,
    DateTimeOffset createdAt,
    IReadOnlyDictionary<string, string> members)
{
    private readonly ConcurrentQueue<PayorDocument> _documents = new();

    public string MerchantNo => merchantNo;

    public string PayorNo => payorNo;

    public DateTimeOffset CreatedAt => createdAt;

    /// <summary>What it was registered with, by the caller's member names.</summary>
    public IReadOnlyDictionary<string, string> Members => members;

    public string Status { get; set; } = status;

    public IReadOnlyList<PayorDocument> Documents => [.. _documents];

    /// <summary>Payees may be paid in its name.</summary>
    public bool IsUsable => Status is "APPROVED" or "EFFECTIVE";

    /// <summary>Accounts of its payees stay as they are.</summary>
    public bool IsShut => Status is "DECLINED" or "SAVED";

    public void Add(PayorDocument document) => _documents.Enqueue(document);
}

/// <summary>All payors.</summary>
internal sealed class PayorRegistry(Ids ids, Journal journal)
{
    public static readonly IReadOnlyList<string> Statuses = ["SAVED", "SUBMITTED", "APPROVED", "EFFECTIVE", "DECLINED"];

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Payor> _byNo = new(StringComparer.Ordinal);

    public IReadOnlyList<Payor> All => [.. _byNo.Values.OrderBy(payor => payor.CreatedAt)];

    public Payor? Find(string? payorNo) => payorNo is null ? null : _byNo.GetValueOrDefault(payorNo);

    public Payor? FindOf(Merchant merchant, string? payorNo) =>
        Find(payorNo) is { } payor && payor.MerchantNo == merchant.No ? payor : null;

    /// <summary>In whose name the payee is paid; null when in the merchant's own.</summary>
    public Payor? Of(Payee payee) => Find(payee["payorNo"]);

    /// <summary>Registers a payor under a number nobody has.</summary>
    public Payor Add(
        Merchant merchant, string status, DateTimeOffset createdAt, IReadOnlyDictionary<string, string> members)
    {
        lock (_gate)
        {
            var payorNo = ids.PayorNo();
            while (_byNo.ContainsKey(payorNo))
            {
                payorNo = ids.PayorNo();
            }

            journal.Record(new JournalEntry.PayorRegistered(merchant.No, payorNo, status, createdAt, members));
            return _byNo[payorNo] = new Payor(merchant.No, payorNo, status, createdAt, members);
        }
    }

    /// <summary>Brings back a payor that was registered before the start.</summary>
    public void Restore(Payor payor) => _byNo[payor.PayorNo] = payor;

    public void Move(Payor payor, string status, string? planNo = null)
    {
        lock (_gate)
        {
            journal.Record(new JournalEntry.PayorMoved(payor.PayorNo, status, planNo));
            payor.Status = status;
        }
    }

    public void Add(Payor payor, PayorDocument document)
    {
        lock (_gate)
        {
            journal.Record(new JournalEntry.PayorDocumentAdded(payor.PayorNo, document));
            payor.Add(document);
        }
    }
}
