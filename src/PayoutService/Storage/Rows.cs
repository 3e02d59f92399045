using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace PayoutService.Storage;

/// <summary>Writes many rows of a table in one statement, each column as one array, as the model maps them.</summary>
internal static class Rows
{
    private static readonly ConcurrentDictionary<Type, Table> Tables = new();

    /// <summary>Inserts rows in the order given. Two that insert the same keys must do so in the same order.</summary>
    public static NpgsqlBatchCommand Insert<T>(PayoutDb db, IReadOnlyList<T> rows)
        where T : class
    {
        var table = Tables.GetOrAdd(typeof(T), type => new Table(db.Model.FindEntityType(type)!));
        var insert = new NpgsqlBatchCommand(table.Insert);
        foreach (var column in table.Columns)
        {
            insert.Parameters.Add(column.Of(rows));
        }

        return insert;
    }

    private sealed class Table
    {
        public Table(IEntityType type)
        {
            Columns = [.. type.GetProperties().Select(property => new Column(property))];
            var names = string.Join(", ", Columns.Select(column => column.Name));
            var values = string.Join(", ", Columns.Select(column => column.Value));
            var arrays = string.Join(", ", Columns.Select((_, at) => $"${at + 1}"));
            Insert =
                $"INSERT INTO {type.GetTableName()} ({names}) SELECT {values} FROM unnest({arrays}) AS row ({names})";
        }

        public string Insert { get; }

        public IReadOnlyList<Column> Columns { get; }
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
            Name = property.GetColumnName();
            member = property.PropertyInfo!;

            // An array of arrays is not what unnest takes apart into arrays, so those go as text.
            var isArray = property.ClrType.IsArray;
            type = isArray ? "text[]" : $"{mapping.StoreType}[]";
            Value = isArray ? $"{Name}::{mapping.StoreType}" : Name;
            convert = isArray ? AsText : mapping.Converter?.ConvertToProvider ?? (value => value);
            var provider = isArray ? typeof(string) : mapping.Converter?.ProviderClrType ?? property.ClrType;
            element = provider.IsValueType && Nullable.GetUnderlyingType(provider) is null
                ? typeof(Nullable<>).MakeGenericType(provider)
                : provider;
        }

        public string Name { get; }

        /// <summary>How the column's value is taken from the arrays.</summary>
        public string Value { get; }

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
