using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>Writes many rows of a table in one statement, each column as one array, as the model maps them.</summary>
internal static class ArrayStatements
{
    /// <summary>Writes no row. A commit that writes anything waits until all before it are replicated: a caller that
    /// answers with what it only read needs that too, since a commit whose wait was canceled is visible all the
    /// same.</summary>
    public const string WriteNothing = "SELECT pg_logical_emit_message(true, 'payouts', '')";

    private static readonly ConcurrentDictionary<Type, Table> Tables = new();

    /// <summary>Inserts rows in the order given. Two that insert the same keys must do so in the same order.</summary>
    /// <param name="db">Whose model maps them.</param>
    /// <param name="rows">What is inserted.</param>
    /// <param name="ending">What the statement ends with: its ON CONFLICT and its RETURNING.</param>
    public static NpgsqlBatchCommand Insert<T>(PayoutDb db, IReadOnlyList<T> rows, string ending = "")
        where T : class
    {
        // What only later moves fill in is left to the table, which has NULL for it: a third of a new payout's columns.
        // What may be given from the beginning stays, so that there are few statements to prepare.
        var (name, all) = TableOf<T>(db);
        var columns = all.Where(column => column.IsGiven || rows.Any(row => column.IsIn(row))).ToList();
        return Command(
            $"INSERT INTO {name} ({Names(columns)}) SELECT {Values(columns)} FROM {Unnest(columns)} {ending}",
            columns,
            rows);
    }

    /// <summary>Writes all that can change in rows that the caller has locked. What it says twice of their key has
    /// PostgreSQL look them up, where it might read the whole table to join it.</summary>
    public static NpgsqlBatchCommand Update<T>(PayoutDb db, IReadOnlyList<T> rows)
        where T : class
    {
        var (name, all) = TableOf<T>(db);
        var keys = all.Where(column => column.IsKey).ToList();
        var written = all.Where(column => !column.IsGiven).ToList();
        Column[] columns = [.. keys, .. written];
        return Command(
            $"UPDATE {name} SET {Each(written, ", ", column => $"{column.Name} = {column.Value}")} "
                + $"FROM {Unnest(columns)} "
                + $"WHERE {Each(keys, " AND ", column => $"{name}.{column.Name} = {column.Value}")} "
                + $"AND {name}.{keys[0].Name} = ANY ($1)",
            columns,
            rows);
    }

    /// <summary>Statements that travel together, on the connection of a context and in its transaction.</summary>
    public static NpgsqlBatch Batch(PayoutDb db) => new((NpgsqlConnection)db.Database.GetDbConnection());

    /// <summary>One statement of a batch, its parameters by their places.</summary>
    public static NpgsqlBatchCommand Command(string sql, params Array[] arrays)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var array in arrays)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = array });
        }

        return command;
    }

    /// <summary>The end of a transaction, as the last statement of a batch: it costs no round trip of its own. When one
    /// before it fails, PostgreSQL passes it over.</summary>
    public static NpgsqlBatchCommand Commit() => new("COMMIT");

    private static Table TableOf<T>(PayoutDb db) => Tables.GetOrAdd(typeof(T), type => Table.Of(db, type));

    private static string Names(IEnumerable<Column> columns) => Each(columns, ", ", column => column.Name);

    private static string Values(IEnumerable<Column> columns) => Each(columns, ", ", column => column.Value);

    private static string Each(IEnumerable<Column> columns, string between, Func<Column, string> render) =>
        string.Join(between, columns.Select(render));

    private static string Unnest(IReadOnlyList<Column> columns) =>
        $"unnest({string.Join(", ", columns.Select((_, at) => $"${at + 1}"))}) AS row ({Names(columns)})";

    private static NpgsqlBatchCommand Command<T>(string sql, IReadOnlyList<Column> columns, IReadOnlyList<T> rows)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
        {
            command.Parameters.Add(column.Of(rows));
        }

        return command;
    }

    private sealed record Table(string Name, IReadOnlyList<Column> Columns)
    {
        public static Table Of(PayoutDb db, Type type)
        {
            var entity = db.Model.FindEntityType(type)!;

            // A column without a member is one that the database fills.
            var given = entity.GetProperties().Where(property => property.PropertyInfo is not null);
            return new(entity.GetTableName()!, [.. given.Select(property => new Column(property))]);
        }
    }

    private sealed class Column
    {
        private readonly PropertyInfo member;
        private readonly Func<object?, object?> convert;
        private readonly Type element;
        private readonly string type;

        public Column(IProperty property)
        {
            var mapping = property.GetRelationalTypeMapping();
            IsKey = property.IsKey();
            Name = property.GetColumnName();
            member = property.PropertyInfo!;
            IsGiven = member.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

            // An array of arrays is not what unnest takes apart into arrays, so those go as text.
            var isArray = property.ClrType.IsArray && property.ClrType != typeof(byte[]);
            type = isArray ? "text[]" : $"{mapping.StoreType}[]";
            Value = isArray ? $"row.{Name}::{mapping.StoreType}" : $"row.{Name}";
            convert = isArray ? AsText : mapping.Converter?.ConvertToProvider ?? (value => value);
            var provider = isArray ? typeof(string) : mapping.Converter?.ProviderClrType ?? property.ClrType;
            element = provider.IsValueType && Nullable.GetUnderlyingType(provider) is null
                ? typeof(Nullable<>).MakeGenericType(provider)
                : provider;
        }

        public bool IsKey { get; }

        public string Name { get; }

        /// <summary>The expression that takes the column's value from the arrays.</summary>
        public string Value { get; }

        /// <summary>True when it is set when the row is made, and never again.</summary>
        public bool IsGiven { get; }

        public bool IsIn(object row) => member.GetValue(row) is not null;

        public NpgsqlParameter Of<T>(IReadOnlyList<T> rows)
        {
            var values = Array.CreateInstance(element, rows.Count);
            for (var at = 0; at < rows.Count; at++)
            {
                values.SetValue(convert(member.GetValue(rows[at])), at);
            }

            return new NpgsqlParameter { Value = values, DataTypeName = type };
        }

        private static string AsText(object? array) => $"{{{string.Join(',', ((Array)array!).Cast<object>())}}}";
    }
}
