using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Controls;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using PayoutService.Views;
using Xunit.Abstractions;

namespace PayoutService.Tests.Controls;

/// <summary>What the rules hold at their defaults: of fraud nearly all, of honest payouts one in a hundred at most. The
/// payouts are accepted by the service's own transaction, at the times that the generators say.</summary>
[Trait("Run", "Long")]
public sealed class FiguresTests(ServiceFixture stage, ITestOutputHelper output)
    : IClassFixture<ServiceFixture>, IAsyncLifetime
{
    private readonly Dictionary<string, Guid> ids = [];
    private NpgsqlDataSource owner = null!;
    private int version = 1;

    public async Task InitializeAsync() =>
        owner = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(stage.ConnectionString));

    public async Task DisposeAsync() => await owner.DisposeAsync();

    [Fact]
    public async Task Of_fraud_190_of_200_are_held_and_of_honest_payouts_at_most_one_in_a_hundred()
    {
        var frauds = new FraudGenerator(seed: 20260601).All();
        var honest = new HonestGenerator(seed: 20260602, employers: Proof.Size(full: 10, usual: 2)).All();
        var rules = new EveryMerchant();

        await RegisterAsync([.. frauds.SelectMany(fraud => fraud.Steps), .. honest]);
        var ofFraud = await PlayAsync([.. frauds.SelectMany(fraud => fraud.Steps).OrderBy(step => step.At)], rules);
        var caught = frauds.ToDictionary(fraud => fraud, fraud => fraud.Steps.OfType<Step.Asked>()
            .SelectMany(asked => ofFraud.GetValueOrDefault($"{asked.Merchant}-{asked.InvoiceId}", []))
            .Distinct().ToList());
        var judged = await PlayAsync(honest, rules);

        var held = judged.Values.Where(found => found.Count > 0).ToList();
        output.Say(Table(caught, held, judged.Count));
        Assert.All(caught.GroupBy(one => one.Key.Kind), kind => Assert.True(
            kind.Count(one => one.Value.Count > 0) >= 16, $"{kind.Key}"));
        Assert.InRange(caught.Count(one => one.Value.Count > 0), 190, 200);
        Assert.InRange(held.Count, 0, judged.Count / 100);
    }

    private static string Table(
        Dictionary<Fraud, List<HoldReason>> caught, List<IReadOnlyList<HoldReason>> held, int honest)
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        foreach (var kind in caught.GroupBy(one => one.Key.Kind))
        {
            var reasons = HoldReasons.OfRules.Select(reason => (reason, kind.Count(one => one.Value.Contains(reason))))
                .Where(one => one.Item2 > 0).Select(one => string.Create(culture, $"{one.reason} {one.Item2}"));
            text.AppendLine(culture, $"fraud {kind.Key}: {kind.Count(one => one.Value.Count > 0)} of {kind.Count()} "
                + $"held ({string.Join(", ", reasons)})");
        }

        text.AppendLine(culture, $"fraud: {caught.Count(one => one.Value.Count > 0)} of {caught.Count} held");
        var ofHonest = HoldReasons.OfRules.Select(reason => (reason, held.Count(found => found.Contains(reason))))
            .Where(one => one.Item2 > 0).Select(one => string.Create(culture, $"{one.reason} {one.Item2}"));
        return text.Append(culture, $"honest: {held.Count} of {honest} held, {100.0 * held.Count / honest:0.00} % "
            + $"({string.Join(", ", ofHonest)})").ToString();
    }

    /// <summary>Accepts the payouts in their order, those of one time together, and has the money of some come back.
    /// </summary>
    /// <returns>By their invoice ids, the rules that hold those that count.</returns>
    private async Task<Dictionary<string, IReadOnlyList<HoldReason>>> PlayAsync(
        IReadOnlyList<Step> steps, IHoldRules rules)
    {
        var judged = new Dictionary<string, IReadOnlyList<HoldReason>>();
        foreach (var together in steps.Where(step => step is Step.Asked or Step.Returned or Step.Changed)
            .GroupBy(step => (step.At, step.GetType())).SelectMany(group => group.Chunk(128)))
        {
            switch (together[0])
            {
                case Step.Returned:
                    await ReturnAsync([.. together.Cast<Step.Returned>()]);
                    break;
                case Step.Changed:
                    await ChangeAsync([.. together.Cast<Step.Changed>()]);
                    break;
                default:
                    await AcceptAsync([.. together.Cast<Step.Asked>()], rules, judged);
                    break;
            }
        }

        return judged;
    }

    private async Task AcceptAsync(
        IReadOnlyList<Step.Asked> asked, IHoldRules rules, Dictionary<string, IReadOnlyList<HoldReason>> judged)
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var orders = asked.Select(one => new PayoutOrder
        {
            Merchant = one.Merchant,
            InvoiceId = $"{one.Merchant}-{one.InvoiceId}",
            AccountId = ids[$"{one.Merchant}-{one.Account}"],
            Amount = new Money(one.Cents, "USD"),
            ApiKey = one.Key,
            Owner = one.Key,
            Replaces = one.Replaces is null ? null : ids[$"{one.Merchant}-{one.Replaces}"],
        }).ToList();
        var group = await PayoutCreationBatch.ReadAsync(db, orders, stage.Rules, rules, asked[0].At, mayWait: true);
        HashSet<string> held = [];
        foreach (var (order, one) in orders.Zip(asked))
        {
            var created = Assert.IsType<CreatePayoutResult.Created>(group.Accept(order, one.At)).Payout;
            ids[order.InvoiceId] = created.Id;
            if (created.Status is PayoutStatus.Held)
            {
                held.Add(order.Merchant);
            }

            if (one.IsJudged)
            {
                judged[order.InvoiceId] = [.. HoldView.Of(created)?.Select(hold => hold.Reason) ?? []];
            }
        }

        await group.WriteAsync(db, prepares: true);
        foreach (var merchant in held.Where(one => one.StartsWith("employer", StringComparison.Ordinal)))
        {
            await ReleaseAsync(merchant);
        }
    }

    /// <summary>What was held of honest payouts is looked at, and sent.</summary>
    private Task ReleaseAsync(string merchant) => ExecuteAsync(
        "UPDATE payouts SET status = 'queued', findings = NULL, hold_reason = NULL "
        + $"WHERE status = 'held' AND findings IS NOT NULL AND merchant = '{merchant}'");

    private Task ChangeAsync(IReadOnlyList<Step.Changed> changed) => ExecuteAsync(
        "INSERT INTO history (merchant, kind, id, version, at, actor, what, members) VALUES "
        + string.Join(", ", changed.Select(one => string.Create(
            CultureInfo.InvariantCulture,
            $"('{one.Merchant}', 'payee', '{ids[$"{one.Merchant}-{one.Payee}"]}', {++version}, '{one.At:O}', "
            + $"'{one.Key}', 'changed', '{{}}')")))
        + string.Concat(changed.Select(one => string.Create(
            CultureInfo.InvariantCulture,
            $"; UPDATE payees SET updated_at = '{one.At:O}' WHERE id = '{ids[$"{one.Merchant}-{one.Payee}"]}'"))));

    private Task ReturnAsync(IReadOnlyList<Step.Returned> returned) => ExecuteAsync(
        "UPDATE payouts SET status = 'returned', confirmed_by = 'inquiry', due_at = NULL, findings = NULL, "
        + "hold_reason = NULL WHERE invoice_id IN ("
        + string.Join(", ", returned.Select(one => $"'{one.Merchant}-{one.InvoiceId}'")) + ")");

    /// <summary>Writes payees, accounts and the lines of their histories past the service.</summary>
    private async Task RegisterAsync(IReadOnlyList<Step> steps)
    {
        foreach (var step in steps.Where(step => step is Step.Registered or Step.Added))
        {
            var name = step is Step.Added added ? added.Account : ((Step.Registered)step).Payee;
            ids[$"{step.Merchant}-{name}"] = Guid.CreateVersion7(step.At);
        }

        var registered = steps.OfType<Step.Registered>().ToList();
        var accounts = steps.OfType<Step.Added>().ToList();
        (string Kind, Guid Id, Step Step, string What)[] lines =
        [
            .. registered.Select(one => ("payee", ids[$"{one.Merchant}-{one.Payee}"], (Step)one, "began")),
            .. accounts.Select(one => ("account", ids[$"{one.Merchant}-{one.Account}"], (Step)one, "began")),
        ];
        await ExecuteAsync(
            """
            INSERT INTO history (merchant, kind, id, version, at, actor, what, members)
            SELECT merchant, kind, id, 1, at, actor, what, '{}'
            FROM unnest($1, $2, $3, $4, $5, $6) AS row (merchant, kind, id, at, actor, what)
            """,
            lines.Select(line => line.Step.Merchant).ToArray(),
            lines.Select(line => line.Kind).ToArray(),
            lines.Select(line => line.Id).ToArray(),
            lines.Select(line => line.Step.At).ToArray(),
            lines.Select(line => line.Step.Key).ToArray(),
            lines.Select(line => line.What).ToArray());
        await ExecuteAsync(
            """
            INSERT INTO payees
            SELECT made.* FROM (SELECT * FROM payees LIMIT 1) AS known
            CROSS JOIN unnest($1, $2, $3, $4) AS row (id, merchant, name, at)
            CROSS JOIN LATERAL jsonb_populate_record(known::payees, jsonb_build_object(
                'id', row.id, 'merchant', row.merchant, 'customer_code', row.name, 'customer_no', row.id,
                'version', 1, 'created_at', row.at, 'updated_at', row.at)) AS made
            """,
            registered.Select(one => ids[$"{one.Merchant}-{one.Payee}"]).ToArray(),
            registered.Select(one => one.Merchant).ToArray(),
            registered.Select(one => one.Payee).ToArray(),
            registered.Select(one => one.At).ToArray());
        await ExecuteAsync(
            """
            INSERT INTO accounts
            SELECT made.* FROM (SELECT * FROM accounts LIMIT 1) AS known
            CROSS JOIN unnest($1, $2, $3, $4, $5, $6) AS row (id, merchant, payee, name, number, at)
            CROSS JOIN LATERAL jsonb_populate_record(known::accounts, jsonb_build_object(
                'id', row.id, 'merchant', row.merchant, 'payee_id', row.payee, 'account_tag', row.name,
                'account_token', row.id, 'number_fingerprint', row.number,
                'version', 1, 'created_at', row.at, 'updated_at', row.at)) AS made
            """,
            accounts.Select(one => ids[$"{one.Merchant}-{one.Account}"]).ToArray(),
            accounts.Select(one => one.Merchant).ToArray(),
            accounts.Select(one => ids[$"{one.Merchant}-{one.Payee}"]).ToArray(),
            accounts.Select(one => one.Account).ToArray(),
            accounts.Select(one => one.Number).ToArray(),
            accounts.Select(one => one.At).ToArray());
        await ExecuteAsync("ANALYZE");
    }

    private async Task ExecuteAsync(string sql, params Array[] arrays)
    {
        await using var command = owner.CreateCommand(sql);
        foreach (var array in arrays)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = array });
        }

        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The defaults, for whoever comes.</summary>
    private sealed class EveryMerchant : IHoldRules
    {
        private readonly MerchantRules rules = new(
            new ControlRules { Enabled = true }, new AmountLimits(new(), new(), new()));

        public NeededFacts? Needs(string merchant) => rules.Needed;

        public bool NeedsScreening(string merchant) => false;

        public Judgement Judge(PayoutOrder order, PayoutFacts facts, DateTimeOffset now) =>
            rules.Judge(order, facts, now);
    }
}
