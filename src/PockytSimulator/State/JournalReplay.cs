using PockytSimulator.Notices;
using PockytSimulator.Payees;
using PockytSimulator.PayIns;
using PockytSimulator.Payouts;
using PockytSimulator.Scheduling;

namespace PockytSimulator.State;

/// <summary>Brings back at the start what the journal holds, and puts on the agenda what was still due.</summary>
internal sealed class JournalReplay(
    Journal journal,
    SimulatorClock clock,
    MerchantRegistry merchants,
    Ids ids,
    PayeeRegistry payees,
    PayorRegistry payors,
    Balances balances,
    Ledger book,
    Transactions transactions,
    PayoutLifecycle course,
    NoticeSender sender,
    ScheduledChanges timetable)
{
    private readonly Dictionary<string, BookedPayout> _payouts = new(StringComparer.Ordinal);

    // Deleted ones too: a call that found an account before it was deleted may have moved it afterwards.
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    // By number, in the order in which they became owed.
    private readonly OrderedDictionary<string, OwedNotice> _owed = new(StringComparer.Ordinal);

    // By number, in the order in which they were made.
    private readonly OrderedDictionary<string, ScheduledChange> _plans = new(StringComparer.Ordinal);

    public void Run()
    {
        journal.Replay(Apply);
        var untold = _owed.Values.Where(owed => owed.IsUntold).ToLookup(owed => owed.Payout!, owed => owed.Notice);
        foreach (var payout in book.Payouts)
        {
            course.Resume(payout, [.. untold[payout]]);
        }

        foreach (var owed in _owed.Values.Where(owed => !owed.IsUntold))
        {
            sender.SendAt(owed.DueAt ?? clock.GetUtcNow(), owed.Notice, owed.Attempts + 1);
        }

        foreach (var plan in _plans.Values)
        {
            timetable.Resume(plan);
        }
    }

    private void Apply(JournalEntry entry)
    {
        switch (entry)
        {
            case JournalEntry.PayeeWritten written:
                ids.Skip(written.CustomerNo);
                var payee = payees.Find(written.CustomerNo)
                    ?? new Payee(
                        written.MerchantNo, written.CustomerNo, written.Status, written.CreatedAt);
                payees.Write(payee, written.Members, written.At);
                break;
            case JournalEntry.PayeeMoved moved:
                payees.Move(PayeeOf(moved.CustomerNo), moved.Status, moved.At);
                Done(moved.PlanNo);
                break;
            case JournalEntry.AccountAdded { Account: var account }:
                ids.Skip(account.Token);
                payees.Add(PayeeOf(account.CustomerNo), account);
                _accounts.Add(account.Token, account);
                break;
            case JournalEntry.AccountMoved moved:
                payees.Move(_accounts[moved.Token], moved.Status, moved.Owed);
                Owe(moved.Owed, payout: null);
                Done(moved.PlanNo);
                break;
            case JournalEntry.AccountDeleted deleted:
                payees.Delete(_accounts[deleted.Token]);
                break;
            case JournalEntry.PayorRegistered known:
                payors.Restore(new Payor(known.MerchantNo, known.PayorNo, known.Status, known.At, known.Members));
                break;
            case JournalEntry.PayorMoved moved:
                payors.Move(PayorOf(moved.PayorNo), moved.Status);
                Done(moved.PlanNo);
                break;
            case JournalEntry.PayorDocumentAdded added:
                payors.Add(PayorOf(added.PayorNo), added.Document);
                break;
            case JournalEntry.Planned { Plan: var plan }:
                ids.Skip(plan.No);
                _plans.Add(plan.No, plan);
                break;
            case JournalEntry.BalanceChanged changed:
                balances.Restore(changed.Currency, changed.By, changed.MerchantNo);
                Done(changed.PlanNo);
                break;
            case JournalEntry.PayCallArrived { Arrival: var arrival }:
                book.Restore(arrival);
                break;
            case JournalEntry.SendRefused refused:
                book.RestoreRefusal(refused.InvoiceId, refused.MerchantNo);
                break;
            case JournalEntry.PayoutAccepted { Payout: var payout }:
                ids.Skip(payout.TransactionNo);
                book.Restore(payout);
                _payouts.Add(payout.TransactionNo, payout);
                break;
            case JournalEntry.PayoutMoved moved:
                var mover = _payouts[moved.TransactionNo];
                book.Move(mover, moved.Status, moved.At, moved.Step, moved.Owed);
                foreach (var notice in moved.Owed)
                {
                    Owe(notice, mover);
                }

                break;
            case JournalEntry.NoticeTried { AgainAt: null } tried:
                _owed.Remove(tried.NoticeNo);
                break;
            case JournalEntry.NoticeTried tried:
                _owed[tried.NoticeNo] = _owed[tried.NoticeNo] with { Attempts = tried.Attempt, DueAt = tried.AgainAt };
                break;
            case JournalEntry.PaymentReceived { Payment: var payment }:
                ids.Skip(payment.TransactionNo);
                transactions.TryAdd(payment);
                break;
            case JournalEntry.RefundBooked { Refund: var refund }:
                ids.Skip(refund.RefundTransactionNo);
                transactions.Restore(refund);
                break;
            case JournalEntry.RefundCallArrived { Arrival: var refundArrival }:
                transactions.Note(refundArrival);
                break;
            case JournalEntry.TokenRotated rotated:
                // The settings may have lost a merchant since.
                merchants.Find(rotated.MerchantNo)?.Rotate(rotated.Token, rotated.OldUntil);
                break;
            case JournalEntry.ClockAdvanced advanced:
                clock.Advance(advanced.By);
                break;
            default:
                throw new NotSupportedException($"Nobody replays {entry.GetType().Name}.");
        }
    }

    private void Owe(Notice? notice, BookedPayout? payout)
    {
        if (notice is not null)
        {
            ids.Skip(notice.No);
            _owed.Add(notice.No, new OwedNotice(notice, payout, Attempts: 0, DueAt: null));
        }
    }

    private void Done(string? planNo)
    {
        if (planNo is not null)
        {
            _plans.Remove(planNo);
        }
    }

    private Payee PayeeOf(string customerNo) =>
        payees.Find(customerNo) ?? throw new KeyNotFoundException($"No payee {customerNo} stands before it.");

    private Payor PayorOf(string payorNo) =>
        payors.Find(payorNo) ?? throw new KeyNotFoundException($"No payor {payorNo} stands before it.");

    private sealed record OwedNotice(Notice Notice, BookedPayout? Payout, int Attempts, DateTimeOffset? DueAt)
    {
        /// <summary>First attempts about a payout are made one after the other, before its next status.</summary>
        public bool IsUntold => Payout is not null && Attempts == 0;
    }
}
