using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using PayoutService.Payouts;

namespace PayoutService.Storage;

/// <summary>
/// Statements that run so often that PostgreSQL reads and plans them once for a connection: for these both take longer
/// than executing them. One plan serves all values, because each row is found by one index. A plan that was made while
/// the tables were small would read more and more of them, so no plan may read a whole table.
/// </summary>
/// <param name="isAllowed">False behind a pooler: there a statement may be prepared in another session.</param>
internal sealed class PreparedStatements(bool isAllowed) : DbCommandInterceptor
{
    /// <summary>Follows the name of a statement of EF's that is to be prepared.</summary>
    private const string Tag = "\n-- prepared\n";

    /// <summary>What such a statement results in: payouts.</summary>
    private const string Result = "SELECT * FROM";

    private const string OnePlan = "plan_cache_mode = force_generic_plan";
    private const string NoWholeTable = "enable_seqscan = off";

    private string? columns;

    /// <summary>Has PostgreSQL plan what follows in the same transaction once.</summary>
    public static void Begin(NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(ArrayStatements.Command($"SET LOCAL {OnePlan}"));
        batch.BatchCommands.Add(ArrayStatements.Command($"SET LOCAL {NoWholeTable}"));
    }

    /// <summary>Ends what <see cref="Begin"/> began.</summary>
    public static void End(NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(ArrayStatements.Command("SET LOCAL plan_cache_mode = auto"));
        batch.BatchCommands.Add(ArrayStatements.Command("SET LOCAL enable_seqscan = on"));
    }

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        if (isAllowed && command.CommandText.Contains(Tag, StringComparison.Ordinal))
        {
            // One transaction to PostgreSQL, which takes the settings back should the statement fail. SET LOCAL would
            // be a warning in the log of the server, since no BEGIN stands before it.
            // Columns by name: a newer version may add one, and PostgreSQL executes no statement whose result changed.
            columns ??= ColumnsOf(eventData.Context!.Model);
            var text = command.CommandText.Replace(Result, $"SELECT {columns} FROM", StringComparison.Ordinal);
            command.CommandText =
                $"SET {OnePlan}; SET {NoWholeTable};\n{text};\nRESET plan_cache_mode; RESET enable_seqscan";
            await command.PrepareAsync(cancellationToken);
        }

        return result;
    }

    private static string ColumnsOf(IModel model) => string.Join(
        ", ", model.FindEntityType(typeof(Payout))!.GetProperties().Select(property => property.GetColumnName()));
}
