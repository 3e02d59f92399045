using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage;

namespace PayoutService.Workers;

/// <summary>Why a payout must wait, and whether what it waited for is over.</summary>
internal sealed class Holds(
    PayoutStore payouts,
    PayeeStore payees,
    IPayoutGateway gateway,
    IPayeeGateway payeeGateway,
    PayoutRules rules,
    TimeProvider clock)
{
    /// <summary>Looks before sending whether payee and account can be paid; reads both again when what we know of them
    /// is old. When Pockyt does not say, what we knew last holds: it refuses by itself whom it does not pay.</summary>
    public async Task<HoldReason?> BeforeSendAsync(Payout payout)
    {
        var known = await payees.LookAsync(payout.AccountId, CancellationToken.None);
        var freshSince = clock.GetUtcNow() - rules.PayeeFreshFor;
        if (known.PayeeCheckedAt >= freshSince && known.AccountCheckedAt >= freshSince)
        {
            return Reason(known.Payee, known.Account);
        }

        var (payee, account) = await payees.FindAsync(payout.PayeeId, payout.AccountId, CancellationToken.None);
        if (payee.CheckedAt < freshSince)
        {
            payee = await ReadAgainAsync(payee);
        }

        if (account.CheckedAt < freshSince)
        {
            account = await ReadAgainAsync(payee, account);
        }

        return Reason(payee.Status, account.Status);
    }

    /// <summary>Whether a held payout may be sent now. Pockyt has just said that it has nothing of it.</summary>
    public async Task<bool> IsOverAsync(Payout held) => held.HoldReason switch
    {
        HoldReason.Balance => await IsCoveredAsync(held),
        HoldReason.Access => await payouts.PauseOfAsync(held.Merchant, CancellationToken.None) is null,
        HoldReason.PayeeStatus or HoldReason.AccountStatus => await IsPayableAsync(held),
        _ => false,
    };

    /// <summary>First in, first out: nothing overtakes an older payout that waits for the same balance.</summary>
    private async Task<bool> IsCoveredAsync(Payout held)
    {
        if (!await payouts.IsFirstInLineAsync(held, CancellationToken.None))
        {
            return false;
        }

        var balances = await gateway.BalancesAsync(held.Merchant, held.Currency, CancellationToken.None);
        return balances is not null && balances.Any(
            balance => balance.Currency == held.Currency && balance.Minor >= held.AmountMinor);
    }

    private async Task<bool> IsPayableAsync(Payout held)
    {
        var (payee, account) = await payees.FindAsync(held.PayeeId, held.AccountId, CancellationToken.None);
        payee = await ReadAgainAsync(payee);
        account = await ReadAgainAsync(payee, account);
        return Reason(payee.Status, account.Status) is null;
    }

    private static HoldReason? Reason(PayeeStatus payee, AccountStatus account) =>
        payee is not PayeeStatus.Active ? HoldReason.PayeeStatus
        : account is not AccountStatus.Active ? HoldReason.AccountStatus
        : null;

    private async Task<Payee> ReadAgainAsync(Payee payee) =>
        await payeeGateway.FindAsync(payee, CancellationToken.None) is ProviderAnswer<ProviderPayee>.Done(var told)
            ? await payees.LearnAsync(payee, told, CancellationToken.None)
            : payee;

    private async Task<Account> ReadAgainAsync(Payee payee, Account account)
    {
        var answer = await payeeGateway.ListAccountsAsync(payee, CancellationToken.None);
        return answer is ProviderAnswer<ProviderAccounts>.Done(var told)
            ? (await payees.ImportAsync(payee.Id, told, CancellationToken.None)).Single(row => row.Id == account.Id)
            : account;
    }
}
