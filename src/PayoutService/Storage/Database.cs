using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>Telling "the database is away" from "we are wrong".</summary>
internal static class Database
{
    /// <summary>The database did not answer, or refused for a reason that passes:
    /// a write may or may not be committed.</summary>
    public static bool IsAway(Exception broken) => broken switch
    {
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => true,
        PostgresException refused => refused.IsTransient,
        NpgsqlException or TimeoutException or SocketException => true,
        DbUpdateException { InnerException: { } inner } => IsAway(inner),
        InvalidOperationException { InnerException: { } inner } => IsAway(inner),
        _ => false,
    };
}
