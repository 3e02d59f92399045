using System.Globalization;

namespace PockytSimulator;

/// <summary>Ids in Pockyt's shapes.</summary>
internal sealed class Ids(SimulatorClock clock)
{
    // Counting from the start time keeps ids unique across restarts: the service's database outlives the
    // simulator's memory, and it rightly refuses a transactionNo it knows from another payout.
    private long _last = clock.GetUtcNow().ToUnixTimeMilliseconds() * 100_000;

    public string CustomerNo() => "2000" + Next();

    public string AccountToken() => "2010" + Next();

    public string TransactionNo() => Next();

    private string Next() => Interlocked.Increment(ref _last).ToString("D18", CultureInfo.InvariantCulture);
}
