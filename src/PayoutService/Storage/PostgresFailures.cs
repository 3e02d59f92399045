using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>Telling "the database is away" and "another was first" from "we are wrong".</summary>
internal static class PostgresFailures
{
    /// <summary>Begins something that has a key, and begins again when another caller with the same key committed
    /// first: then there is a row to find.</summary>
    public static async Task<T> BeginAsync<T>(Func<Task<T>> begin)
    {
        try
        {
            return await begin();
        }
        catch (DbUpdateException raced) when (raced.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation,
        })
        {
            return await begin();
        }
    }

    /// <summary>The schema is older than this program.</summary>
    public static bool LacksMigration(Exception broken) => broken.GetBaseException() is PostgresException
    {
        SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn
            or PostgresErrorCodes.UndefinedFunction,
    };

    /// <summary>The server answers, and knows no such user, password or database.</summary>
    public static bool RefusesUs(Exception broken) => broken.GetBaseException() is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification,
    };

    /// <summary>The database did not answer, or refused for a reason that passes:
    /// a write may or may not be committed. A pooler whose server is away says that the protocol was violated.
    /// </summary>
    public static bool IsUnavailable(Exception broken) => broken switch
    {
        PostgresException
        {
            SqlState: PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.QueryCanceled
                or PostgresErrorCodes.ProtocolViolation,
        } => true,

        // A standby at the moment of its promotion, which says so without a code of its own and in English always.
        PostgresException { SqlState: PostgresErrorCodes.InternalError, MessageText: var told }
            when told.Contains("during recovery", StringComparison.Ordinal) => true,
        PostgresException refused => refused.IsTransient,
        NpgsqlException or TimeoutException or SocketException => true,
        DbUpdateException { InnerException: { } inner } => IsUnavailable(inner),
        InvalidOperationException { InnerException: { } inner } => IsUnavailable(inner),
        _ => false,
    };
}
