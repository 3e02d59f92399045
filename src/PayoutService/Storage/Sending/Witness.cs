using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using PayoutService.Payouts;

namespace PayoutService.Storage.Sending;

/// <summary>
/// This process's memory of what it was told is committed: the last of its beats. It stands in the row of the process
/// too (<see cref="Replica"/>), raised by every commit that decides on sending. A database that has the beat has all
/// that was committed before it, by whatever process, because a standby takes over a prefix of what was written.
/// A beat is raised only in a row that has the beat before it: a commit on a database that lost some does not hide
/// that. And until a takeover is noted, beats leave their time, by which it is judged who was alive before it.
/// </summary>
internal sealed class Witness(PayoutRules rules) : IDisposable
{
    /// <summary>One beat at a time, so that they are committed in the order of their numbers.</summary>
    private readonly SemaphoreSlim turn = new(1);

    private long last;

    /// <summary>The row of this process; empty: there is none yet.</summary>
    public Guid Id { get; private set; }

    /// <summary>The last beat whose commit was acknowledged; 0: none yet.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Begins anew, with a row of its own that the caller writes.</summary>
    public async Task BeginAsync(Guid id, Func<long, Task> write)
    {
        await turn.WaitAsync();
        try
        {
            Forget();
            last = 1;
            await write(last);
            Id = id;
            Acknowledged = last;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Remembers nothing any more: what was acknowledged was so by a database that is gone.</summary>
    public void Forget()
    {
        Id = Guid.Empty;
        Acknowledged = 0;
    }

    /// <summary>Runs a statement that commits a beat. When it fails, nobody knows whether it was committed, and the
    /// next beat says it for both.</summary>
    public async Task<T> BeatAsync<T>(Func<long, Task<T>> commit)
    {
        await turn.WaitAsync();
        try
        {
            var beat = ++last;
            var result = await commit(beat);
            Acknowledged = Id == Guid.Empty ? 0 : beat;
            return result;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Commits a transaction with a beat.</summary>
    public Task CommitAsync(PayoutDb db, IDbContextTransaction transaction) => BeatAsync(
        async beat =>
        {
            await db.Database.ExecuteSqlAsync($"""
                -- replicas.beat
                UPDATE replicas SET beat = {beat},
                    beat_at = CASE WHEN is_present({rules.RestoreMarker}) THEN clock_timestamp() ELSE beat_at END
                WHERE id = {Id} AND beat >= {Acknowledged}
                """);
            await transaction.CommitAsync();
            return beat;
        });

    public void Dispose() => turn.Dispose();
}
