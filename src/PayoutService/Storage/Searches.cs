using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>A search that was not finished: too many ran, or it would have read too much.</summary>
internal sealed class SearchException(string message) : Exception(message);

/// <summary>Runs searches, a few at a time and none for long: they share their connections with what accepts and
/// records payouts.</summary>
internal sealed class Searches : IDisposable
{
    private const int AtOnce = 4;
    private const string Tag = "search";

    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(0.5);

    private readonly SemaphoreSlim places = new(AtOnce);

    /// <exception cref="SearchException">It did not get a place, or took too long.</exception>
    public async Task<List<T>> RunAsync<T>(IQueryable<T> search, CancellationToken cancel)
        where T : class
    {
        if (!await places.WaitAsync(TurnPatience, cancel))
        {
            throw new SearchException("Too many searches are running.");
        }

        try
        {
            return await search.AsNoTracking().TagWith(Tag).ToListAsync(cancel);
        }
        catch (Exception broken) when (broken.GetBaseException() is PostgresException
        {
            SqlState: PostgresErrorCodes.QueryCanceled,
        })
        {
            throw new SearchException("The search took longer than 0.9 s.");
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => places.Dispose();

    /// <summary>Gives a search its time, less than a request has, in the same round trip: both are one transaction to
    /// PostgreSQL.</summary>
    internal sealed class TimeLimit : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command,
            CommandEventData eventData,
            InterceptionResult<DbDataReader> result,
            CancellationToken cancellationToken = default)
        {
            if (command.CommandText.StartsWith($"-- {Tag}", StringComparison.Ordinal))
            {
                // What EF made, and a constant before it.
                command.CommandText = "SET LOCAL statement_timeout = '900ms';\n" + command.CommandText;
            }

            return ValueTask.FromResult(result);
        }
    }
}
