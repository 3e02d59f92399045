using PayoutService.Payouts;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Payees;
using PayoutService.Workers;

namespace PayoutService.Controls;

/// <summary>Asks about payees and accounts whose payouts wait for their screening, and notes once which rules are in
/// force.</summary>
internal sealed class Screener(
    HoldRules holds,
    ScreeningStore store,
    PayeeStore payees,
    ScreeningClient client,
    PayoutRules rules,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<Screener> logger) : PollingWorker(rules.PollInterval, lifetime, clock, logger)
{
    private const int MostAtOnce = 16;

    private readonly int atOnce = Math.Min(MostAtOnce, rules.AtOnce);
    private bool areRulesNoted;

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        if (!areRulesNoted)
        {
            foreach (var (merchant, found) in holds.InForce)
            {
                await store.NoteRulesAsync(merchant, found);
            }

            areRulesNoted = true;
        }

        var screened = holds.Screened;
        if (screened.Length == 0)
        {
            return false;
        }

        var claimed = await store.ClaimAsync(screened, atOnce);
        await Task.WhenAll(claimed.Select(AskAsync));
        return claimed.Count == atOnce;
    }

    public override Task WhenIdleAsync() => Task.CompletedTask;

    private async Task AskAsync(Payout held)
    {
        var (payee, account) = await payees.FindAsync(held.PayeeId, held.AccountId, CancellationToken.None);
        var (answer, said) = await client.AskAsync(holds.SettingsOf(held.Merchant), payee, account);
        var now = await store.RecordAsync(new Screened(held, payee.Version, account.Version, answer, said));
        logger.LogInformation(
            "Screened {payoutId} {invoiceId}: {answer}, now {status}.",
            held.Id, held.InvoiceId, answer, now?.Status);
    }
}
