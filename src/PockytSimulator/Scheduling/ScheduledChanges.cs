using PockytSimulator.Payees;
using PockytSimulator.Payouts;
using PockytSimulator.State;

namespace PockytSimulator.Scheduling;

/// <summary>
/// Carries out what was ordered in advance. The change is journalled with the number of its plan, so that a restart
/// neither forgets a plan nor carries it out twice.
/// </summary>
internal sealed class ScheduledChanges(
    SimulatorClock clock,
    Ids ids,
    Scheduler agenda,
    PayeeRegistry payees,
    PayorRegistry payors,
    Balances balances,
    AccountReview compliance,
    Journal journal)
{
    /// <summary>Notes the plan that is made for a number and a due time.</summary>
    public ScheduledChange Add(TimeSpan after, Func<string, DateTimeOffset, ScheduledChange> make)
    {
        var plan = make(ids.PlanNo(), clock.GetUtcNow() + after);
        journal.Record(new JournalEntry.Planned(plan));
        Resume(plan);
        return plan;
    }

    /// <summary>Takes up a plan that is journalled already.</summary>
    public void Resume(ScheduledChange plan) =>
        agenda.Add(plan.DueAt - clock.GetUtcNow(), stopping => CarryOutAsync(plan, stopping));

    private async Task CarryOutAsync(ScheduledChange plan, CancellationToken stopping)
    {
        switch (plan)
        {
            case ScheduledChange.MovePayee move when payees.Find(move.CustomerNo) is { } payee:
                payees.Move(payee, move.Status, clock.GetUtcNow(), move.No);
                break;
            case ScheduledChange.MoveAccount move when payees.FindAccount(move.Token) is { } account:
                await compliance.MoveAsync(account, move.Status, move.Notify, move.No, stopping);
                break;
            case ScheduledChange.MovePayor move when payors.Find(move.PayorNo) is { } payor:
                payors.Move(payor, move.Status, move.No);
                break;
            case ScheduledChange.ChangeBalance change:
                balances.Change(change.Currency, change.By, change.MerchantNo, change.No);
                break;
            default:
                // The account was deleted meanwhile: there is nothing left to change.
                break;
        }
    }
}
