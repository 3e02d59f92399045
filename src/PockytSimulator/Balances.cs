using System.Collections.Concurrent;

namespace PockytSimulator;

/// <summary>The merchant's money, by currency.</summary>
internal sealed class Balances(SimulatorSettings settings)
{
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
            purse.Amount = amount;
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

    private Purse PurseOf(string currency) =>
        _purses.GetOrAdd(currency, static (_, starting) => new Purse { Amount = starting }, settings.StartingBalance);

    private sealed class Purse
    {
        public decimal Amount { get; set; }
    }
}
