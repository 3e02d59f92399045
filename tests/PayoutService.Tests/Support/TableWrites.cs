using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using PayoutService.Storage;

namespace PayoutService.Tests.Support;

/// <summary>Which tables the service writes, and where: in SQL, in SQL that is composed from the model, through the
/// context, and by changing a row that the context tracks.</summary>
internal static partial class TableWrites
{
    /// <summary>The table of a statement that does not name one.</summary>
    public const string Unnamed = "?";

    private const string Verb =
        @"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(\s+TABLE)?|COPY)";

    /// <summary>Every table of the model, by the type of its rows.</summary>
    public static Dictionary<Type, string> Tables { get; } = TablesOfModel();

    public static List<Write> Find() =>
        [.. CompiledCode.Of(typeof(PayoutDb).Assembly).SelectMany(body => InSql(body).Concat(InCalls(body)))];

    private static IEnumerable<Write> InSql(CompiledCode.Body body) =>
        from text in body.Texts
        from statement in Statement().Matches(text).Concat(StatementOnSomething().Matches(text))
        let table = statement.Groups["table"] is { Success: true } name ? name.Value.ToLowerInvariant() : Unnamed
        where table == Unnamed || Tables.ContainsValue(table)
        select new Write(body.File, table, statement.Value.Trim());

    private static IEnumerable<Write> InCalls(CompiledCode.Body body)
    {
        var untracked = body.Calls.Where(call => call.Name == "AsNoTracking").Select(RowOf).ToList();
        return
            from call in body.Calls
            where Writes(call) || (Reads(call) && !untracked.Remove(RowOf(call)))
            from table in TablesOf(RowOf(call))
            select new Write(body.File, table, $"{call.DeclaringType!.Name}.{call.Name}");
    }

    private static bool Writes(MethodBase call) =>
        (call.DeclaringType == typeof(ArrayStatements) && call.IsGenericMethod && call.IsPublic)
        || (IsContext(call.DeclaringType!) && Change().IsMatch(call.Name))
        || call.Name is "ExecuteDelete" or "ExecuteDeleteAsync" or "ExecuteUpdate" or "ExecuteUpdateAsync";

    /// <summary>Rows that are read to be changed: the context keeps them, and saves what becomes of them.</summary>
    private static bool Reads(MethodBase call) =>
        (call.DeclaringType == typeof(EntityFrameworkQueryableExtensions) || IsContext(call.DeclaringType!))
        && Reading().IsMatch(call.Name) && IsRow(RowOf(call));

    private static bool IsContext(Type type) =>
        typeof(DbContext).IsAssignableFrom(type) || type == typeof(ChangeTracker)
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(DbSet<>));

    private static bool IsRow(Type? type) => type is not null && (type.IsGenericParameter || Tables.ContainsKey(type));

    /// <summary>The type of the rows that are written or read. Null: the call does not say.</summary>
    private static Type? RowOf(MethodBase call) =>
        call is MethodInfo { IsGenericMethod: true } ? call.GetGenericArguments()[0]
            : call.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments()[0]
            : null;

    /// <summary>What a method that is written for several types may write: the tables of all that it takes.</summary>
    private static IEnumerable<string> TablesOf(Type? row) =>
        row is null ? [Unnamed]
        : !row.IsGenericParameter ? [Tables.GetValueOrDefault(row, Unnamed)]
        : Tables.Where(table => row.GetGenericParameterConstraints().All(wanted => wanted.IsAssignableFrom(table.Key)))
            .Select(table => table.Value);

    private static Dictionary<Type, string> TablesOfModel()
    {
        using var db = new PayoutDb(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql().Options);
        return db.Model.GetEntityTypes().ToDictionary(entity => entity.ClrType, entity => entity.GetTableName()!);
    }

    [GeneratedRegex(Verb + @"\s+(ONLY\s+)?(""?\w+""?\.)?""?(?<table>\w+)", RegexOptions.IgnoreCase)]
    private static partial Regex Statement();

    /// <summary>The literal ends, or a value follows, where the table would be named.</summary>
    [GeneratedRegex(@"(?<!\b(FOR|KEY|DO)\s+)" + Verb + @"\s+(ONLY\s+)?""?(\{|\s*$)")]
    private static partial Regex StatementOnSomething();

    [GeneratedRegex("^(Add|Update|Remove|Attach|Entry|Entries|TrackGraph)(Range)?(Async)?$")]
    private static partial Regex Change();

    [GeneratedRegex("^((Single|First|Last)(OrDefault)?|Find|To(List|Array|Dictionary|HashSet)|ForEach)(Async)?$"
        + "|^AsAsyncEnumerable$")]
    private static partial Regex Reading();

    /// <summary>A place that writes.</summary>
    /// <param name="File">Where it stands.</param>
    /// <param name="Table">What it writes, or <see cref="Unnamed"/>.</param>
    /// <param name="How">The call or the words by which it does.</param>
    internal sealed record Write(string File, string Table, string How);
}
