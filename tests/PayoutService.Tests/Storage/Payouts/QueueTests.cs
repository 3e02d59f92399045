using System.Net;
using System.Net.Http.Json;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Storage.Payouts;

/// <summary>One stuck thing holds up nothing else: blocked queues, searches, forged notices, a clock that is off.
/// </summary>
[Trait("Run", "Long")]
public sealed class QueueTests : IAsyncLifetime
{
    private const int Many = 5_000;

    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_blocked_currency_costs_the_others_nothing()
    {
        await ManyPayouts.FillAsync(stage, Many, "queued");
        await SetAsync("holds = 1, status = 'held', hold_reason = 'balance', due_at = now() + interval '1 day'",
            "invoice_id = 'many-1'");
        await SetAsync("currency = 'EUR'", "invoice_id = 'many-2'");

        var claimed = await ClaimAsync();

        Assert.Equal("many-2", Assert.Single(claimed).InvoiceId);
        Assert.True(await RowsReadAsync(() => ClaimAsync()) < 1_000);
    }

    [Fact]
    public async Task A_doubted_payout_leaves_the_line_and_what_is_behind_another_names_it()
    {
        await stage.Control.PostAsJsonAsync("/simulator/balance", new { currency = "USD", amount = 100 });
        var first = await stage.PayAsync("500.00");
        await stage.DispatchAsync();
        var second = await stage.PayAsync("600.00");
        var third = await stage.PayAsync("1.00");
        await stage.RunAsync(TimeSpan.FromHours(2));
        var blocked = await ExplainAsync(third);
        var notPaid = (await stage.PayoutAsync(third)).Status;
        await SetAsync("attention = 'mismatch'", $"invoice_id = '{first}'");
        await stage.RunAsync(TimeSpan.FromHours(2));

        var blocker = blocked.GetProperty("blockedBy");
        Assert.Equal(("payout", first, 2), (Text(blocker, "kind"), Text(blocker, "by"),
            blocker.GetProperty("ahead").GetInt32()));
        Assert.Equal($"/v1/payouts/{PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(first)).Id)}",
            Text(blocker, "link"));
        Assert.Equal(("behind", true), (Text(blocked, "cause"), blocked.GetProperty("overdue").GetBoolean()));
        Assert.Equal(PayoutStatus.Queued, notPaid);
        Assert.Equal(PayoutStatus.Held, (await stage.PayoutAsync(second)).Status);
        Assert.Equal(MoneyMoved.Yes, (await stage.PayoutAsync(third)).MoneyMoved);
    }

    [Fact]
    public async Task Questions_are_claimed_by_an_index_under_a_backlog()
    {
        await ManyPayouts.FillAsync(stage, Many, "processing");

        var read = await RowsReadAsync(async () =>
            Assert.Equal(100, (await stage.Claims.ClaimInquiriesAsync(
                [new("main", 100)], 100)).Count));

        Assert.True(read < 2_000, $"{read}");
    }

    [Theory]
    [InlineData("status=failed")]
    [InlineData("status=held")]
    [InlineData("createdFrom=2020-01-01T00:00:00Z&createdTo=2020-01-02T00:00:00Z")]
    public async Task A_search_reads_what_it_finds_and_not_the_history(string query)
    {
        await ManyPayouts.FillAsync(stage, Many, "succeeded");

        var read = await RowsReadAsync(() => stage.Api.GetAsync($"/v1/payouts?{query}"));

        Assert.True(read < 1_000, $"{read}");
    }

    [Fact]
    public async Task A_window_of_time_finds_what_was_made_in_it_to_the_millisecond()
    {
        var invoiceId = await stage.PayAsync();
        var payout = await stage.PayoutAsync(invoiceId);
        var at = payout.CreatedAt;

        async Task<int> CountAsync(DateTimeOffset from, DateTimeOffset to) => (await ServiceFixture.Answer(
            await stage.Api.GetAsync($"/v1/payouts?createdFrom={Uri.EscapeDataString($"{from:O}")}"
                + $"&createdTo={Uri.EscapeDataString($"{to:O}")}"))).GetProperty("data").GetArrayLength();

        Assert.Equal(1, await CountAsync(at, at.AddTicks(10)));
        Assert.Equal(0, await CountAsync(at.AddMinutes(-1), at));
        Assert.Equal(0, await CountAsync(at.AddTicks(10), at.AddMinutes(1)));
        Assert.Equal(1, await CountAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddSeconds(-1)));
    }

    [Fact]
    public async Task Searches_that_take_too_long_are_told_so_and_leave_connections_to_others()
    {
        await using var locked = await TestDatabase.LockPayoutsAsync(stage.ConnectionString);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(_ => stage.Api.GetAsync("/v1/payouts?status=failed")));
        await using var source = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(stage.ConnectionString));
        await using var free = await source.OpenConnectionAsync();
        await using var busy = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            + "AND application_name = 'payout-service' AND wait_event_type = 'Lock'", free);
        var waiting = (long)(await busy.ExecuteScalarAsync())!;
        await locked.DisposeAsync();

        foreach (var answer in answers)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("search-too-long", Text(await ServiceFixture.Answer(answer), "code"));
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        Assert.True(waiting <= 4, $"{waiting}");
    }

    [Fact]
    public async Task Asking_now_waits_for_nobody_who_keeps_the_row()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        await using var source = NpgsqlDataSource.Create(await TestDatabase.AsOwnerAsync(stage.ConnectionString));
        await using var connection = await source.OpenConnectionAsync();
        await using var locking = await connection.BeginTransactionAsync();
        await using var keep = new NpgsqlCommand(
            $"SELECT FROM payouts WHERE invoice_id = '{invoiceId}' FOR UPDATE", connection);
        await keep.ExecuteNonQueryAsync();
        var before = (await stage.PayoutAsync(invoiceId)).DueAt;

        await stage.Store.InquireNowAsync("main", invoiceId);
        var during = (await stage.PayoutAsync(invoiceId)).DueAt;
        await locking.RollbackAsync();
        await stage.Store.InquireNowAsync("main", invoiceId);

        Assert.Equal(before, during);
        Assert.True((await stage.PayoutAsync(invoiceId)).DueAt < before);
    }

    [Fact]
    public async Task A_process_whose_clock_is_ahead_writes_down_the_databases_time_and_sends_nothing()
    {
        var ahead = new ServiceFixture().With("Payouts:MaxClockSkew", "00:00:30");
        await ahead.InitializeAsync();
        await ahead.AdvanceAsync(TimeSpan.FromHours(23));
        await ahead.Watch.RunOnceAsync(CancellationToken.None);

        var payout = await ahead.PayoutAsync(await ahead.PayAsync());
        await ahead.DispatchAsync();

        Assert.InRange(payout.DueAt!.Value, TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow().AddMinutes(1));
        Assert.Equal(PayoutStatus.Queued, (await ahead.PayoutAsync(payout.InvoiceId)).Status);
        await ahead.DisposeAsync();
    }

    private static string? Text(System.Text.Json.JsonElement element, string name) =>
        element.GetProperty(name).GetString();

    private async Task<System.Text.Json.JsonElement> ExplainAsync(string invoiceId)
    {
        var link = $"/v1/payouts/{PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id)}";
        return (await ServiceFixture.Answer(await stage.Api.GetAsync(link))).GetProperty("explain");
    }

    private Task<List<Payout>> ClaimAsync() =>
        stage.Claims.ClaimDueAsync([new("main", 100)], 100, Guid.CreateVersion7(stage.Clock.GetUtcNow()));

    private Task SetAsync(string what, string which) =>
        TestDatabase.ExecuteAsync(stage.ConnectionString, $"UPDATE payouts SET {what} WHERE {which}");

    /// <summary>The number of rows of payouts something reads, by index or not.</summary>
    private async Task<long> RowsReadAsync(Func<Task> work)
    {
        var before = await stage.RowsReadAsync();
        await work();
        return await stage.RowsReadAsync() - before;
    }
}
