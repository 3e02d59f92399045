using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;
using static PayoutService.Storage.Payouts.CreatePayoutResult;

namespace PayoutService.Tests.Storage.Payouts;

/// <summary>Payouts that are accepted in one transaction: each is answered as if it came alone.</summary>
public sealed class PayoutCreationBatchTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_crowd_is_accepted_in_a_few_transactions_and_each_gets_its_own_answer()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 1000).Select(at => AcceptAsync($"crowd-{at}")));

        Assert.Equal(
            Enumerable.Range(0, 1000).Select(at => $"crowd-{at}"),
            results.Select(result => Assert.IsType<Created>(result).Payout.InvoiceId));
        await using var db = await DbAsync();
        var ids = results.OfType<Created>().Select(result => result.Payout.Id).ToArray();
        Assert.Equal(1000, await db.Payouts.CountAsync(row => ids.Contains(row.Id)));
        Assert.Equal(1000, await db.PayoutEvents.CountAsync(row => ids.Contains(row.PayoutId)));
        var transactions = await db.Database.SqlQuery<long>($"""
            SELECT count(DISTINCT xmin::text) AS "Value" FROM payouts WHERE id = ANY ({ids})
            """).SingleAsync();
        Assert.InRange(transactions, 1, 200);
    }

    /// <summary>Plans are kept for a connection, and those of the first payout were made for a table that is all but
    /// empty.</summary>
    [Fact]
    public async Task What_an_accept_reads_does_not_grow_with_the_table()
    {
        var young = new ServiceFixture();
        await young.InitializeAsync();
        try
        {
            await TestDatabase.ExecuteAsync(
                young.ConnectionString, "ALTER TABLE payouts SET (autovacuum_enabled = off); ANALYZE payouts");
            var (_, account) = await young.RegisterAsync();
            await young.PayAsync();
            await ManyPayouts.GrowAsync(young.ConnectionString);
            await ServiceFixture.RepeatAsync(young.Api, "/v1/payouts", Example.Payout(account, "young"));

            Assert.InRange(await young.RowsReadAsync(), 0, 100);
        }
        finally
        {
            await young.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_comes_twice_in_one_group_is_one_payout()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 300).Select(at => AcceptAsync($"twice-{at % 100}")));

        Assert.Equal(100, results.OfType<Created>().Count());
        Assert.Equal(200, results.OfType<Replayed>().Count());
        Assert.Equal(100, results.Select(PayoutOf).Select(payout => payout.Id).Distinct().Count());
    }

    [Fact]
    public async Task One_invoice_id_with_two_contents_in_one_group_is_a_payout_and_a_refusal()
    {
        var results = await Task.WhenAll(
            AcceptAsync("differs"),
            AcceptAsync("differs", order => order with { Content = new() { ["amount"] = "x" } }));

        Assert.IsType<Created>(results[0]);
        Assert.Equal(["amount"], Assert.IsType<Differs>(results[1]).Fields);
    }

    [Fact]
    public async Task One_idempotency_key_for_two_invoice_ids_in_one_group_is_a_payout_and_a_refusal()
    {
        var results = await Task.WhenAll(
            AcceptAsync("one", order => order with { IdempotencyKey = "key" }),
            AcceptAsync("other", order => order with { IdempotencyKey = "key" }));

        var created = Assert.IsType<Created>(results[0]).Payout;
        Assert.Equal(created.Id, Assert.IsType<KeyInUse>(results[1]).Payout.Id);
    }

    [Fact]
    public async Task Of_two_that_replace_one_payout_in_one_group_one_does()
    {
        var old = Assert.IsType<Created>(await AcceptAsync("old")).Payout;
        await stage.Store.CancelAsync("main", old.Id, ifVersions: null, Actor.ApiKey("test"));

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(
            at => AcceptAsync($"new-{at}", order => order with { Replaces = old.Id })));

        Assert.Single(results.OfType<Created>());
        Assert.Equal(9, results.OfType<AlreadyReplaced>().Count());
    }

    [Fact]
    public async Task What_the_database_refuses_is_only_its_callers_failure()
    {
        // PostgreSQL takes no NUL in a text; nor does the API, which is why none gets this far.
        var accepted = Enumerable.Range(0, 400).Select(at => AcceptAsync(at % 100 == 7 ? $"bad-{at}\0" : $"good-{at}"));

        var results = await Task.WhenAll(accepted.Select(async one =>
        {
            try
            {
                return await one is Created;
            }
            catch (PostgresException refused)
            {
                Assert.Equal("22021", refused.SqlState);
                return false;
            }
        }));

        Assert.Equal(396, results.Count(isAccepted => isAccepted));
        Assert.All(new[] { 7, 107, 207, 307 }, at => Assert.False(results[at]));
    }

    [Fact]
    public async Task What_a_constraint_refuses_is_only_its_callers_failure()
    {
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString,
            "ALTER TABLE payouts ADD CONSTRAINT refused_by_the_test CHECK (invoice_id NOT LIKE 'refused-%')");

        var results = await Task.WhenAll(Enumerable.Range(0, 400).Select(async at =>
        {
            try
            {
                return await AcceptAsync(at % 100 is 7 or 8 ? $"refused-{at}" : $"let-in-{at}") is Created;
            }
            catch (PostgresException refused)
            {
                Assert.Equal("refused_by_the_test", refused.ConstraintName);
                return false;
            }
        }));

        Assert.Equal(
            Enumerable.Range(0, 400).Where(at => at % 100 is 7 or 8),
            results.Index().Where(one => !one.Item).Select(one => one.Index));
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        Assert.Equal(392, await db.Payouts.CountAsync(row => row.InvoiceId.StartsWith("let-in-")));
    }

    [Fact]
    public async Task Two_replicas_that_accept_the_same_payouts_in_any_order_make_each_once()
    {
        var other = new PayoutCreations(
            stage.Get<IDbContextFactory<PayoutDb>>(),
            stage.Rules,
            stage.Get<IHoldRules>(),
            stage.Get<DatabaseClock>(),
            new WakeUps(),
            stage.Get<ConnectionStrings>());

        var results = await Task.WhenAll(Enumerable.Range(0, 500).SelectMany(at => new[]
        {
            AcceptAsync($"shared-{at}"),
            AcceptAsync($"shared-{499 - at}", creations: other),
        }));

        Assert.Equal(500, results.OfType<Created>().Count());
        Assert.Equal(500, results.OfType<Replayed>().Count());
    }

    private static Payout PayoutOf(CreatePayoutResult result) => result switch
    {
        Created(var payout) => payout,
        Replayed(var payout) => payout,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<CreatePayoutResult> AcceptAsync(
        string invoiceId, Func<PayoutOrder, PayoutOrder>? with = null, PayoutCreations? creations = null)
    {
        Assert.True(PublicId.TryParse(PublicId.Account, stage.AccountId, out var accountId));
        var order = new PayoutOrder
        {
            Merchant = "main",
            InvoiceId = invoiceId,
            AccountId = accountId,
            Amount = new Money(50_000, "USD"),
            ApiKey = "test",
            Owner = "test",
            Content = [],
        };
        return await (creations ?? stage.Creations).CreateAsync(
            with?.Invoke(order) ?? order, Patience.ForMany, CancellationToken.None);
    }

    private Task<PayoutDb> DbAsync() => stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
}
