using System.Collections.Concurrent;
using PockytSimulator.Notices;
using PockytSimulator.State;

namespace PockytSimulator.Payouts;

/// <summary>A pay call that reached the simulator, and what became of it.</summary>
internal sealed record ReceivedCall(
    long Position,
    DateTimeOffset At,
    string? InvoiceId,
    string? RequestId,
    string? VerifySign,
    string Outcome,
    string? MerchantNo = null);

/// <summary>What the book made of a payout it was asked to accept.</summary>
internal abstract record SendDecision
{
    public sealed record Accepted(BookedPayout Payout) : SendDecision;

    public sealed record Replayed(BookedPayout Payout) : SendDecision;

    public sealed record Duplicate : SendDecision;

    public sealed record NoBalance : SendDecision;
}

/// <summary>
/// Everything the simulator paid, written before any answer leaves: the judge of whether somebody was paid twice.
/// One page for each invoiceId of a merchant, so that calls for different payouts never wait for each other. A
/// question without a merchant covers all of them.
/// </summary>
internal sealed class Ledger(Balances balances, MerchantRegistry merchants, Journal journal)
{
    private static readonly string[] MoneyIsBack = ["failed", "returned", "refunded", "reversed"];

    private readonly ConcurrentDictionary<(string MerchantNo, string InvoiceId), InvoiceEntries> _pages = new();
    private readonly ConcurrentDictionary<(string MerchantNo, string RequestId), BookedPayout> _byRequestId = new();
    private readonly Lock[] _requestGates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private long _position;
    private int _payoutCount;

    public int PayoutCount => Volatile.Read(ref _payoutCount);

    public IReadOnlyList<BookedPayout> Payouts => [.. _pages.Values.SelectMany(PayoutsOf).OrderBy(p => p.Position)];

    public IReadOnlyList<ReceivedCall> Arrivals => [.. _pages.Values.SelectMany(ArrivalsOf).OrderBy(a => a.Position)];

    /// <summary>The payout of this invoiceId; the first one, should a fault have let in more.</summary>
    public BookedPayout? Find(string invoiceId, string? merchantNo = null) =>
        PayoutsOf(invoiceId, merchantNo) is [var first, ..] ? first : null;

    /// <summary>By Pockyt's own number; it is rarely asked for, so the whole ledger is searched.</summary>
    public BookedPayout? FindByTransactionNo(string transactionNo, string merchantNo) => Payouts.FirstOrDefault(
        payout => payout.TransactionNo == transactionNo && payout.MerchantNo == merchantNo);

    public IReadOnlyList<BookedPayout> PayoutsOf(string invoiceId, string? merchantNo = null) =>
        [.. PagesOf(invoiceId, merchantNo).SelectMany(PayoutsOf).OrderBy(payout => payout.Position)];

    public IReadOnlyList<ReceivedCall> ArrivalsOf(string invoiceId, string? merchantNo = null) =>
        [.. PagesOf(invoiceId, merchantNo).SelectMany(ArrivalsOf).OrderBy(arrival => arrival.Position)];

    /// <summary>The payout made by a completed call of the merchant's with this Pockyt-Request-ID.</summary>
    public BookedPayout? CompletedBy(string? requestId, string merchantNo) =>
        requestId is not null && _byRequestId.TryGetValue((merchantNo, requestId), out var payout) ? payout : null;

    /// <summary>
    /// Accepts the payout unless its request was completed before, its invoiceId is known, or the balance does
    /// not cover it. <paramref name="refuseFirst"/> sends of the invoiceId are refused as not covered in any case.
    /// The first answer is made inside, so that no repeat can find a payout without one.
    /// </summary>
    public SendDecision Accept(
        string merchantNo,
        string invoiceId,
        string? requestId,
        bool deduplicate,
        int refuseFirst,
        Func<long, BookedPayout> make,
        Func<BookedPayout, byte[]> answer)
    {
        // Two calls with one key at the same time: the second waits and finds the first completed.
        lock (_requestGates[(requestId ?? invoiceId).GetHashCode(StringComparison.Ordinal) & 63])
        {
            if (deduplicate && CompletedBy(requestId, merchantNo) is { } completed)
            {
                return new SendDecision.Replayed(completed);
            }

            var page = PageOf(merchantNo, invoiceId);
            lock (page)
            {
                if (deduplicate && page.Payouts.Count > 0)
                {
                    return new SendDecision.Duplicate();
                }

                if (page.Refused < refuseFirst)
                {
                    journal.Record(new JournalEntry.SendRefused(invoiceId, merchantNo));
                    page.Refused++;
                    return new SendDecision.NoBalance();
                }

                var payout = make(Interlocked.Increment(ref _position));
                if (!balances.TryTake(payout.Currency, payout.Amount, merchantNo))
                {
                    return new SendDecision.NoBalance();
                }

                payout.FirstAnswer = answer(payout);
                journal.Record(new JournalEntry.PayoutAccepted(payout));
                Write(payout, page);
                return new SendDecision.Accepted(payout);
            }
        }
    }

    public void Note(
        string merchantNo,
        string? invoiceId,
        DateTimeOffset at,
        string? requestId,
        string? verifySign,
        string outcome)
    {
        var position = Interlocked.Increment(ref _position);
        var arrival = new ReceivedCall(position, at, invoiceId, requestId, verifySign, outcome, merchantNo);
        var page = PageOf(merchantNo, invoiceId ?? "");
        lock (page)
        {
            journal.Record(new JournalEntry.PayCallArrived(arrival));
            page.Arrivals.Add(arrival);
        }
    }

    /// <summary>
    /// Moves a payout, by a step of its course or (null) by hand; its money goes back to the balance, or out again,
    /// as the statuses demand. The notices owed for it are journalled with it, so that none is forgotten or sent
    /// for nothing. False when it was moved by hand before: then its course does not touch it.
    /// </summary>
    public bool Move(
        BookedPayout payout,
        string status,
        DateTimeOffset at,
        int? step = null,
        IReadOnlyList<Notice>? owed = null)
    {
        // Two movers at the same time must stand in the journal in the order in which they stand in the history.
        lock (PageOf(payout.MerchantNo, payout.InvoiceId))
        {
            if (step is not null && payout.MovedByHand)
            {
                return false;
            }

            journal.Record(new JournalEntry.PayoutMoved(payout.TransactionNo, status, at, step, owed ?? []));
            payout.MovedByHand = step is null;
            payout.StepsTaken = step + 1 ?? payout.StepsTaken;
            var wasBack = MoneyIsBack.Contains(payout.Move(status, at));
            var isBack = MoneyIsBack.Contains(status);
            if (isBack != wasBack)
            {
                balances.Give(payout.Currency, isBack ? payout.Amount : -payout.Amount, payout.MerchantNo);
            }

            return true;
        }
    }

    /// <summary>Writes down again a payout that was accepted before the start.</summary>
    public void Restore(BookedPayout payout)
    {
        balances.Give(payout.Currency, -payout.Amount, payout.MerchantNo);
        Write(payout, PageOf(payout.MerchantNo, payout.InvoiceId));
        _position = Math.Max(_position, payout.Position);
    }

    public void Restore(ReceivedCall arrival)
    {
        PageOf(arrival.MerchantNo, arrival.InvoiceId ?? "").Arrivals.Add(arrival);
        _position = Math.Max(_position, arrival.Position);
    }

    public void RestoreRefusal(string invoiceId, string merchantNo) => PageOf(merchantNo, invoiceId).Refused++;

    private void Write(BookedPayout payout, InvoiceEntries page)
    {
        page.Payouts.Add(payout);
        Interlocked.Increment(ref _payoutCount);
        if (payout.RequestId is { } requestId)
        {
            _byRequestId.TryAdd((payout.MerchantNo, requestId), payout);
        }
    }

    private InvoiceEntries PageOf(string? merchantNo, string invoiceId) =>
        _pages.GetOrAdd((merchants.NoOf(merchantNo), invoiceId), static _ => new InvoiceEntries());

    private IEnumerable<InvoiceEntries> PagesOf(string invoiceId, string? merchantNo)
    {
        var asked = merchantNo is null ? merchants.All.Select(merchant => merchant.No) : [merchantNo];
        return asked.Select(no => _pages.GetValueOrDefault((no, invoiceId))).OfType<InvoiceEntries>();
    }

    private static IReadOnlyList<BookedPayout> PayoutsOf(InvoiceEntries page)
    {
        lock (page)
        {
            return [.. page.Payouts];
        }
    }

    private static IReadOnlyList<ReceivedCall> ArrivalsOf(InvoiceEntries page)
    {
        lock (page)
        {
            return [.. page.Arrivals];
        }
    }

    private sealed class InvoiceEntries
    {
        public List<BookedPayout> Payouts { get; } = [];

        public List<ReceivedCall> Arrivals { get; } = [];

        public int Refused { get; set; }
    }
}
