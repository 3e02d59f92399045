using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Payees;

namespace PayoutService.Workers;

/// <summary>
/// Looks at payees and their accounts at Pockyt, which tells nobody when a payee's status changes or when a payee sets
/// up an account by itself; and finds out whether a registration that was never answered worked. Calls a human to one
/// that has been open for too long.
/// </summary>
internal sealed class PayeeReconciler(
    PayeeStore store,
    IPayeeGateway gateway,
    IPayoutGateway provider,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<PayeeReconciler> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger)
{
    private readonly ConcurrencyLimiter looks = new(rules.AtOnce, rules.PollInterval, clock, logger);
    private readonly EveryMinute minute = new(clock);

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        if (minute.IsOver())
        {
            await store.RaiseSlowAsync();
        }

        return await looks.FillAsync(
            () => provider.FreeSlots,
            limit => store.ClaimRefreshesAsync(limit, provider.Merchants),
            RefreshAsync,
            cancel);
    }

    public override Task WhenIdleAsync() => looks.WhenIdleAsync();

    private async Task RefreshAsync(Payee payee)
    {
        var answer = await gateway.FindAsync(payee, CancellationToken.None);
        var found = answer is ProviderAnswer<ProviderPayee>.Done(var told)
            ? await store.LearnAsync(payee, told, Actor.Reconciler)
            : payee;
        if (found.Id != payee.Id)
        {
            logger.LogWarning("Payee {payeeId} duplicates {existingPayeeId}; deleted.", payee.Id, found.Id);
            return;
        }

        var accounts = found.CustomerNo is not null
            && await gateway.ListAccountsAsync(found, CancellationToken.None)
                is ProviderAnswer<ProviderAccounts>.Done(var listed)
            ? listed
            : null;
        var changed = found.Version != payee.Version;
        await store.RefreshedAsync(found.Id, changed, accounts);
        if (changed)
        {
            logger.LogInformation("Looked at {payeeId}: now {status}.", found.Id, found.Status);
        }
    }
}
