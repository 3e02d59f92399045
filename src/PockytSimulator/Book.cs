using System.Collections.Concurrent;

namespace PockytSimulator;

/// <summary>A pay call that reached the simulator, and what became of it.</summary>
internal sealed record Arrival(
    long Position, DateTimeOffset At, string? InvoiceId, string? RequestId, string? VerifySign, string Outcome);

/// <summary>What the book made of a payout it was asked to accept.</summary>
internal abstract record Acceptance
{
    public sealed record Accepted(BookedPayout Payout) : Acceptance;

    public sealed record Replayed(BookedPayout Payout) : Acceptance;

    public sealed record Duplicate : Acceptance;

    public sealed record NoBalance : Acceptance;
}

/// <summary>
/// Everything the simulator paid, written before any answer leaves: the judge of whether somebody was paid twice.
/// One page for each invoiceId, so that calls for different payouts never wait for each other.
/// </summary>
internal sealed class Book(Balances balances)
{
    private static readonly string[] MoneyIsBack = ["failed", "returned", "refunded", "reversed", "blocked"];

    private readonly ConcurrentDictionary<string, Page> _pages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BookedPayout> _byRequestId = new(StringComparer.Ordinal);
    private readonly Lock[] _requestGates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private long _position;
    private int _payoutCount;

    public int PayoutCount => Volatile.Read(ref _payoutCount);

    public IReadOnlyList<BookedPayout> Payouts => [.. _pages.Values.SelectMany(PayoutsOf).OrderBy(p => p.Position)];

    public IReadOnlyList<Arrival> Arrivals => [.. _pages.Values.SelectMany(ArrivalsOf).OrderBy(a => a.Position)];

    /// <summary>The payout of this invoiceId; the first one, should a fault have let in more.</summary>
    public BookedPayout? Find(string invoiceId) => PayoutsOf(invoiceId) is [var first, ..] ? first : null;

    public IReadOnlyList<BookedPayout> PayoutsOf(string invoiceId) =>
        _pages.TryGetValue(invoiceId, out var page) ? PayoutsOf(page) : [];

    public IReadOnlyList<Arrival> ArrivalsOf(string invoiceId) =>
        _pages.TryGetValue(invoiceId, out var page) ? ArrivalsOf(page) : [];

    /// <summary>The payout made by a completed call with this Pockyt-Request-ID.</summary>
    public BookedPayout? CompletedBy(string? requestId) =>
        requestId is not null && _byRequestId.TryGetValue(requestId, out var payout) ? payout : null;

    /// <summary>
    /// Accepts the payout unless its request was completed before, its invoiceId is known, or the balance does
    /// not cover it. <paramref name="refuseFirst"/> sends of the invoiceId are refused as not covered in any case.
    /// The first answer is made inside, so that no repeat can find a payout without one.
    /// </summary>
    public Acceptance Accept(
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
            if (deduplicate && CompletedBy(requestId) is { } completed)
            {
                return new Acceptance.Replayed(completed);
            }

            var page = PageOf(invoiceId);
            lock (page)
            {
                if (deduplicate && page.Payouts.Count > 0)
                {
                    return new Acceptance.Duplicate();
                }

                if (page.Refused < refuseFirst)
                {
                    page.Refused++;
                    return new Acceptance.NoBalance();
                }

                var payout = make(Interlocked.Increment(ref _position));
                if (!balances.TryTake(payout.Currency, payout.Amount))
                {
                    return new Acceptance.NoBalance();
                }

                payout.FirstAnswer = answer(payout);
                page.Payouts.Add(payout);
                Interlocked.Increment(ref _payoutCount);
                if (requestId is not null)
                {
                    _byRequestId.TryAdd(requestId, payout);
                }

                return new Acceptance.Accepted(payout);
            }
        }
    }

    public void Note(string? invoiceId, DateTimeOffset at, string? requestId, string? verifySign, string outcome)
    {
        var position = Interlocked.Increment(ref _position);
        var page = PageOf(invoiceId ?? "");
        lock (page)
        {
            page.Arrivals.Add(new Arrival(position, at, invoiceId, requestId, verifySign, outcome));
        }
    }

    /// <summary>Moves a payout; its money goes back to the balance, or out again, as the statuses demand.</summary>
    public void Move(BookedPayout payout, string status, DateTimeOffset at)
    {
        var wasBack = MoneyIsBack.Contains(payout.Move(status, at));
        var isBack = MoneyIsBack.Contains(status);
        if (isBack != wasBack)
        {
            balances.Give(payout.Currency, isBack ? payout.Amount : -payout.Amount);
        }
    }

    private Page PageOf(string invoiceId) => _pages.GetOrAdd(invoiceId, static _ => new Page());

    private static IReadOnlyList<BookedPayout> PayoutsOf(Page page)
    {
        lock (page)
        {
            return [.. page.Payouts];
        }
    }

    private static IReadOnlyList<Arrival> ArrivalsOf(Page page)
    {
        lock (page)
        {
            return [.. page.Arrivals];
        }
    }

    private sealed class Page
    {
        public List<BookedPayout> Payouts { get; } = [];

        public List<Arrival> Arrivals { get; } = [];

        public int Refused { get; set; }
    }
}
