using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>Brings the schema up to date, one process at a time, without stopping those that serve meanwhile.</summary>
internal static class Migrating
{
    /// <summary>Names the lock in PostgreSQL; any number that nobody else uses in this database.</summary>
    private const long Turn = 20261126;

    /// <summary>The number of attempts of a migration that waits for a table in use.</summary>
    private const int Attempts = 30;

    /// <summary>Between two attempts those whom the waiting migration held up go on.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan TurnPace = TimeSpan.FromMilliseconds(100);

    /// <summary>A transaction used a table that has to change, all the time. EF wraps what may pass.</summary>
    public static bool IsBusy(Exception broken) =>
        broken.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    /// <summary>Applies what is missing.</summary>
    /// <param name="owner">Connects as the role that owns the tables.</param>
    /// <param name="role">The role the service runs as, which is given its rights; null: the owner itself.</param>
    /// <param name="clock">For the time between two attempts.</param>
    public static async Task RunAsync(NpgsqlDataSource owner, ServiceRole? role, TimeProvider clock)
    {
        // EF finds out what is missing before it takes its own lock, which it gives back after each migration: of two
        // that start at once, one would apply what the other has applied.
        // A transaction that is open meanwhile, also one that waits for its turn, would keep an index from being built
        // concurrently.
        await using var connection = await owner.OpenConnectionAsync();
        await using var take = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Turn})", connection);
        while (await take.ExecuteScalarAsync() is not true)
        {
            await Task.Delay(TurnPace, clock);
        }

        try
        {
            await ApplyAsync(owner, connection, role, clock);
        }
        finally
        {
            await using var give = new NpgsqlCommand($"SELECT pg_advisory_unlock({Turn})", connection);
            await give.ExecuteNonQueryAsync();
        }
    }

    private static async Task ApplyAsync(
        NpgsqlDataSource owner, NpgsqlConnection connection, ServiceRole? role, TimeProvider clock)
    {
        await using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(owner).Options);
        db.Database.SetCommandTimeout(0);
        if (await UnknownAsync(db) is { } unknown)
        {
            throw new UnknownSchemaException(unknown);
        }

        if ((await db.Database.GetPendingMigrationsAsync()).Any())
        {
            await db.Database.OpenConnectionAsync();

            // Behind a migration that waits for a long transaction, every writer would wait too.
            await SetLockTimeoutAsync(db, "800ms");
            await MigrateAsync(db, clock);
            await SetLockTimeoutAsync(db, "0");
        }

        if (role is not null)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await role.GrantAsync(connection);
            await transaction.CommitAsync();
        }
    }

    /// <summary>True when a database has a schema of another version of this service.</summary>
    public static async Task<bool> IsUnknownAsync(NpgsqlDataSource owner)
    {
        await using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(owner).Options);
        return await UnknownAsync(db) is not null;
    }

    /// <summary>The last migration that a database has and this program does not; null when it knows all.</summary>
    private static async Task<string?> UnknownAsync(PayoutDb db) =>
        (await db.Database.GetAppliedMigrationsAsync()).Except(db.Database.GetMigrations()).LastOrDefault();

    private static async Task MigrateAsync(PayoutDb db, TimeProvider clock)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await db.Database.MigrateAsync();
                return;
            }
            catch (Exception busy) when (IsBusy(busy) && attempt < Attempts)
            {
                await Task.Delay(Pause, clock);
            }
        }
    }

    private static async Task SetLockTimeoutAsync(PayoutDb db, string time)
    {
        await using var set = new NpgsqlCommand(
            $"SET lock_timeout = '{time}'", (NpgsqlConnection)db.Database.GetDbConnection());
        await set.ExecuteNonQueryAsync();
    }
}

/// <summary>The database has a schema that another version of this service made.</summary>
internal sealed class UnknownSchemaException(string migration) : Exception(
    $"The database has the migration {migration}, which this version of the service does not know. Nothing was "
    + "changed. Run the version that made it, or name an empty database in ConnectionStrings:Payouts.");
