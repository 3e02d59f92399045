using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Events;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Reports;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using PayoutService.Views;
using Xunit.Abstractions;

namespace PayoutService.Tests.Storage.Reports;

/// <summary>Once the feed is read, what is counted is what the rows of payouts sum up to.</summary>
public sealed class PayoutCountsTests(PayoutCountsTests.LivedService service, ITestOutputHelper output)
    : IClassFixture<PayoutCountsTests.LivedService>
{
    private readonly ServiceFixture stage = service.Stage;

    private string EveryDay => Since(-300);

    [Fact]
    public async Task Payouts_of_many_lives_are_counted_as_their_rows_are()
    {
        await ReadAllAsync();

        var counts = await CountsAsync();
        Assert.Equal(await SumsOfRowsAsync(), counts);
        Assert.True(counts.Keys.Select(key => key.Status).Distinct().Count() >= 4, "Too few statuses to prove much.");
    }

    [Fact]
    public async Task A_line_that_is_committed_after_later_ones_is_counted_when_it_is_there()
    {
        var invoiceId = await stage.PayAsync("3.00");
        var payout = await stage.PayoutAsync(invoiceId);
        await ReadAllAsync();
        await using var source = NpgsqlDataSource.Create(stage.ConnectionString);
        await using var open = await source.OpenConnectionAsync();
        await using var transaction = await open.BeginTransactionAsync();
        await using var late = new NpgsqlCommand($"""
            INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail)
            SELECT payout_id, 2, at, actor, 'canceled', 'queued', 'canceled', detail FROM payout_events
            WHERE payout_id = '{payout.Id}';
            UPDATE payouts SET version = 2, status = 'canceled', due_at = NULL WHERE id = '{payout.Id}'
            """, open, transaction);
        await late.ExecuteNonQueryAsync();
        await stage.PayAsync("4.00");
        await ReadAllAsync();
        var before = await CountsAsync();

        await transaction.CommitAsync();
        await ReadAllAsync();

        Assert.Equal(await SumsOfRowsAsync(), await CountsAsync());
        Assert.NotEqual(before, await CountsAsync());
    }

    /// <summary>As after a start on a database that counted nothing yet, or after an older replica made the feeds.
    /// </summary>
    [Fact]
    public async Task What_was_in_the_feeds_before_it_is_counted_comes_to_it_later()
    {
        await ReadAllAsync();
        var before = await CountsAsync();
        await TestDatabase.ExecuteAsync(stage.ConnectionString, """
            TRUNCATE payout_counts, payout_times; UPDATE feed_progress SET counted_no = 0
            """);
        var behind = (await ReportAsync(EveryDay)).GetProperty("behind").GetInt32();
        await stage.PayAsync("5.00");

        await ReadAllAsync();

        Assert.True(behind > 10, $"{behind} behind");
        Assert.Equal(await SumsOfRowsAsync(), await CountsAsync());
        Assert.NotEqual(before, await CountsAsync());
        Assert.Equal(0, (await ReportAsync(EveryDay)).GetProperty("behind").GetInt32());
    }

    [Fact]
    public async Task A_hundred_thousand_payouts_in_many_states_sum_up_to_the_minor_unit()
    {
        var count = Proof.IsFull ? 100_000 : 10_000;
        var one = await stage.PayAsync("7.00");
        await ReadAllAsync();
        await PlantAsync(one, count);

        var watch = Stopwatch.StartNew();
        await ReadAllAsync();
        watch.Stop();

        var rows = await SumsOfRowsAsync();
        Assert.Equal(rows, await CountsAsync());
        var report = await ReportAsync($"{EveryDay}&by=currency");
        Assert.Equal(
            rows.GroupBy(pair => pair.Key.Currency).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, group.Sum(pair => pair.Value.Count), Amount(group.Key, group.Sum(
                    pair => pair.Value.Amount)), Amount(group.Key, group.Sum(pair => pair.Value.Fee)))),
            report.GetProperty("data").EnumerateArray().Select(line => (
                line.GetProperty("currency").GetString()!, line.GetProperty("count").GetInt64(),
                line.GetProperty("amount").GetString()!, line.GetProperty("fees").GetString()!)));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count:N0} payouts in {rows.Count:N0} cells, counted in {watch.Elapsed.TotalSeconds:N1} s"));
    }

    [Fact]
    public async Task Times_to_final_are_at_most_a_fifth_longer_than_they_were()
    {
        await ReadAllAsync();

        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var took = await (
            from line in db.PayoutEvents
            join payout in db.Payouts on line.PayoutId equals payout.Id
            where line.Kind == EventKind.Confirmed
            where !payout.InvoiceId.StartsWith("planted-")
            select line.At - payout.CreatedAt).ToListAsync();
        var report = await ReportAsync($"{Since(-30)}&by=currency");
        var told = report.GetProperty("data").EnumerateArray().Single(
            line => line.GetProperty("currency").GetString() == "USD").GetProperty("timeToFinal");

        Assert.Equal(took.Count, told.GetProperty("count").GetInt64());
        AssertNear(took, 0.5, told.GetProperty("p50Seconds").GetInt32());
        AssertNear(took, 0.95, told.GetProperty("p95Seconds").GetInt32());
    }

    [Fact]
    public async Task Requests_to_endpoints_are_counted_by_outcome()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var deliverer = stage.Make<Deliverer>();
        await ReadAllAsync();
        await stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = subscriber.Url });
        await stage.PayAsync("8.00");
        await ReadAllAsync();
        await deliverer.RunOnceAsync(CancellationToken.None);
        await deliverer.WhenIdleAsync();

        var counts = await stage.Get<VolumeStore>().DeliveriesAsync(["main"], DateOnly.MinValue);

        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        Assert.Equal(DeliveryOutcome.Delivered, Assert.Single(counts).Outcome);
        Assert.Equal(await db.DeliveryAttempts.LongCountAsync(), counts[0].Count);
    }

    [Theory]
    [InlineData("from=2026-11-01&to=2026-11-01", "to")]
    [InlineData("from=2025-01-01&to=2026-11-01", "to")]
    [InlineData("from=yesterday", "from")]
    [InlineData("by=colour", "by")]
    [InlineData("by=day,day", "by")]
    [InlineData("format=xml", "format")]
    public async Task A_report_that_cannot_be_made_is_refused(string query, string field)
    {
        var answer = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/reports/payouts?{query}"));

        Assert.Equal(400, answer.GetProperty("status").GetInt32());
        Assert.True(answer.GetProperty("errors").TryGetProperty(field, out _), $"{answer}");
    }

    [Fact]
    public async Task By_Accept_or_format_the_report_is_a_file_with_totals()
    {
        await stage.PayAsync("9.00");
        await ReadAllAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{EveryDay}&by=status");
        request.Headers.Add("Accept", "text/csv");

        var accepted = await stage.Api.SendAsync(request);
        var named = await stage.Api.GetAsync($"{EveryDay}&by=status&format=csv");

        var lines = (await accepted.Content.ReadAsStringAsync()).Split("\r\n");
        var report = await ReportAsync($"{EveryDay}&by=currency");
        var total = report.GetProperty("data")[0];
        Assert.Equal("text/csv", accepted.Content.Headers.ContentType?.MediaType);
        Assert.Equal(await named.Content.ReadAsStringAsync(), string.Join("\r\n", lines));
        Assert.StartsWith("record,day,currency,status,rail,count,amount,movedYes,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith(
            $"total,,USD,,,{total.GetProperty("count")},{total.GetProperty("amount").GetString()},",
            lines.Last(line => line.StartsWith("total,,USD", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>A report of the days from one before today until a month after it.</summary>
    private string Since(int days) => string.Create(
        CultureInfo.InvariantCulture,
        $"/v1/reports/payouts?from={stage.Clock.GetUtcNow().AddDays(days):yyyy-MM-dd}"
        + $"&to={stage.Clock.GetUtcNow().AddDays(30):yyyy-MM-dd}");

    private static void AssertNear(List<TimeSpan> took, double share, int seconds)
    {
        var exact = took.Order().ElementAt((int)Math.Ceiling(took.Count * share) - 1).TotalSeconds;
        Assert.InRange(seconds, exact, Math.Max(1, (exact * 1.19) + 1));
    }

    private static string Amount(string currency, decimal minor) => currency switch
    {
        "JPY" => minor.ToString(CultureInfo.InvariantCulture),
        "KWD" => (minor / 1000).ToString("F3", CultureInfo.InvariantCulture),
        _ => (minor / 100).ToString("F2", CultureInfo.InvariantCulture),
    };

    private async Task ReadAllAsync()
    {
        while (await stage.FeedWriter.RunOnceAsync(CancellationToken.None))
        {
        }

        // What was in a gap is taken by the next pass.
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
    }

    private async Task<JsonElement> ReportAsync(string path) =>
        await ServiceFixture.Answer((await stage.Api.GetAsync(path)).EnsureSuccessStatusCode());

    private async Task<Dictionary<Key, Sums>> CountsAsync()
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.PayoutCounts.AsNoTracking().Where(row => row.Count != 0).ToDictionaryAsync(
            row => new Key(row.Merchant, row.Day, row.Currency, row.Rail, row.Status, row.MoneyMoved),
            row => new Sums(row.Count, row.AmountMinor, row.FeeCount, row.FeeMinor));
    }

    private async Task<Dictionary<Key, Sums>> SumsOfRowsAsync()
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var rows = await (
            from payout in db.Payouts
            join account in db.Accounts on payout.AccountId equals account.Id
            select new { Payout = payout, account.AccountType }).AsNoTracking().ToListAsync();
        return rows.GroupBy(row => new Key(
            row.Payout.Merchant,
            DateOnly.FromDateTime(row.Payout.CreatedAt.UtcDateTime),
            row.Payout.Currency,
            row.AccountType,
            row.Payout.Status,
            row.Payout.MoneyMoved)).ToDictionary(
                group => group.Key,
                group => new Sums(
                    group.Count(),
                    group.Sum(row => (decimal)row.Payout.AmountMinor),
                    group.Count(row => row.Payout.FeeMinor is not null),
                    group.Sum(row => (decimal)(row.Payout.FeeMinor ?? 0))));
    }

    /// <summary>Writes payouts in many states past the service, with three lines of history each but for the queued.
    /// </summary>
    private async Task PlantAsync(string one, int count) => await TestDatabase.ExecuteAsync(stage.ConnectionString, $"""
        WITH added AS (
            INSERT INTO accounts
            SELECT made.* FROM accounts CROSS JOIN unnest(ARRAY['PAYPAL', 'VENMO']) AS type (kind)
            CROSS JOIN LATERAL jsonb_populate_record(accounts, jsonb_build_object(
                'id', gen_random_uuid(), 'account_type', kind, 'account_tag', kind, 'account_token', NULL,
                'status', 'removed')) AS made
            WHERE accounts.id = (SELECT account_id FROM payouts WHERE invoice_id = '{one}')
            RETURNING *)
        INSERT INTO history (merchant, kind, id, version, at, actor, what, from_status, to_status, members)
        SELECT added.merchant, 'account', added.id, added.version, at, actor, what, from_status, to_status, members
        FROM added CROSS JOIN LATERAL (
            SELECT * FROM history WHERE kind = 'account' AND history.merchant = added.merchant
            ORDER BY history.version LIMIT 1) AS line;
        INSERT INTO payouts
        SELECT made.*
        FROM payouts CROSS JOIN generate_series(1, {count}) AS number
        CROSS JOIN LATERAL (SELECT
            (ARRAY['queued', 'held', 'unconfirmed', 'processing', 'succeeded', 'failed', 'returned', 'canceled'])
                [1 + number % 8] AS word, number % 3 = 0 AS is_confirmed,
            1 + (number::bigint * 7919) % 1000000 AS minor) AS state
        CROSS JOIN LATERAL jsonb_populate_record(payouts, jsonb_build_object(
            'id', gen_random_uuid(), 'invoice_id', 'planted-' || number, 'status', word,
            'hold_reason', CASE WHEN word = 'held' THEN 'balance' END,
            'attention', (ARRAY[NULL, NULL, NULL, 'contradiction', 'mismatch', 'slow'])[1 + number % 6],
            'confirmed_by', CASE WHEN is_confirmed AND word IN ('succeeded', 'failed', 'returned')
                THEN (ARRAY['inquiry', 'operator'])[1 + number % 2] END,
            'currency', (ARRAY['USD', 'JPY', 'KWD'])[1 + number % 3], 'amount_minor', minor,
            'fee_minor', CASE WHEN number % 5 = 0 THEN minor / 10 END,
            'account_id', (SELECT id FROM accounts ORDER BY account_type LIMIT 1 OFFSET number % 3),
            'version', CASE WHEN word = 'queued' THEN 1 ELSE 3 END,
            'due_at', '2100-01-01T00:00:00Z', 'open_sends', ARRAY[]::integer[],
            'created_at', timestamptz '{stage.Clock.GetUtcNow().AddDays(-200):O}' + number * interval '61 s')) AS made
        WHERE payouts.invoice_id = '{one}';
        INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail, attention,
            fee_minor)
        SELECT id, 1, created_at, 'dev', 'accepted', NULL, 'queued', jsonb_build_object(),
            CASE WHEN version = 1 THEN attention END, CASE WHEN version = 1 THEN fee_minor END
        FROM payouts WHERE invoice_id LIKE 'planted-%';
        INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail)
        SELECT id, 2, created_at + interval '5 s', 'worker', 'reported', 'queued', 'processing', jsonb_build_object()
        FROM payouts WHERE invoice_id LIKE 'planted-%' AND version = 3;
        INSERT INTO payout_events (payout_id, version, at, actor, kind, from_status, to_status, detail, hold_reason,
            attention, confirmed_by, fee_minor)
        SELECT id, 3, created_at + interval '90 s', 'worker', 'reported', 'processing', status, jsonb_build_object(),
            hold_reason, attention, confirmed_by, fee_minor
        FROM payouts WHERE invoice_id LIKE 'planted-%' AND version = 3;
        ANALYZE payouts, payout_events
        """);

    /// <summary>A service with payouts that are paid, refused, held, canceled, of unknown outcome and still open.
    /// </summary>
    public sealed class LivedService : IAsyncLifetime
    {
        public ServiceFixture Stage { get; } = new();

        public async Task InitializeAsync()
        {
            await Stage.InitializeAsync();
            foreach (var amount in new[] { "500.00", "501.00", "500.04", "500.06", "500.08", "502.00" })
            {
                await Stage.PayAsync(amount);
            }

            await Stage.RunAsync(TimeSpan.FromHours(2));
            await Stage.PayAsync("2.00");
            await Stage.PayAsync("2.50", Stage.Clock.GetUtcNow().AddDays(2));
            var canceled = await Stage.PayoutAsync(await Stage.PayAsync("1.00"));
            await Stage.Api.PostAsync(PayoutView.Link(canceled) + "/cancel", null);
        }

        public Task DisposeAsync() => Stage.DisposeAsync();
    }

    private sealed record Key(
        string Merchant, DateOnly Day, string Currency, string Rail, PayoutStatus Status, MoneyMoved MoneyMoved);

    private sealed record Sums(long Count, decimal Amount, long FeeCount, decimal Fee);
}
