using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;

namespace PayoutService.UseCases;

/// <summary>Asks Pockyt what a merchant has.</summary>
internal sealed class ReadBalances(PayoutDb db, IPayoutGateway gateway)
{
    /// <summary>The name of the limit on calls that make us call Pockyt.</summary>
    public const string Limit = "pockyt";

    /// <param name="merchant">Whose balance.</param>
    /// <param name="currency">In which currency; null: in each that an account of the merchant takes.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null when Pockyt did not say.</returns>
    public async Task<IReadOnlyList<Money>?> RunAsync(string merchant, string? currency, CancellationToken cancel)
    {
        List<string> currencies = currency is not null ? [currency]
            : await db.Accounts.Where(row => row.Merchant == merchant && row.Currency != "")
                .Select(row => row.Currency).Distinct().OrderBy(one => one).ToListAsync(cancel);
        List<Money> balances = [];
        foreach (var one in currencies)
        {
            if (await gateway.BalancesAsync(merchant, one, cancel) is not { } told)
            {
                return null;
            }

            balances.AddRange(told);
        }

        return balances;
    }
}
