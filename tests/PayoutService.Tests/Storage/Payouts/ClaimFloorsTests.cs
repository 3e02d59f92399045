using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage.Payouts;

/// <summary>A claim does not read what was claimed before it, and misses nothing for long.</summary>
public sealed class ClaimFloorsTests : IAsyncLifetime
{
    private const int Many = 2_000;

    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Claims_read_little_while_an_open_transaction_keeps_what_was_claimed()
    {
        await ManyPayouts.FillAsync(stage, Many, "queued");
        await TestDatabase.ExecuteAsync(stage.ConnectionString, "UPDATE payouts SET due_at = created_at");
        await using var source = NpgsqlDataSource.Create(stage.ConnectionString);
        await using var holder = await source.OpenConnectionAsync();
        await using var held = await holder.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await using (var look = new NpgsqlCommand("SELECT count(*) FROM payouts", holder))
        {
            await look.ExecuteScalarAsync();
        }

        var claims = Claims();
        for (var left = Many; left > 0; left -= 100)
        {
            Assert.Equal(100, (await ClaimAsync(claims)).Count);
        }

        // Of two claims that follow each other one is no full look.
        var read = Math.Min(await EntriesReadAsync(claims), await EntriesReadAsync(claims));
        var readByAll = await EntriesReadAsync(Claims());
        Assert.True(read * 10 < readByAll, $"{read} entries, and {readByAll} when it begins with the oldest");
    }

    [Fact]
    public async Task What_falls_below_the_floor_is_claimed_with_the_next_full_look()
    {
        var claims = Claims();
        var first = await stage.PayAsync();
        Assert.Contains(first, await ClaimAsync(claims));
        var late = await stage.PayAsync();
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString,
            $"UPDATE payouts SET due_at = now() - interval '1 h' WHERE invoice_id = '{late}'");

        var next = await ClaimAsync(claims);
        var passes = 1;
        while (!next.Contains(late) && passes++ < 10)
        {
            next = await ClaimAsync(claims);
        }

        Assert.Contains(late, next);
        Assert.InRange(passes, 2, 9);
    }

    [Theory]
    [InlineData("EUR")]
    [InlineData("ZAR")]
    public async Task A_currency_that_nothing_was_claimed_of_yet_waits_for_no_full_look(string currency)
    {
        var claims = Claims();
        var first = await stage.PayAsync();
        Assert.Contains(first, await ClaimAsync(claims));
        var other = await stage.PayAsync();
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString, $"UPDATE payouts SET currency = '{currency}' WHERE invoice_id = '{other}'");

        Assert.Contains(other, await ClaimAsync(claims));
    }

    private PayoutClaims Claims() => new(
        stage.Get<IDbContextFactory<PayoutDb>>(),
        stage.Rules,
        new DatabaseClock(new SlowClock(stage.Clock), stage.Rules),
        stage.Get<Witness>(),
        NullLogger<PayoutClaims>.Instance);

    private async Task<List<string>> ClaimAsync(PayoutClaims claims)
    {
        var batch = Guid.CreateVersion7(stage.Clock.GetUtcNow());
        return [.. (await claims.ClaimDueAsync([new("main", 100)], 100, batch)).Select(payout => payout.InvoiceId)];
    }

    /// <summary>The entries of the index of what is queued that one claim reads, of rows that are gone too.</summary>
    private async Task<long> EntriesReadAsync(PayoutClaims claims)
    {
        var before = await CountAsync();
        await ClaimAsync(claims);
        return await CountAsync() - before;

        async Task<long> CountAsync()
        {
            // A connection tells its statistics when it ends.
            stage.Get<NpgsqlDataSource>().Clear();
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            await using var source = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(stage.ConnectionString));
            await using var count = source.CreateCommand(
                "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'payouts_to_send'");
            return (long)(await count.ExecuteScalarAsync())!;
        }
    }

    /// <summary>A second passes whenever somebody looks: each statement takes long.</summary>
    private sealed class SlowClock(TimeProvider inner) : TimeProvider
    {
        private long looks;

        public override long TimestampFrequency => 1;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override long GetTimestamp() => Interlocked.Increment(ref looks);
    }
}
