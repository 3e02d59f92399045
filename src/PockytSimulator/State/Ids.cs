using System.Globalization;
using PockytSimulator.Calls;
using PockytSimulator.Scheduling;

namespace PockytSimulator.State;

/// <summary>Ids in Pockyt's shapes.</summary>
internal sealed class Ids(SimulatorClock clock)
{
    private const int Digits = 18;

    // Counting from the start time keeps ids unique across restarts even of a simulator without a state file: the
    // service's database outlives its memory, and rightly refuses a transactionNo it knows from another payout.
    private long _last = clock.GetUtcNow().ToUnixTimeMilliseconds() * 100_000;

    public string CustomerNo() => "2000" + Next();

    public string AccountToken() => "2010" + Next();

    public string TransactionNo() => Next();

    /// <summary>Eight digits repeat after a while: check that a number is free before taking it.</summary>
    public string PayorNo() => "P" + Next()[^8..];

    /// <summary>Names a notice in the journal; it is not sent.</summary>
    public string NoticeNo() => Next();

    /// <summary>Names a plan in the journal; it is not sent either.</summary>
    public string PlanNo() => Next();

    /// <summary>Goes on behind an id that was given out before the start.</summary>
    public void Skip(string id)
    {
        var given = long.Parse(id.AsSpan(Math.Max(0, id.Length - Digits)), NumberStyles.None, PockytFormat.Culture);
        _last = Math.Max(_last, given);
    }

    private string Next() => Interlocked.Increment(ref _last).ToString("D18", CultureInfo.InvariantCulture);
}
