using System.Collections.Concurrent;

namespace PockytSimulator;

/// <summary>
/// The merchant's money, by currency. What payouts take and give back is in their own journal entries, so that
/// neither can be remembered without the other.
/// </summary>
internal sealed class Balances(SimulatorSettings settings, Journal journal)
{
    private readonly Lock _opening = new();
    private readonly ConcurrentDictionary<string, Purse> _purses = new(StringComparer.Ordinal);

    public decimal Of(string currency)
    {
        var purse = PurseOf(currency);
        lock (purse)
        {
            return purse.Amount;
        }
    }

    public void Set(string currency, decimal amount)
    {
        var purse = PurseOf(currency);
        lock (purse)
        {
            journal.Record(new Entry.BalanceChanged(currency, amount - purse.Amount));
            purse.Amount = amount;
        }
    }

    /// <summary>Adds to what there is, or takes away, even more than there is; answers what there is then.</summary>
    public decimal Change(string currency, decimal by, string? planNo = null)
    {
        var purse = PurseOf(currency);
        lock (purse)
        {
            journal.Record(new Entry.BalanceChanged(currency, by, planNo));
            return purse.Amount += by;
        }
    }

    public bool TryTake(string currency, decimal amount)
    {
        var purse = PurseOf(currency);
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

    public void Give(string currency, decimal amount)
    {
        var purse = PurseOf(currency);
        lock (purse)
        {
            purse.Amount += amount;
        }
    }

    /// <summary>Adds to what was restored so far: what a currency started with is among the differences.</summary>
    public void Restore(string currency, decimal by) =>
        _purses.GetOrAdd(currency, static _ => new Purse()).Amount += by;

    private Purse PurseOf(string currency)
    {
        if (_purses.TryGetValue(currency, out var known))
        {
            return known;
        }

        lock (_opening)
        {
            if (_purses.TryGetValue(currency, out var opened))
            {
                return opened;
            }

            // The starting balance is a setting, and may be another one after the next start.
            journal.Record(new Entry.BalanceChanged(currency, settings.StartingBalance));
            return _purses[currency] = new Purse { Amount = settings.StartingBalance };
        }
    }

    private sealed class Purse
    {
        public decimal Amount { get; set; }
    }
}
