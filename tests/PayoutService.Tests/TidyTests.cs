using System.Text.RegularExpressions;
using PayoutService.Tests.Support;

namespace PayoutService.Tests;

/// <summary>The house rules, run.</summary>
public sealed partial class TidyTests
{
    private const int MaxColumns = 120;

    private static readonly DirectoryInfo Root = new(Repository.Root);
    private static readonly Source[] Everything = [.. Files(Root).Select(Read).OfType<Source>()];
    private static readonly Source[] Code = [.. Everything.Where(file => file.Path.EndsWith(".cs", Ordinal))];
    private static readonly Source[] Service =
        [.. Code.Where(file => file.Path.StartsWith("src/PayoutService/", Ordinal))];
    private static readonly Source[] Simulator =
        [.. Code.Where(file => file.Path.StartsWith("src/PockytSimulator/", Ordinal))];

    /// <summary>Where an exception is caught, and how often: a new place is a decision.</summary>
    private static readonly Dictionary<string, int> Catches = new()
    {
        ["Api/Batches/BatchBody.cs"] = 2,
        ["Api/Batches/BatchEndpoints.cs"] = 2,
        ["Api/Http/MalformedBody.cs"] = 1,
        ["Api/Payouts/PayoutBatchBody.cs"] = 2,
        ["Api/Payouts/PayoutBatchEndpoints.cs"] = 3,
        ["Pockyt/Notices/NoticeBody.cs"] = 1,
        ["Controls/ScreeningClient.cs"] = 3,
        ["Host/SecretsFile.cs"] = 1,
        ["Ops/Batches/BatchPages.cs"] = 1,
        ["Ops/Live/LivePages.cs"] = 2,
        ["Pockyt/Wire/PockytClient.cs"] = 2,
        ["Storage/PostgresFailures.cs"] = 1,
        ["Events/Deliverer.cs"] = 3,
        ["Events/WebhookAddresses.cs"] = 1,
        ["Events/WebhookSender.cs"] = 2,
        ["Storage/WakeUpRelay.cs"] = 2,
        ["Storage/WakeUps.cs"] = 1,
        ["Storage/Events/FeedStore.cs"] = 1,
        ["Storage/GroupCommit.cs"] = 4,
        ["Storage/Migrating.cs"] = 1,
        ["Storage/Patience.cs"] = 1,
        ["Storage/Payouts/PayoutClaims.cs"] = 3,
        ["Storage/Payouts/PayoutCreationBatch.cs"] = 1,
        ["Storage/Payouts/PayoutCreations.cs"] = 3,
        ["Storage/Readiness.cs"] = 1,
        ["Storage/Searches.cs"] = 1,
        ["UseCases/Batches/CsvRows.cs"] = 1,
        ["Host/Commands.cs"] = 5,
        ["Workers/ConcurrencyLimiter.cs"] = 1,
        ["Workers/PollingWorker.cs"] = 3,
        ["Workers/Reconciler.cs"] = 1,
        ["Workers/RestoreWatch.cs"] = 2,
        ["Workers/Sender.cs"] = 4,
    };

    /// <summary>Every table, and where it is written: in SQL, through the model, or by changing a row that is saved.
    /// A new place is a decision.</summary>
    private static readonly Dictionary<string, string[]> Writers = new()
    {
        ["payouts"] =
        [
            "Storage/Payouts/PayoutClaims.cs", "Storage/Payouts/PayoutCreationBatch.cs",
            "Storage/Payouts/PayoutStore.Attention.cs", "Storage/Payouts/PayoutStore.Payees.cs",
            "Storage/Payouts/PayoutStore.cs", "Storage/Payouts/ReportBatch.cs",
            "Storage/Sending/RestoreDetector.cs", "Storage/Sending/SendingStore.cs",
            "Storage/Holds/ApprovalStore.cs", "Storage/Holds/ScreeningStore.cs",
        ],
        ["payout_events"] =
        [
            "Storage/Payouts/PayoutClaims.cs", "Storage/Payouts/PayoutCreationBatch.cs",
            "Storage/Payouts/PayoutStore.Attention.cs", "Storage/Payouts/PayoutStore.Holds.cs",
            "Storage/Payouts/PayoutStore.Payees.cs", "Storage/Payouts/PayoutStore.cs",
            "Storage/Payouts/ReportBatch.cs", "Storage/Sending/RestoreDetector.cs",
            "Storage/Sending/SendingStore.cs", "Storage/Holds/ApprovalStore.cs", "Storage/Holds/ScreeningStore.cs",
        ],
        ["idempotency_keys"] = ["Storage/Payouts/PayoutCreationBatch.cs"],
        ["notices"] = ["Storage/Payouts/Notice.cs", "Storage/Payouts/ReportBatch.cs"],
        ["pauses"] = ["Storage/Sending/RestoreDetector.cs", "Storage/Sending/SendingStore.cs"],
        ["restores"] = ["Storage/Sending/RestoreDetector.cs"],
        ["restore_clearances"] = ["Storage/Sending/SendingStore.cs"],
        ["replicas"] =
            ["Storage/Payouts/PayoutClaims.cs", "Storage/Sending/RestoreDetector.cs", "Storage/Sending/Witness.cs"],
        ["history"] =
        [
            "Storage/PayoutDb.cs", "Storage/Events/DeliveryStore.cs", "Storage/Sending/RestoreDetector.cs",
            "Storage/Sending/SendingStore.cs",
        ],
        ["payees"] = ["Storage/Payees/PayeeStore.cs", "Storage/Payees/PayeeStore.Refresh.cs"],
        ["accounts"] = ["Storage/Payees/PayeeStore.cs", "Storage/Payees/PayeeStore.Refresh.cs"],
        ["refunds"] = ["Storage/Refunds/RefundStore.cs"],
        ["provider_calls"] = ["Storage/Calls/CallStore.cs"],
        ["feeds"] = ["Storage/Events/FeedStore.cs"],
        ["feed_entries"] = ["Storage/Events/FeedStore.cs"],
        ["feed_balances"] = ["Storage/Events/FeedStore.cs"],
        ["feed_progress"] = ["Storage/Events/FeedStore.cs"],
        ["webhook_endpoints"] =
        [
            "Storage/Events/DeliveryStore.cs", "Storage/Events/EndpointStore.cs", "Storage/Events/RecoveryStore.cs",
        ],
        ["deliveries"] =
        [
            "Storage/Events/DeliveryStore.cs", "Storage/Events/EndpointStore.cs", "Storage/Events/RecoveryStore.cs",
        ],
        ["recoveries"] = ["Storage/Events/RecoveryStore.cs"],
        ["delivery_attempts"] = ["Storage/Events/DeliveryStore.cs"],
        ["feed_gaps"] = ["Storage/Events/FeedStore.cs"],
        ["payout_counts"] = ["Storage/Reports/PayoutCounts.cs"],
        ["payout_times"] = ["Storage/Reports/PayoutCounts.cs"],
        ["call_counts"] = ["Storage/Calls/CallStore.cs"],
        ["delivery_counts"] = ["Storage/Events/DeliveryStore.cs"],
        ["payors"] = ["Storage/Payors/PayorStore.cs"],
        ["operator_acts"] = ["Storage/Operators/OperatorLog.cs"],
        ["approvals"] = ["Storage/Payouts/PayoutCreationBatch.cs", "Storage/Holds/ApprovalStore.cs"],
        ["screenings"] = ["Storage/Holds/ScreeningStore.cs"],
        ["rule_sets"] = ["Storage/Holds/ScreeningStore.cs"],
        ["batches"] = ["Storage/Batches/BatchStore.cs"],
        ["batch_rows"] = ["Storage/Batches/BatchStore.cs"],

        // By ASP.NET's own package.
        ["data_protection_keys"] = [],
    };

    /// <summary>Where rows that are given are written, whatever their table: the callers are the writers.</summary>
    private static readonly string[] Composers = ["Storage/PayoutDb.cs", "Storage/ArrayStatements.cs"];

    private static readonly string[] EmptyWords =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Common", "Base", "Impl", "Dto"];

    private const StringComparison Ordinal = StringComparison.Ordinal;

    /// <summary>Archaic or private words, in code and documents: each has a plain one.</summary>
    private static readonly string[] BannedWords =
        ["mend", "mends", "mended", "seldom", "for ever", "whoever", "lonely", "crowd", "crowded", "news"];

    [Fact]
    public void The_rules_look_at_files()
    {
        Assert.Contains(Service, file => file.InService == "Payouts/PayoutMachine.cs");
        Assert.Contains(Simulator, file => file.Path == "src/PockytSimulator/Calls/PockytSignature.cs");
        Assert.Contains(Everything, file => file.Path == "docs/machine.md");
    }

    [Fact]
    public void A_folder_is_a_namespace()
    {
        var breaches =
            from file in Service.Concat(Simulator)
            where !file.IsGenerated
            let parts = file.Path.Split('/')
            let expected = string.Join('.', parts[1..^1])
            from declared in Namespace().Matches(file.Text)
            where declared.Groups[1].Value != expected
            select $"{file.Path} is in {declared.Groups[1].Value}, not in {expected}";

        Nothing(breaches);
    }

    [Fact]
    public void The_service_and_the_simulator_share_nothing()
    {
        var breaches =
            from pair in Service.Select(file => (file, other: nameof(PockytSimulator)))
                .Concat(Simulator.Select(file => (file, other: nameof(PayoutService))))
            from line in pair.file.Lines
            where Regex.IsMatch(line.Text, $@"\b{pair.other}\b")
            select $"{pair.file.Path}:{line.Number} names {pair.other}: {line.Text.Trim()}";
        var references =
            from project in Everything
            where project.Path.StartsWith("src/", Ordinal) && project.Path.EndsWith(".csproj", Ordinal)
            where project.Text.Contains("<ProjectReference", Ordinal)
                || project.Text.Contains("<Compile Include=\"..", Ordinal)
            select $"{project.Path} takes in another project";

        Nothing(breaches.Concat(references));
    }

    [Fact]
    public void Every_package_is_listed_with_its_licence_and_every_project_is_locked()
    {
        var listed = File.ReadAllText(Path.Combine(Root.FullName, "docs", "packages.md"));
        var named = PackageVersion().Matches(
                File.ReadAllText(Path.Combine(Root.FullName, "Directory.Packages.props")))
            .Select(one => one.Groups[1].Value);
        var projects = Everything.Where(file => file.Path.EndsWith(".csproj", Ordinal)).ToList();

        Assert.All(named, name => Assert.True(
            name.Split('.').Where(part => part.Length > 0).Last() is var last
            && (listed.Contains(name, Ordinal) || listed.Contains($".{last}", Ordinal)), name));
        Assert.All(projects, project => Assert.Contains(
            Everything, file => file.Path == $"{project.Path[..project.Path.LastIndexOf('/')]}/packages.lock.json"));
        Nothing(Everything.Where(file => file.Path.EndsWith("packages.lock.json", Ordinal)
            && file.Text.Contains("://", Ordinal)).Select(file => $"{file.Path} names an address"));
    }

    [Fact]
    public void No_line_is_longer_than_120_columns()
    {
        var breaches =
            from file in Code
            where !file.IsGenerated
            from line in file.Lines
            where line.Text.Length > MaxColumns
            select $"{file.Path}:{line.Number} has {line.Text.Length} columns";

        Nothing(breaches);
    }

    [Fact]
    public void No_line_of_a_page_is_longer_than_120_columns_but_in_tables_and_code()
    {
        var breaches =
            from page in Files(Root).Where(file => file.Extension is ".md" && file.Directory!.Name is not "results")
            let lines = File.ReadAllLines(page.FullName)
            from number in Enumerable.Range(0, lines.Length)
            where lines[number].Length > MaxColumns && !lines[number].StartsWith('|')
                && lines[..number].Count(line => line.StartsWith("```", StringComparison.Ordinal)) % 2 == 0
            select $"{page.Name}:{number + 1} has {lines[number].Length} columns";

        Nothing(breaches);
    }

    [Fact]
    public void No_type_has_a_name_that_promises_nothing()
    {
        var breaches =
            from file in Code
            from type in TypeNames(file)
            from word in PascalWord().Matches(type.Name)
            where EmptyWords.Contains(word.Value)
            select $"{file.Path}:{type.Line} declares {type.Name}";

        Nothing(breaches);
    }

    [Fact]
    public void An_exception_is_caught_only_where_it_was_decided()
    {
        var caught = Service
            .Select(file => (Place: file.InService, Times: file.Lines.Sum(CatchesIn)))
            .Where(place => place.Times > 0)
            .Select(place => $"{place.Place}: {place.Times}")
            .Order(StringComparer.Ordinal);

        var decided = Catches.Select(place => $"{place.Key}: {place.Value}");

        Assert.Equal(decided.Order(StringComparer.Ordinal), caught);
    }

    [Fact]
    public void Nothing_is_left_for_later_and_nothing_is_folded_away()
    {
        var breaches =
            from file in Everything
            from line in file.Lines
            where LeftForLater().IsMatch(line.Text)
            select $"{file.Path}:{line.Number}: {line.Text.Trim()}";

        Nothing(breaches);
    }

    [Fact]
    public void No_text_has_a_word_that_a_stranger_would_not_use()
    {
        var banned = new Regex($@"\b({string.Join('|', BannedWords)})\b", RegexOptions.IgnoreCase);
        var documents = Everything.Where(file =>
            file.Path is "README.md" or "CONTRIBUTING.md" or "SECURITY.md"
            || (file.Path.StartsWith("docs/", Ordinal) && file.Path != "docs/proof.md"));

        var breaches =
            from file in Service.Concat(Simulator).Concat(documents)
            where !file.IsGenerated
            from line in file.Lines
            where banned.IsMatch(line.Text)
            select $"{file.Path}:{line.Number}: {line.Text.Trim()}";

        Nothing(breaches);
    }

    [Fact]
    public void Every_table_of_the_model_is_on_the_list_of_who_writes_it() =>
        Assert.Equal(
            TableWrites.Tables.Values.Order(StringComparer.Ordinal), Writers.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void A_table_is_written_only_where_it_was_decided()
    {
        var found = TableWrites.Find()
            .Where(write => !IsGenerated(write.File)
                && (write.Table != TableWrites.Unnamed || !Composers.Contains(write.File)))
            .ToLookup(write => $"{write.Table}: {write.File}", write => write.How);

        var decided = Writers.SelectMany(table => table.Value.Select(file => $"{table.Key}: {file}")).ToHashSet();

        Nothing(found.Where(write => !decided.Contains(write.Key))
            .Select(write => $"{write.Key} writes, by {string.Join(", ", write.Distinct())}")
            .Concat(decided.Where(place => !found.Contains(place)).Select(place => $"{place} does not write")));
    }

    /// <summary>The idempotent script puts each into a block, where it needs its semicolon.</summary>
    [Fact]
    public void Every_statement_of_a_migration_ends_with_a_semicolon() => Nothing(
        from file in Service
        where file.Path.Contains("/Migrations/", StringComparison.Ordinal)
        from statement in MigrationSql().Matches(string.Join('\n', file.Lines.Select(line => line.Text)))
        where !statement.Groups["sql"].Value.TrimEnd().EndsWith(';')
        select $"{file.Path}: {statement.Groups["sql"].Value.Trim()}");

    /// <summary>So that pg_stat_statements and a log of slow statements say which it is.</summary>
    [Fact]
    public void Every_statement_of_several_lines_begins_with_its_name()
    {
        var statements = Service.Where(file => !file.IsGenerated)
            .SelectMany(file => Statement().Matches(string.Join('\n', file.Lines.Select(line => line.Text)))
                .Select(found => (file.Path, Text: found.Groups["text"].Value)))
            .ToList();
        var names = statements.Select(found => StatementName().Match(found.Text).Groups["name"].Value).ToList();

        Nothing(statements.Where(found => !StatementName().IsMatch(found.Text)).Select(found => $"{found}"));
        Assert.Equal(names.Distinct().Order(), names.Order());
    }

    [Fact]
    public void Only_the_stores_save()
    {
        var savers = Writers.Values.SelectMany(files => files).ToHashSet();

        var breaches =
            from file in Service
            where !file.IsGenerated && !savers.Contains(file.InService)
            from line in file.Lines
            where Save().IsMatch(line.Text)
            select $"{file.Path}:{line.Number} saves: {line.Text.Trim()}";

        Nothing(breaches);
    }

    [Fact]
    public void Nothing_names_a_folder_of_somebodys_machine()
    {
        var breaches =
            from file in Everything
            from line in file.Lines
            where SomebodysFolder().IsMatch(line.Text)
            select $"{file.Path}:{line.Number}: {line.Text.Trim()}";

        Nothing(breaches);
    }

    private static void Nothing(IEnumerable<string> breaches)
    {
        var found = breaches.Distinct().ToList();
        Assert.True(found.Count == 0, $"{found.Count} breaches:\n{string.Join('\n', found)}");
    }

    private static IEnumerable<(string Name, int Line)> TypeNames(Source file) =>
        from line in file.Lines
        where !line.IsComment
        from type in TypeDeclaration().Matches(line.WithoutTexts)
        select (type.Groups["name"].Value, line.Number);

    private static bool IsGenerated(string path) =>
        path.Contains("/Migrations/", Ordinal) || path.Contains("/Compiled/", Ordinal);

    private static int CatchesIn(Line line) => line.IsComment ? 0 : Catch().Count(line.WithoutTexts);

    /// <summary>Every file but what is built, run or downloaded, and git's own, which is a file in a second worktree.
    /// </summary>
    private static IEnumerable<FileInfo> Files(DirectoryInfo folder) => folder.EnumerateFiles()
        .Where(file => file.Name is not ".git")
        .Concat(folder.EnumerateDirectories()
            .Where(inner => inner.Name is not ("bin" or "obj" or ".git" or ".run" or ".vs" or ".idea" or "TestResults"
                or "node_modules"))
            .SelectMany(Files));

    private static Source? Read(FileInfo file)
    {
        var text = File.ReadAllText(file.FullName);
        var path = Path.GetRelativePath(Root.FullName, file.FullName).Replace('\\', '/');
        return text.Contains('\0', Ordinal) ? null : new Source(path, text);
    }

    [GeneratedRegex("Sql\\(\\s*\\$?\"\"\"(?<sql>.*?)\"\"\"", RegexOptions.Singleline)]
    private static partial Regex MigrationSql();

    [GeneratedRegex(@"^\s*namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(?:class\s+|struct\s+)?(?<name>[A-Z]\w*)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex("PackageVersion Include=\"([^\"]+)\"")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"[A-Z][a-z0-9]*")]
    private static partial Regex PascalWord();

    [GeneratedRegex(@"\bcatch\b")]
    private static partial Regex Catch();

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E)\b|#\s*(end)?re[g]ion\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(
        @"\b(SaveChanges|Save|ExecuteUpdate|ExecuteDelete|ExecuteSql\w*|ArrayStatements\.(Insert|Update))"
        + @"(Async)?\s*\(")]
    private static partial Regex Save();

    [GeneratedRegex("\"\"\"\n\\s+(?<text>(--|WITH|SELECT|INSERT|UPDATE|DELETE|SET|LOCK)\\b?.*)")]
    private static partial Regex Statement();

    [GeneratedRegex(@"^-- (?<name>[a-z_]+\.[a-z_]+)$")]
    private static partial Regex StatementName();

    [GeneratedRegex(@"(?<![\w.*/])/(home|work|root|Users)/|\b[A-Z]:\\Users\b")]
    private static partial Regex SomebodysFolder();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Texts();

    private sealed record Source(string Path, string Text)
    {
        public Line[] Lines { get; } =
            [.. Text.ReplaceLineEndings("\n").Split('\n').Select((line, index) => new Line(index + 1, line))];

        /// <summary>The path below the service.</summary>
        public string InService => Path["src/PayoutService/".Length..];

        /// <summary>The folder of the service; empty for the files beside the folders.</summary>
        public string Folder => InService.Contains('/', Ordinal) ? InService.Split('/')[0] : "";

        public bool IsGenerated => TidyTests.IsGenerated(Path);
    }

    private sealed record Line(int Number, string Text)
    {
        public bool IsComment => Text.TrimStart().StartsWith("//", Ordinal);

        public string WithoutTexts => Texts().Replace(Text, "\"\"");
    }
}
