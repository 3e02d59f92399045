using System.Data.Common;
using System.Runtime.CompilerServices;
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
    /// <summary>The rows of a part of a whole list.</summary>
    public const int PartSize = 2_000;

    private const int AtOnce = 4;
    private const int ListsAtOnce = 2;
    private const string Tag = "search";

    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(0.5);

    /// <summary>Longer: a list that ends in its middle is read again from its beginning.</summary>
    private static readonly TimeSpan PartPatience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim places = new(AtOnce);
    private readonly SemaphoreSlim lists = new(ListsAtOnce);

    /// <exception cref="SearchException">It did not get a place, or took too long.</exception>
    public Task<List<T>> RunAsync<T>(IQueryable<T> search, CancellationToken cancel)
        where T : class => RunAsync(search, TurnPatience, cancel);

    /// <inheritdoc cref="RunAsync{T}(IQueryable{T}, CancellationToken)"/>
    public Task<List<T>> RunPartAsync<T>(IQueryable<T> part, CancellationToken cancel)
        where T : class => RunAsync(part.Take(PartSize), PartPatience, cancel);

    /// <summary>Reads a whole list, however long it is, a part at a time: only a part is in memory, and no transaction
    /// is open while the reader takes its rows.</summary>
    /// <param name="after">The part after a row; null: the first. No rows: the list ends.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="SearchException">As many are read as may be.</exception>
    public async IAsyncEnumerable<T> AllAsync<T>(
        Func<T?, Task<List<T>>> after, [EnumeratorCancellation] CancellationToken cancel)
        where T : class
    {
        if (!await lists.WaitAsync(TurnPatience, cancel))
        {
            throw new SearchException("As many lists are being downloaded as may be at once.");
        }

        try
        {
            var part = await after(null);
            while (part.Count > 0)
            {
                foreach (var row in part)
                {
                    yield return row;
                }

                part = await after(part[^1]);
            }
        }
        finally
        {
            lists.Release();
        }
    }

    public void Dispose()
    {
        places.Dispose();
        lists.Dispose();
    }

    private async Task<List<T>> RunAsync<T>(IQueryable<T> search, TimeSpan patience, CancellationToken cancel)
        where T : class
    {
        if (!await places.WaitAsync(patience, cancel))
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
