using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>A search that was not finished: too many ran, or it would have read too much.</summary>
internal sealed class SearchException(string message) : Exception(message);

/// <summary>Runs searches, a few at a time and none for long: they share their connections with what accepts and
/// records payouts.</summary>
internal sealed class Searches : IDisposable
{
    private const int AtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim places = new(AtOnce);

    /// <exception cref="SearchException">It did not get a place, or took too long.</exception>
    public async Task<T> RunAsync<T>(PayoutDb db, Func<Task<T>> search, CancellationToken cancel)
    {
        if (!await places.WaitAsync(Patience, cancel))
        {
            throw new SearchException("Too many searches are running.");
        }

        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            await db.Database.SqlQuery<string>(
                $"""SELECT set_config('statement_timeout', '2s', true) AS "Value" """).SingleAsync(cancel);
            var found = await search();
            await transaction.CommitAsync(cancel);
            return found;
        }
        catch (Exception broken) when (broken.GetBaseException() is PostgresException
        {
            SqlState: PostgresErrorCodes.QueryCanceled,
        })
        {
            throw new SearchException("The search took longer than 2 s.");
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => places.Dispose();
}
