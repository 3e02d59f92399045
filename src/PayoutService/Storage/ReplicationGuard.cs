using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>
/// Makes a commit that may not have reached the synchronous standby a failed one. When the wait for the standby is
/// canceled, by anybody, PostgreSQL answers COMMIT with success and a warning, and a failover may undo it. Every
/// connection of a context is closed before its caller goes on, so closing is where all writers learn of it.
/// </summary>
internal sealed class ReplicationGuard : DbConnectionInterceptor
{
    /// <summary>The place in PostgreSQL from which the warning comes: its text is translated, this is not.</summary>
    private const string WaitForStandby = "SyncRepWaitForLSN";

    private readonly ConditionalWeakTable<DbConnection, NpgsqlNoticeEventArgs> warned = [];

    public override DbConnection ConnectionCreated(ConnectionCreatedEventData eventData, DbConnection result)
    {
        ((NpgsqlConnection)result).Notice += (connection, said) =>
        {
            if (said.Notice.Routine == WaitForStandby)
            {
                warned.AddOrUpdate((NpgsqlConnection)connection, said);
            }
        };
        return result;
    }

    public override void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) =>
        ThrowIfWarned(connection);

    public override Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData)
    {
        ThrowIfWarned(connection);
        return Task.CompletedTask;
    }

    private void ThrowIfWarned(DbConnection connection)
    {
        if (warned.Remove(connection))
        {
            throw new NpgsqlException(
                "The wait for the synchronous standby was canceled: the commit is there, but a failover may undo it.");
        }
    }
}
