using System.Globalization;
using PayoutService.Payouts;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>What is known about a payout from outside the service.</summary>
/// <param name="Name">Its name in the trace.</param>
/// <param name="Booked">What Pockyt's book says that it accepted.</param>
/// <param name="GoesOn">Pockyt has not finished with it.</param>
/// <param name="IsLiedAbout">Somebody told us what is not so.</param>
/// <param name="IsWithdrawn">The API said that it was withdrawn.</param>
/// <param name="Calls">How many times a request to pay it left the service.</param>
internal sealed record Evidence(
    string Name, IReadOnlyList<BookedPayout> Booked, bool GoesOn, bool IsLiedAbout, bool IsWithdrawn, long Calls);

/// <summary>How a schedule ended.</summary>
/// <param name="Seed">Which it was.</param>
/// <param name="Trace">What happened.</param>
/// <param name="Breaches">What must not be so, and is.</param>
/// <param name="IsHung">It did not come to its end, so its world is of no more use.</param>
internal sealed record Ending(
    int Seed, IReadOnlyList<string> Trace, IReadOnlyList<string> Breaches, bool IsHung = false);

/// <summary>What must be so at the end of every schedule, by Pockyt's book.</summary>
internal static class Invariants
{
    private static readonly PayoutStatus[] Open =
    [
        PayoutStatus.Queued, PayoutStatus.Held, PayoutStatus.Submitting, PayoutStatus.Unconfirmed,
        PayoutStatus.Processing,
    ];

    /// <summary>Nobody needs to look at it any more, or only a human can. What is only slow goes on by itself.
    /// </summary>
    public static bool IsAtRest(Payout row, Evidence evidence)
    {
        var truth = Believed(evidence);
        return !evidence.GoesOn && (
            row.Status is PayoutStatus.Canceled
            || (row.Status is PayoutStatus.Processing && truth is PayoutStatus.Processing
                && (row.Attention is not null || !IsBlocked(evidence)))
            || (row.ConfirmedBy is not null && row.Status == (truth ?? PayoutStatus.Failed))
            || (row.Attention is Attention.Contradiction or Attention.Mismatch or Attention.NotSeen
                && !IsFalse(row.MoneyMoved, truth)));
    }

    /// <summary>What is wrong with a payout, in sentences.</summary>
    public static IEnumerable<string> Of(Payout row, Evidence evidence, IReadOnlyList<PayoutEvent> events)
    {
        var name = evidence.Name;
        var truth = Believed(evidence);
        if (evidence.Booked.Count > 1)
        {
            yield return $"{name} was accepted {evidence.Booked.Count} times.";
        }

        if (Open.Contains(row.Status) && row.DueAt is null && row.Attention is null)
        {
            yield return $"{name} is {row.Status}, and nobody will look.";
        }

        if (!IsAtRest(row, evidence))
        {
            yield return $"{name} is {row.Status} and did not come to rest; Pockyt says {truth}.";
        }

        if (row.Attention is null && row.Status != truth
            && (truth is not null || row.Status is not (PayoutStatus.Canceled or PayoutStatus.Failed)))
        {
            yield return $"{name} is {row.Status} without attention, and Pockyt says {truth}.";
        }

        if (IsFalse(row.MoneyMoved, truth))
        {
            yield return $"{name} says that money moved: {row.MoneyMoved}, and Pockyt says {truth}.";
        }

        if (row.MoneyMoved is MoneyMoved.Unknown && row.Attention is null)
        {
            yield return $"{name} is at rest, nobody knows whether money moved, and nobody is called.";
        }

        if (!evidence.IsLiedAbout && row.Attention is Attention.Contradiction or Attention.Mismatch)
        {
            yield return $"{name} wants attention for {row.Attention}, and nobody said anything false.";
        }

        if (row.Attention is Attention.Blocked && !IsBlocked(evidence))
        {
            yield return $"{name} wants attention because it is blocked, and Pockyt says {truth}.";
        }

        if (row.Attention is Attention.NotSeen && truth is not null)
        {
            yield return $"{name} wants attention because it was not seen, and Pockyt says {truth}.";
        }

        if (row.Attention is Attention.Slow or Attention.Access)
        {
            yield return $"{name} still wants attention for {row.Attention}.";
        }

        if (evidence.IsWithdrawn && (row.Status is not PayoutStatus.Canceled || truth is not null))
        {
            yield return $"{name} was withdrawn, is {row.Status}, and Pockyt says {truth}.";
        }

        if (!events.Select(line => line.Version).SequenceEqual(Enumerable.Range(1, row.Version)))
        {
            yield return $"{name}'s history has gaps: {string.Join(' ', events.Select(line => line.Version))}.";
        }

        // A restore may lose that it was approved.
        if (evidence.Booked.Count > 0 && row.RestoreNo is null
            && events is [{ Kind: EventKind.Accepted, To: PayoutStatus.Held } accepted, ..]
            && accepted.Detail.ContainsKey("approval") && !events.Any(line => line.Kind is EventKind.Approved))
        {
            yield return $"{name} was held for approval, nobody approved it, and Pockyt has it.";
        }

        if (evidence.Calls > row.SendCount)
        {
            yield return $"{name} was sent {evidence.Calls} times with {row.SendCount} claims.";
        }
    }

    /// <summary>Every payout that was answered for exists.</summary>
    public static IEnumerable<string> Lost(IEnumerable<string> answered, IReadOnlyList<Payout> rows) =>
        answered.Except(rows.Select(row => row.InvoiceId))
            .Select(invoiceId => $"{invoiceId} was answered 201 and is lost.");

    /// <summary>What was replaced does not pay: Pockyt does not have it, it failed, or its money came back.</summary>
    public static IEnumerable<string> PaidBesideReplacement(
        IEnumerable<(string Replacement, IReadOnlyList<BookedPayout> Replaced)> replaced) =>
        replaced.Where(pair => pair.Replaced.Any(
                booked => StatusOf(booked.Status) is PayoutStatus.Succeeded or PayoutStatus.Processing))
            .Select(pair => $"{pair.Replacement} was accepted, and what it replaces is paid as well.");

    /// <summary>To the minor unit and per currency: what Pockyt took and paid is what our rows say that it took and
    /// paid. A row that a human is called to says nothing, so there Pockyt's word counts.</summary>
    public static IEnumerable<string> Sums(
        IReadOnlyList<Payout> rows, Func<Payout, Evidence> evidence, Func<string, decimal> taken)
    {
        foreach (var currency in rows.GroupBy(row => row.Currency))
        {
            var paid = currency.Sum(row => Says(row) is PayoutStatus.Succeeded ? row.AmountMinor : 0);
            var open = currency.Sum(row => Says(row) is PayoutStatus.Processing ? row.AmountMinor : 0);
            var booked = currency.SelectMany(row => evidence(row).Booked).ToList();
            var bookedPaid = Minor(booked.Where(payout => StatusOf(payout.Status) is PayoutStatus.Succeeded));
            var bookedOpen = Minor(booked.Where(payout => StatusOf(payout.Status) is PayoutStatus.Processing));
            if ((paid, open) != (bookedPaid, bookedOpen) || paid + open != taken(currency.Key) * 100)
            {
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"{currency.Key}: we say {paid} paid and {open} open, Pockyt says {bookedPaid} and {bookedOpen}, "
                    + $"and {taken(currency.Key)} is gone.");
            }
        }

        PayoutStatus? Says(Payout row) => row.Attention is null ? row.Status : Believed(evidence(row));

        static long Minor(IEnumerable<BookedPayout> booked) => booked.Sum(payout => (long)(payout.Amount * 100));
    }

    /// <summary>What is to be believed of a payout; null: Pockyt does not have it.</summary>
    private static PayoutStatus? Believed(Evidence evidence) =>
        evidence.Booked.Count == 0 ? null : StatusOf(evidence.Booked[0].Status);

    private static bool IsBlocked(Evidence evidence) => evidence.Booked is [{ Status: "blocked" }, ..];

    /// <summary>What one of Pockyt's words means.</summary>
    public static PayoutStatus StatusOf(string word) => word switch
    {
        "success" or "completed" => PayoutStatus.Succeeded,
        "failed" => PayoutStatus.Failed,
        "returned" or "refunded" => PayoutStatus.Returned,
        _ => PayoutStatus.Processing,
    };

    private static bool IsFalse(MoneyMoved said, PayoutStatus? truth) => said switch
    {
        MoneyMoved.Yes => truth is not PayoutStatus.Succeeded,
        MoneyMoved.Returned => truth is not PayoutStatus.Returned,
        MoneyMoved.No => truth is not (null or PayoutStatus.Failed),
        MoneyMoved.InFlight => truth is not PayoutStatus.Processing,
        _ => false,
    };
}
