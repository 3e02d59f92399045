using System.Globalization;
using PayoutService.Benchmarks.Load;
using PayoutService.Benchmarks.World;
using PayoutService.Views;

namespace PayoutService.Benchmarks.Measures;

/// <summary>Requests for payouts.</summary>
internal static class Orders
{
    /// <summary>Pockyt's simulator takes it and leaves it pending, without a notice.</summary>
    public const string StaysPending = "1.04";

    public const string Succeeds = "1.00";

    /// <summary>What the database is told to refuse where that is measured.</summary>
    public const string RefusedDescription = "refused by the database";

    private static readonly string Tomorrow =
        TimeProvider.System.GetUtcNow().AddDays(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static long given;

    /// <summary>Numbers that no other request of this run has: the simulator knows every invoice id for ever.</summary>
    public static long Reserve(long count = 100_000_000) => Interlocked.Add(ref given, count) - count;

    /// <summary>As many as are asked for, each with another invoice id.</summary>
    public static Requests Endless(Bench bench, int badEvery = 0) => Endless(bench.Accounts, badEvery);

    /// <summary>The same to these accounts.</summary>
    public static Requests Endless(IReadOnlyList<string> accounts, int badEvery = 0) => new OrderRequests(
        accounts,
        Reserve(),
        (account, invoice) => Render(account, invoice, StaysPending),
        badEvery,
        (account, invoice) => Render(account, invoice, StaysPending, RefusedDescription));

    /// <summary>As many as are asked for, none of which is due while anything is measured.</summary>
    public static Requests Later(Bench bench) => new OrderRequests(
        bench.Accounts,
        Reserve(),
        (account, invoice) => Requests.Render(
            "POST", "/v1/payouts", Service.Key, "application/json",
            Body(account, invoice, StaysPending).Replace("}", $",\"executeAt\":\"{Tomorrow}\"}}")));

    /// <summary>So many and no more.</summary>
    public static Requests Few(Bench bench, int count, string amount)
    {
        var first = Reserve();
        return new RenderedRequests([.. Enumerable.Range(0, count).Select(
            at => Render(bench.Accounts[at % bench.Accounts.Count], OrderRequests.InvoiceId(first + at), amount))]);
    }

    /// <summary>The same for other accounts and their key.</summary>
    public static Requests Few(IReadOnlyList<string> accounts, string key, int count, string amount)
    {
        var first = Reserve();
        return new RenderedRequests([.. Enumerable.Range(0, count).Select(at => Requests.Render(
            "POST", "/v1/payouts", key, "application/json",
            Body(accounts[at % accounts.Count], OrderRequests.InvoiceId(first + at), amount)))]);
    }

    /// <summary>The body of a batch.</summary>
    public static string Batch(Bench bench, int count)
    {
        var first = Reserve(count);
        var payouts = Enumerable.Range(0, count).Select(at => Body(
            bench.Accounts[at % bench.Accounts.Count], OrderRequests.InvoiceId(first + at), StaysPending));
        return $$"""{"payouts":[{{string.Join(',', payouts)}}]}""";
    }

    /// <summary>For accounts that were made within the database.</summary>
    public static Requests Seeded(int accounts) => new OrderRequests(
        [.. Enumerable.Range(1, accounts).Select(number => PublicId.Of(PublicId.Account, SeededId(number)))],
        Reserve(),
        (account, invoice) => Render(account, invoice, StaysPending));

    /// <summary>For the plain handler, whose accounts are numbered.</summary>
    public static Requests Plain(int accounts) => new OrderRequests(
        [.. Enumerable.Range(1, accounts).Select(number => SeededId(number).ToString())],
        Reserve(),
        (account, invoice) => Requests.Render(
            "POST", "/payouts", key: null, "application/json", Body(account, invoice, StaysPending)));

    private static Guid SeededId(int number) => Guid.Parse($"00000000-0000-7000-8000-{number:D12}");

    private static byte[] Render(string account, string invoice, string amount, string? description = null) =>
        Requests.Render(
            "POST", "/v1/payouts", Service.Key, "application/json", Body(account, invoice, amount, description));

    private static string Body(string account, string invoice, string amount, string? description = null)
    {
        var told = description is null ? "" : $",\"description\":\"{description}\"";
        return $$"""
            {"accountId":"{{account}}","amount":"{{amount}}","currency":"USD","invoiceId":"{{invoice}}"{{told}}}
            """;
    }
}
