using Microsoft.EntityFrameworkCore.Migrations;

namespace PayoutService.Storage.Migrations;

/// <summary>Steps that let everybody write meanwhile. They run outside a transaction, so a migration has either only
/// them or none: one that ended half-way begins again.</summary>
internal static class ConcurrentSteps
{
    /// <param name="migration">The migration.</param>
    /// <param name="name">The index; what an earlier attempt left of it is removed.</param>
    /// <param name="definition">The table and the columns: <c>payouts (merchant, id) WHERE …</c>.</param>
    /// <param name="unique">Whether two rows may have the same.</param>
    public static void BuildIndex(
        this MigrationBuilder migration, string name, string definition, bool unique = false)
    {
        migration.Sql($"DROP INDEX CONCURRENTLY IF EXISTS {name}", suppressTransaction: true);
        migration.Sql(
            $"CREATE {(unique ? "UNIQUE " : "")}INDEX CONCURRENTLY {name} ON {definition}", suppressTransaction: true);
    }

    /// <summary>Checks that the rows there are obey a constraint that was added as NOT VALID.</summary>
    public static void Validate(this MigrationBuilder migration, string table, string constraint) =>
        migration.Sql($"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}", suppressTransaction: true);
}
