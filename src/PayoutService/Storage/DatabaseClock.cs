using PayoutService.Payouts;

namespace PayoutService.Storage;

/// <summary>
/// The time that is written down. It is this machine's, unless that differs from the database's by more than
/// <see cref="PayoutRules.MaxClockSkew"/>: then it is the database's, so that what one process writes down as due is
/// due for all of them. Nothing is claimed by a clock that is off.
/// </summary>
internal sealed class DatabaseClock(TimeProvider machine, PayoutRules rules) : TimeProvider
{
    private long ahead;

    /// <summary>This machine's clock.</summary>
    public TimeProvider Machine => machine;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        var skew = TimeSpan.FromTicks(Volatile.Read(ref ahead));
        return skew.Duration() > rules.MaxClockSkew ? machine.GetUtcNow() - skew : machine.GetUtcNow();
    }

    public override long GetTimestamp() => machine.GetTimestamp();

    /// <summary>Compares this machine's clock with a time that the database has just told.</summary>
    public void Compare(DateTimeOffset database) => Volatile.Write(ref ahead, (machine.GetUtcNow() - database).Ticks);
}
