using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Payees;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.Workers;

/// <summary>The state of the wait of a held payout.</summary>
internal enum Wait
{
    GoesOn,
    IsOver,
    NeverEnds,
}

/// <summary>Checks whether a payout may be sent, and whether what it waited for is over.</summary>
internal sealed class PayabilityCheck(
    PayoutStore payouts,
    SendingStore sending,
    PayeeStore payees,
    IPayoutGateway gateway,
    IPayeeGateway payeeGateway,
    IHoldRules holdRules,
    PayoutRules rules,
    TimeProvider clock)
{
    /// <summary>Looks before sending whether sending was paused since the claim, and whether payee and account can be
    /// paid; reads both again when what we know of them is old. When Pockyt does not say, what we knew last holds: it
    /// refuses by itself whom it does not pay.</summary>
    /// <param name="claimed">A payout whose claim is committed.</param>
    /// <param name="enough">When Pockyt is waited for no longer: the lease must cover the send as well.</param>
    /// <returns>What keeps it from being sent; null when nothing does.</returns>
    public async Task<Report?> BeforeSendAsync(Payout claimed, CancellationToken enough)
    {
        var known = await payees.PayableAsync(claimed.AccountId, CancellationToken.None);
        var freshSince = clock.GetUtcNow() - rules.PayeeFreshFor;
        if (known.PayeeCheckedAt < freshSince || known.AccountCheckedAt < freshSince)
        {
            await ReadAgainAsync(claimed, freshSince, enough);

            // That took its time, and sending may have been paused meanwhile.
            known = await payees.PayableAsync(claimed.AccountId, CancellationToken.None);
        }

        return known.IsPaused
            ? Report.Unsent(claimed, "Sending was paused after the claim, so nothing was sent.")
            : Reason(known.Payee, known.Account) is { } hold
                ? Report.Unsent(claimed, "Payee or account is not active, so nothing was sent.") with
                {
                    Kind = ReportKind.Postponed,
                    HoldReason = hold,
                    IsStuck = known.Payee is PayeeStatus.Declined or PayeeStatus.Deactivated
                        || known.Account is AccountStatus.Invalid or AccountStatus.Removed,
                }
            : holdRules.NeedsScreening(claimed.Merchant) && !known.IsScreened
                ? Report.Unsent(claimed, "Payee or account changed since it was screened, so nothing was sent.") with
                {
                    Kind = ReportKind.Postponed,
                    HoldReason = HoldReason.Screening,
                }
                : null;
    }

    /// <summary>Checks whether a held payout may be sent now. Pockyt has just said that it has nothing of it.</summary>
    public async Task<Wait> CheckAsync(Payout held) => held.HoldReason switch
    {
        HoldReason.Balance => Over(await IsCoveredAsync(held)),
        HoldReason.Access => Over(await sending.IsAccessToBeTriedAsync(held)),
        HoldReason.PayeeStatus or HoldReason.AccountStatus => await CheckPayeeAsync(held),
        _ => Wait.GoesOn,
    };

    private static Wait Over(bool isOver) => isOver ? Wait.IsOver : Wait.GoesOn;

    /// <summary>First in, first out: nothing overtakes an older payout that waits for the same balance.</summary>
    private async Task<bool> IsCoveredAsync(Payout held)
    {
        if (!await payouts.IsFirstInLineAsync(held))
        {
            return false;
        }

        var balances = await gateway.BalancesAsync(held.Merchant, held.Currency, CancellationToken.None);
        return balances is not null && balances.Any(
            balance => balance.Currency == held.Currency && balance.Minor >= held.AmountMinor);
    }

    private async Task<Wait> CheckPayeeAsync(Payout held)
    {
        await ReadAgainAsync(held, clock.GetUtcNow(), CancellationToken.None);
        var known = await payees.PayableAsync(held.AccountId, CancellationToken.None);
        return known.Account is AccountStatus.Removed
            ? Wait.NeverEnds
            : Over(Reason(known.Payee, known.Account) is null);
    }

    private static HoldReason? Reason(PayeeStatus payee, AccountStatus account) =>
        payee is not PayeeStatus.Active ? HoldReason.PayeeStatus
        : account is not AccountStatus.Active ? HoldReason.AccountStatus
        : null;

    /// <summary>Reads payee and account again from Pockyt, as far as we know them from before.</summary>
    private async Task ReadAgainAsync(Payout payout, DateTimeOffset freshSince, CancellationToken enough)
    {
        var (payee, account) = await payees.FindAsync(payout.PayeeId, payout.AccountId, CancellationToken.None);
        if (payee.CheckedAt < freshSince
            && await payeeGateway.FindAsync(payee, enough) is ProviderAnswer<ProviderPayee>.Done(var told))
        {
            payee = await payees.LearnAsync(payee, told, Actor.Reconciler);
        }

        // A call that is given up before it is begun would count as one that could not connect.
        if (account.CheckedAt < freshSince && !enough.IsCancellationRequested
            && await payeeGateway.ListAccountsAsync(payee, enough) is ProviderAnswer<ProviderAccounts>.Done(var listed))
        {
            await payees.ImportAsync(payee.Id, listed, Actor.Reconciler);
        }
    }
}
