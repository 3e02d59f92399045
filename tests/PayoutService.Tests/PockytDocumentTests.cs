using System.Reflection;
using System.Text.RegularExpressions;
using PayoutService.Payees;
using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Tests.Pockyt;
using PayoutService.Tests.Pockyt.Translation;
using PayoutService.Tests.Support;

namespace PayoutService.Tests;

/// <summary>docs/pockyt.md, held to what the code really does.</summary>
public sealed partial class PockytDocumentTests
{
    private static readonly Payor APayor = Payor.Begin(
        Guid.Parse("0199b000-0000-7000-8000-000000000007"),
        "acme",
        "payor-1",
        content: [],
        PayoutBuilder.Start,
        PayoutBuilder.Start);

    private static readonly string Root = Repository.Root;
    private static readonly string[] Document = File.ReadAllLines(Path.Combine(Root, "docs", "pockyt.md"));
    private static readonly string[] Quoted =
        [.. Quote().Matches(string.Join('\n', Document)).Select(quote => quote.Groups[1].Value).Distinct()];

    [Fact]
    public void A_payouts_status_words_mean_what_the_document_says_and_none_is_missing()
    {
        var rows = Table("### Status of a payout");

        var told = rows.Select(row => $"{row[0]}: {PayoutTranslation.Status(row[0])}");

        Assert.Equal(rows.Select(row => $"{row[0]}: {row[1]}"), told);
        Assert.Equal(PayoutTranslationTests.Words.Keys.Order(), rows.Select(row => row[0]).Order());
    }

    [Fact]
    public void A_refunds_status_words_mean_what_the_document_says()
    {
        var rows = Table("### Status of a refund");

        var told = rows.Select(row => $"{row[0]}: {RefundTranslation.Status(row[0])}");

        Assert.Equal(rows.Select(row => $"{row[0]}: {row[1]}"), told);
    }

    [Fact]
    public async Task The_status_words_of_payees_and_accounts_mean_what_the_document_says()
    {
        await using var pockyt = await ScriptedPockyt.StartAsync();
        var payees = Table("### Status of a payee");
        var accounts = Table("### Status of an account");

        foreach (var row in payees.Concat(accounts))
        {
            pockyt.Answer = $$"""
                {
                  "ret_code": "000100", "customer": { "customerNo": "2000305228303182610217", "status": "{{row[0]}}" },
                  "accounts": [ { "accountToken": "2010305228303182765718", "status": "{{row[0]}}" } ]
                }
                """;
            var told = payees.Contains(row)
                ? $"{Done(await FindAsync(pockyt)).Status}"
                : $"{Done(await ListAsync(pockyt)).All[0].Status}";

            Assert.Equal($"{row[0]}: {row[1]}", $"{row[0]}: {told.ToLowerInvariant()}");
        }
    }

    [Fact]
    public async Task The_status_words_of_payors_mean_what_the_document_says()
    {
        await using var pockyt = await ScriptedPockyt.StartAsync();
        var rows = Table("### Status of a payor");

        foreach (var row in rows)
        {
            pockyt.Answer = $$"""{ "ret_code": "000100", "result": { "payorNo": "P1", "status": "{{row[0]}}" } }""";
            var told = await pockyt.Payors.RegisterAsync(
                APayor, new Dictionary<string, string>(), CancellationToken.None);

            Assert.Equal(
                row[1], $"{Assert.IsType<ProviderAnswer<ProviderPayor>.Done>(told).Told.Status}".ToLowerInvariant());
        }

        Assert.Equal(["approved", "declined", "effective", "saved", "submitted"], rows.Select(row => row[0]).Order());
    }

    [Fact]
    public void A_code_in_answer_to_a_payout_means_what_the_document_says()
    {
        var rows = Table("### In answer to a payout");

        foreach (var row in rows)
        {
            var answer = Said(row);
            var send = PayoutTranslation.OfPay(answer, PayoutBuilder.Submitting());
            var question = PayoutTranslation.OfInquiry(
                answer, PayoutBuilder.Unconfirmed(), PayoutBuilder.LeaseEnd, resendAllowed: true);
            var reason = send.HoldReason is { } held ? $", {held.ToString().ToLowerInvariant()}" : "";

            AssertRow(row, $"{send.Kind}{reason}", $"{question.Kind}");
        }

        AssertEveryCodeIn(rows);
    }

    [Fact]
    public async Task A_code_in_answer_to_any_other_call_means_what_the_document_says()
    {
        await using var pockyt = await ScriptedPockyt.StartAsync();
        var rows = Table("### In answer to every other call");

        foreach (var row in rows)
        {
            var answer = Said(row);
            pockyt.Answer = $$"""{"ret_code":"{{answer.Code}}","ret_msg":"{{answer.Message}}"}""";
            var payee = await FindAsync(pockyt);
            var account = await ListAsync(pockyt);
            var payor = await pockyt.Payors.RegisterAsync(
                APayor, new Dictionary<string, string>(), CancellationToken.None);
            var refund = RefundTranslation.OfRefund(answer, ScriptedPockyt.Refund());
            var question = RefundTranslation.OfQuestion(answer, ScriptedPockyt.Refund());
            var payment = RefundTranslation.OfTransaction(answer, "reference", "order-1");

            Assert.Equal(payee.GetType().Name, account.GetType().Name);
            AssertRow(
                row,
                payee.GetType().Name,
                payor.GetType().Name,
                $"{refund.Kind}",
                $"{question.Kind}",
                payment.GetType().Name);
        }

        AssertEveryCodeIn(rows);
    }

    [Fact]
    public void A_path_is_in_the_code_exactly_when_the_document_says_that_it_is_used()
    {
        var code = string.Concat(Directory
            .EnumerateFiles(Path.Combine(Root, "src", "PayoutService"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .Select(File.ReadAllText));
        var rows = Table("## Calls").Where(row => row[1].StartsWith('/')).ToList();

        Assert.True(rows.Count > 15, $"Only {rows.Count} paths were read.");
        Assert.All(rows, row => Assert.True(
            row[3].Contains("not used, because", StringComparison.Ordinal)
                != code.Contains($"\"{row[1].Split('{')[0].TrimEnd('/')}", StringComparison.Ordinal),
            row[1]));
    }

    /// <summary>Types and not files: a file may move.</summary>
    [Fact]
    public void Every_type_the_document_names_exists()
    {
        var types = new[] { typeof(PockytOptions), typeof(PockytDocumentTests) }
            .SelectMany(type => type.Assembly.GetTypes()).Select(type => type.Name.Split('`')[0]).ToHashSet();
        var named = Quoted.Where(name => TypeName().IsMatch(name)).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, types));
    }

    [Fact]
    public void Every_setting_the_document_names_exists()
    {
        var settings = Quoted.Select(name => Setting().Match(name)).Where(match => match.Success).ToList();

        Assert.NotEmpty(settings);
        Assert.All(settings, setting => Assert.NotNull(
            (setting.Groups["section"].Value, setting.Groups["merchant"].Success) switch
            {
                ("Payouts", _) => typeof(PayoutRules).GetProperty(setting.Groups["name"].Value),
                (_, true) => typeof(PockytMerchant).GetProperty(setting.Groups["name"].Value),
                _ => typeof(PockytOptions).GetProperty(setting.Groups["name"].Value),
            }));
    }

    [Fact]
    public void Every_test_the_document_names_exists_and_every_contradiction_has_its_row()
    {
        var tests = typeof(PockytDocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
            .Select(method => method.Name)
            .ToHashSet();
        var rows = Table("## Contradictions");
        var named = rows.Select(row => row[2]).Where(test => test != "nothing to handle").ToList();
        var contradictions = typeof(ContradictionsTests)
            .GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Select(method => method.Name);

        Assert.Equal(contradictions.Order(), named.Order());
        Assert.All(Quoted.Where(name => Sentence().IsMatch(name)), test => Assert.Contains(test, tests));
    }

    /// <summary>The rows of a table, below its heading, without backticks.</summary>
    private static List<string[]> Table(string heading)
    {
        var rows = Document
            .SkipWhile(line => line != heading).Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith('|'))
            .Skip(2)
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray())
            .ToList();
        Assert.True(rows.Count > 0, $"docs/pockyt.md has no table below \"{heading}\".");
        return rows;
    }

    /// <summary>What a code, and a word of its message, was found to mean, in the document's order.</summary>
    private static void AssertRow(string[] row, params string[] meanings) =>
        Assert.Equal(string.Join(" | ", row), string.Join(" | ", [row[0], row[1], .. meanings]));

    private static void AssertEveryCodeIn(List<string[]> rows) => Assert.Equal(
        ["000000", "000010", "000020", "000021", "000022", "000023", "000030", "000040", "000080"],
        rows.Where(row => row[1].Length == 0).Select(row => row[0]));

    private static PockytAnswer.Said Said(string[] row) =>
        new(row[0], row[1].Length > 0 ? $"something with {row[1]}" : "something", default);

    private static T Done<T>(ProviderAnswer<T> answer) => Assert.IsType<ProviderAnswer<T>.Done>(answer).Told;

    private static Task<ProviderAnswer<ProviderPayee>> FindAsync(ScriptedPockyt pockyt) =>
        pockyt.Payees.FindAsync(ScriptedPockyt.Payee(), CancellationToken.None);

    private static Task<ProviderAnswer<ProviderAccounts>> ListAsync(ScriptedPockyt pockyt) =>
        pockyt.Payees.ListAccountsAsync(ScriptedPockyt.Payee(), CancellationToken.None);

    /// <summary>Two words at least, as all our types have: Pockyt's own words have no capital inside.</summary>
    [GeneratedRegex(@"^(?:[A-Z][a-z0-9]+){2,}$")]
    private static partial Regex TypeName();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Quote();

    [GeneratedRegex("^(?<section>Pockyt|Payouts):(?<merchant>Merchants:<name>:)?(?<name>[A-Za-z]+)$")]
    private static partial Regex Setting();

    [GeneratedRegex("^[A-Z][a-z]*_[a-zA-Z0-9_]*[a-z][a-zA-Z0-9_]*$")]
    private static partial Regex Sentence();
}
