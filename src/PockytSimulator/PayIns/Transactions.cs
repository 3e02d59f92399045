using PockytSimulator.Calls;
using PockytSimulator.State;

namespace PockytSimulator.PayIns;

/// <summary>Money that somebody paid to a merchant.</summary>
internal sealed record Payment(
    string TransactionNo,
    string Reference,
    decimal Amount,
    string Currency,
    string SettleCurrency,
    string Status,
    string MerchantNo);

/// <summary>Money that went back, and the answer its call got.</summary>
internal sealed record BookedRefund(
    string RefundTransactionNo,
    string? RefundReference,
    string? RequestId,
    string TransactionNo,
    decimal Amount,
    string Status,
    DateTimeOffset At,
    byte[] FirstAnswer,
    string MerchantNo);

/// <summary>A refund call that reached the simulator, and what became of it.</summary>
internal sealed record RefundArrival(DateTimeOffset At, string? RefundReference, string? RequestId, string Outcome);

/// <summary>What was made of a refund that was asked for.</summary>
internal abstract record RefundDecision
{
    public sealed record Booked(BookedRefund Refund) : RefundDecision;

    public sealed record Replayed(BookedRefund Refund) : RefundDecision;

    public sealed record Duplicate : RefundDecision;

    public sealed record Refused(Refusal Why) : RefundDecision;
}

/// <summary>
/// Everything that came in and went back: the judge of whether money was given back twice. References are a merchant's
/// own; a question without a merchant covers all of them.
/// </summary>
internal sealed class Transactions(Journal journal)
{
    private readonly Lock _gate = new();
    private readonly List<Payment> _payments = [];
    private readonly List<BookedRefund> _refunds = [];
    private readonly List<RefundArrival> _arrivals = [];

    public IReadOnlyList<BookedRefund> Refunds => Copy(_refunds);

    public IReadOnlyList<RefundArrival> Arrivals => Copy(_arrivals);

    public Payment? FindPayment(string? transactionNo, string? reference, string? merchantNo = null)
    {
        lock (_gate)
        {
            return _payments.Find(payment => IsOf(payment.MerchantNo, merchantNo)
                && (payment.TransactionNo == transactionNo || payment.Reference == reference));
        }
    }

    public BookedRefund? FindRefund(string? transactionNo, string? reference, string? merchantNo = null)
    {
        lock (_gate)
        {
            return _refunds.Find(refund => IsOf(refund.MerchantNo, merchantNo)
                && (refund.RefundTransactionNo == transactionNo
                    || (reference is not null && refund.RefundReference == reference)));
        }
    }

    /// <summary>False when the number is known already, or the merchant knows the reference.</summary>
    public bool TryAdd(Payment payment)
    {
        lock (_gate)
        {
            if (FindPayment(payment.TransactionNo, null) is not null
                || FindPayment(null, payment.Reference, payment.MerchantNo) is not null)
            {
                return false;
            }

            journal.Record(new JournalEntry.PaymentReceived(payment));
            _payments.Add(payment);
            return true;
        }
    }

    /// <summary>Gives money back unless the call was completed before, its refundReference is known, or the payment
    /// does not cover it. The first answer is made inside, so that no repeat can find a refund without one.</summary>
    public RefundDecision Refund(
        Payment payment,
        decimal amount,
        string? refundReference,
        string? requestId,
        bool deduplicate,
        Func<BookedRefund> book)
    {
        lock (_gate)
        {
            var merchantNo = payment.MerchantNo;
            if (deduplicate && requestId is not null
                && _refunds.Find(r => IsOf(r.MerchantNo, merchantNo) && r.RequestId == requestId) is { } completed)
            {
                return new RefundDecision.Replayed(completed);
            }

            if (deduplicate && refundReference is not null
                && FindRefund(null, refundReference, merchantNo) is not null)
            {
                return new RefundDecision.Duplicate();
            }

            // Which codes these two get is not documented: a payment without anything left is in the wrong status,
            // an amount above what is left is a wrong value.
            var left = payment.Amount
                - _refunds.Where(refund => refund.TransactionNo == payment.TransactionNo).Sum(refund => refund.Amount);
            if (payment.Status != "success" || left == 0)
            {
                return new RefundDecision.Refused(Refusal.TransactionStatus());
            }

            if (amount > left)
            {
                return new RefundDecision.Refused(Refusal.Format("refundAmount"));
            }

            var booked = book();
            journal.Record(new JournalEntry.RefundBooked(booked));
            _refunds.Add(booked);
            return new RefundDecision.Booked(booked);
        }
    }

    public void Note(RefundArrival arrival)
    {
        lock (_gate)
        {
            journal.Record(new JournalEntry.RefundCallArrived(arrival));
            _arrivals.Add(arrival);
        }
    }

    /// <summary>Writes down again a refund that was booked before the start.</summary>
    public void Restore(BookedRefund refund) => _refunds.Add(refund);

    private static bool IsOf(string owner, string? merchantNo) =>
        merchantNo is null || owner == merchantNo;

    private IReadOnlyList<T> Copy<T>(List<T> rows)
    {
        lock (_gate)
        {
            return [.. rows];
        }
    }
}
