namespace PockytSimulator;

/// <summary>
/// Carries out what was ordered in advance. The change is journalled with the number of its plan, so that a restart
/// neither forgets a plan nor carries it out twice.
/// </summary>
internal sealed class Timetable(
    SimulatorClock clock,
    Ids ids,
    Agenda agenda,
    Payees payees,
    Payors payors,
    Balances balances,
    Compliance compliance,
    Journal journal)
{
    /// <summary>Notes the plan that is made for a number and a due time.</summary>
    public Plan Add(TimeSpan after, Func<string, DateTimeOffset, Plan> make)
    {
        var plan = make(ids.PlanNo(), clock.GetUtcNow() + after);
        journal.Record(new Entry.Planned(plan));
        Resume(plan);
        return plan;
    }

    /// <summary>Takes up a plan that is journalled already.</summary>
    public void Resume(Plan plan) =>
        agenda.Add(plan.DueAt - clock.GetUtcNow(), stopping => CarryOutAsync(plan, stopping));

    private async Task CarryOutAsync(Plan plan, CancellationToken stopping)
    {
        switch (plan)
        {
            case Plan.MovePayee move when payees.Find(move.CustomerNo) is { } payee:
                payees.Move(payee, move.Status, clock.GetUtcNow(), move.No);
                break;
            case Plan.MoveAccount move when payees.FindAccount(move.Token) is { } account:
                await compliance.MoveAsync(account, move.Status, move.Notify, move.No, stopping);
                break;
            case Plan.MovePayor move when payors.Find(move.PayorNo) is { } payor:
                payors.Move(payor, move.Status, move.No);
                break;
            case Plan.ChangeBalance change:
                balances.Change(change.Currency, change.By, change.MerchantNo, change.No);
                break;
            default:
                // The account was deleted meanwhile: there is nothing left to change.
                break;
        }
    }
}
