using Npgsql;
using PayoutService.Refunds;
using PayoutService.Storage;
using PayoutService.Storage.Refunds;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage.Refunds;

/// <summary>Two callers with one key at the same moment.</summary>
public sealed class RefundStoreTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task Of_two_that_both_found_nothing_one_begins_and_the_other_gets_its_refund()
    {
        var order = new RefundOrder
        {
            Merchant = "main",
            RefundReference = "raced",
            Reference = "order",
            AmountMinor = 1000,
            Currency = "USD",
            SettleCurrency = "USD",
            ApiKey = "dev",
            Content = [],
        };
        await using var source = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(stage.ConnectionString));
        await using var connection = await source.OpenConnectionAsync();
        await using var barrier = await connection.BeginTransactionAsync();
        await using var shut = new NpgsqlCommand("LOCK TABLE refunds IN EXCLUSIVE MODE", connection);
        await shut.ExecuteNonQueryAsync();

        var both = Task.WhenAll(Enumerable.Range(0, 2)
            .Select(_ => stage.Get<RefundStore>().BeginAsync(order)));
        await UntilBothWaitAsync(connection);
        await barrier.CommitAsync();
        var begun = await both;

        var first = Assert.Single(begun.OfType<BeginResult<Refund>.New>());
        var second = Assert.Single(begun.OfType<BeginResult<Refund>.Replayed>());
        Assert.Equal(first.Row.Id, second.Row.Id);
    }

    private static async Task UntilBothWaitAsync(NpgsqlConnection connection)
    {
        await using var waiting = new NpgsqlCommand(
            "SELECT count(*) FROM pg_locks WHERE relation = 'refunds'::regclass AND NOT granted", connection);
        for (var tries = 0; (long)(await waiting.ExecuteScalarAsync())! < 2; tries++)
        {
            Assert.True(tries < 500, "Both should wait by now.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
