using System.Collections.Concurrent;
using PockytSimulator.State;

namespace PockytSimulator.Payouts;

/// <summary>
/// The merchants' money, by currency. What payouts take and give back is
/// in their own journal entries, so that neither can be remembered without the other.
/// </summary>
internal sealed class Balances(SimulatorSettings settings, Journal journal)
{
    private readonly Lock _opening = new();
    private readonly ConcurrentDictionary<(string MerchantNo, string Currency), Balance> _purses = new();

    public decimal Of(string currency, string merchantNo)
    {
        var purse = PurseOf(currency, merchantNo);
        lock (purse)
        {
            return purse.Amount;
        }
    }

    public void Set(string currency, decimal amount, string merchantNo)
    {
        var purse = PurseOf(currency, merchantNo);
        lock (purse)
        {
            journal.Record(new JournalEntry.BalanceChanged(currency, amount - purse.Amount, merchantNo));
            purse.Amount = amount;
        }
    }

    /// <summary>Adds to what there is, or takes away, even more than there is; answers what there is then.</summary>
    public decimal Change(string currency, decimal by, string merchantNo, string? planNo = null)
    {
        var purse = PurseOf(currency, merchantNo);
        lock (purse)
        {
            journal.Record(new JournalEntry.BalanceChanged(currency, by, merchantNo, planNo));
            return purse.Amount += by;
        }
    }

    public bool TryTake(string currency, decimal amount, string merchantNo)
    {
        var purse = PurseOf(currency, merchantNo);
        lock (purse)
        {
            if (purse.Amount < amount)
            {
                return false;
            }

            purse.Amount -= amount;
            return true;
        }
    }

    public void Give(string currency, decimal amount, string merchantNo)
    {
        var purse = PurseOf(currency, merchantNo);
        lock (purse)
        {
            purse.Amount += amount;
        }
    }

    /// <summary>Adds to what was restored so far: what a currency started with is among the differences.</summary>
    public void Restore(string currency, decimal by, string merchantNo) =>
        _purses.GetOrAdd((merchantNo, currency), static _ => new Balance()).Amount += by;

    private Balance PurseOf(string currency, string merchantNo)
    {
        var key = (merchantNo, currency);
        if (_purses.TryGetValue(key, out var known))
        {
            return known;
        }

        lock (_opening)
        {
            if (_purses.TryGetValue(key, out var opened))
            {
                return opened;
            }

            // The starting balance is a setting, and may be another one after the next start.
            journal.Record(new JournalEntry.BalanceChanged(currency, settings.StartingBalance, MerchantNo: merchantNo));
            return _purses[key] = new Balance { Amount = settings.StartingBalance };
        }
    }

    private sealed class Balance
    {
        public decimal Amount { get; set; }
    }
}
