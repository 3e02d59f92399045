using System.Net;
using System.Net.Http.Json;
using CsvHelper;
using PayoutService.Events;
using PayoutService.Storage;
using PayoutService.Tests.Support;
using PayoutService.UseCases;

namespace PayoutService.Tests.Ops;

/// <summary>Lists as CSV files.</summary>
[Trait("Run", "Long")]
public sealed class DownloadTests : OpsTests
{
    [Fact]
    public async Task A_file_has_what_the_page_lists_and_a_total_of_each_currency()
    {
        var held = await Stage.PayAsync("500.08");
        await Stage.DispatchAsync();
        await Stage.PayAsync("1.50");
        await Stage.PayAsync("2.25");

        var all = await RowsAsync("/ops/payouts.csv");
        var queued = await RowsAsync("/ops/payouts.csv?q=status:queued");
        var page = await Browser.OpenAsync("/ops/payouts?q=status:queued");

        Assert.Contains("/ops/payouts.csv?q=status%3Aqueued", page.Links);
        Assert.Equal(["payout", "payout", "payout", "total"], all.Select(row => row["record"]));
        Assert.Equal(held, all[2]["invoiceId"]);
        Assert.Equal(("3", "503.83", "USD", "0.00"), Total(all[3]));
        Assert.Equal(["2.25", "1.50"], queued.SkipLast(1).Select(row => row["amount"]));
        Assert.Equal(("2", "3.75", "USD", "0.00"), Total(queued[^1]));
        Assert.All(queued.SkipLast(1), row => Assert.Contains($"/ops/payouts/{row["id"]}", page.Links));
        Assert.Equal(["total"], (await RowsAsync("/ops/payouts.csv?q=status:returned")).Select(row => row["record"]));
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\tx")]
    [InlineData("\rx")]
    public async Task A_text_that_a_spreadsheet_would_run_gets_an_apostrophe(string text)
    {
        await Stage.PayAsync();
        await DescribeAsync(text);

        var row = (await RowsAsync("/ops/payouts.csv"))[0];

        Assert.Equal($"'{text}", row["description"]);
    }

    [Fact]
    public async Task Commas_quotes_and_lines_in_a_text_stay_in_one_field_and_lines_end_with_CR_LF()
    {
        await Stage.PayAsync();
        await DescribeAsync("a,b \"c\"\nd; é");

        var file = await Browser.Http.GetAsync("/ops/payouts.csv");
        var text = await file.Content.ReadAsStringAsync();

        Assert.Equal("text/csv; charset=utf-8", file.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment", file.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Matches("^payouts-main-[0-9]{8}T[0-9]{6}Z.csv$", file.Content.Headers.ContentDisposition?.FileName);
        Assert.Contains(",\"a,b \"\"c\"\"\nd; é\",", text, Ordinal);
        Assert.Equal(3, text.Split("\r\n").Count(line => line.Length > 0));
        Assert.Equal("a,b \"c\"\nd; é", (await RowsAsync("/ops/payouts.csv"))[0]["description"]);
    }

    [Fact]
    public async Task A_search_that_is_no_list_is_refused()
    {
        var unknown = await Browser.OpenAsync("/ops/payouts.csv?q=colour:red");
        var id = await Browser.OpenAsync("/ops/payouts.csv?q=inv-1");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (unknown.Status, id.Status));
        Assert.Contains("colour:red", unknown.Text, Ordinal);
    }

    [Fact]
    public async Task Payees_notices_deliveries_and_acts_are_files_too()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var deliverer = Stage.Make<Deliverer>();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var made = await ServiceFixture.Answer(
            await Stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = subscriber.Url }));
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromMinutes(1));
        await Stage.WhenAsync(invoiceId, payout => payout.ConfirmedBy is not null);
        await DeliverAsync(deliverer);

        var payees = await RowsAsync("/ops/payees.csv");
        var notices = await RowsAsync("/ops/notices.csv");
        var deliveries = await RowsAsync($"/ops/deliveries.csv?endpoint={made.GetProperty("id").GetString()}");
        var acts = await RowsAsync("/ops/audit.csv");

        Assert.Equal(Stage.PayeeId, payees[0]["id"]);
        Assert.DoesNotContain(payees, row => row.Values.Any(value => value.Contains("example.com", Ordinal)));
        Assert.Equal(invoiceId, notices[0]["invoiceId"]);
        Assert.Contains(deliveries, row => (row["type"], row["status"]) == ("payout.confirmed", "delivered"));
        Assert.Equal(("loggedIn", "ops-key"), (acts[0]["action"], acts[0]["actor"]));
        Assert.All(
            new[] { payees, notices, deliveries, acts },
            rows => Assert.Equal(("total", $"{rows.Count - 1}"), (rows[^1]["record"], rows[^1]["count"])));
    }

    [Fact]
    public async Task A_list_without_rows_has_a_total_too()
    {
        using var other = await OpsStage.LogInAsync(Stage, "other-ops-key");

        var notices = await RowsAsync("/ops/notices.csv");
        var payees = await RowsAsync("/ops/payees.csv", other);

        Assert.Equal(("total", "0"), (notices.Single()["record"], notices.Single()["count"]));
        Assert.Equal(("total", "0"), (payees.Single()["record"], payees.Single()["count"]));
    }

    [Fact]
    public async Task A_third_list_at_once_is_refused_with_a_page()
    {
        var searches = Stage.Get<Searches>();
        await using var one = searches.AllAsync<string>(last => Task.FromResult<List<string>>(["row"]), default)
            .GetAsyncEnumerator();
        await using var two = searches.AllAsync<string>(last => Task.FromResult<List<string>>(["row"]), default)
            .GetAsyncEnumerator();
        await one.MoveNextAsync();
        await two.MoveNextAsync();

        var third = await Browser.OpenAsync("/ops/payouts.csv");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, third.Status);
        Assert.Contains("The search took too long.", third.Text, Ordinal);
    }

    [Fact]
    public async Task Notices_of_one_instant_are_all_in_the_file_though_a_part_ends_among_them()
    {
        await TestDatabase.ExecuteAsync(Stage.ConnectionString, """
            INSERT INTO notices (merchant, hash, invoice_id, text, received_at)
            SELECT 'main', sha256(number::text::bytea), 'inv-' || number, '{}', now()
            FROM generate_series(1, 4500) AS number
            """);

        var notices = await RowsAsync("/ops/notices.csv");

        Assert.Equal(4500, notices.SkipLast(1).Select(row => row["invoiceId"]).Distinct().Count());
    }

    [Fact]
    public async Task A_search_without_an_index_goes_on_below_the_payouts_that_one_page_reads()
    {
        await ManyPayouts.FillAsync(Stage, SearchPayouts.MostRead + 2_500, "succeeded");
        await TestDatabase.ExecuteAsync(Stage.ConnectionString, $"""
            UPDATE payouts SET amount_minor = 777777 WHERE invoice_id IN (
                'many-1', 'many-{SearchPayouts.MostRead}', 'many-{SearchPayouts.MostRead + 1}',
                'many-{SearchPayouts.MostRead + 2}', 'many-{SearchPayouts.MostRead + 2_500}');
            UPDATE payouts SET amount_minor = 888888 WHERE invoice_id = 'many-{SearchPayouts.MostRead}'
            """);

        var rows = await RowsAsync("/ops/payouts.csv?q=amount:>7000");

        // What there was before is the newest, so this one is the last that is read, and the only one that is found.
        var last = await RowsAsync("/ops/payouts.csv?q=amount:>8000");

        Assert.Equal(("5", "39999.96", "USD", "0.00"), Total(rows[^1]));
        Assert.Equal(("1", "8888.88", "USD", "0.00"), Total(last[^1]));
    }

    private static (string Count, string Amount, string Currency, string Fee) Total(Dictionary<string, string> row) =>
        (row["count"], row["amount"], row["currency"], row["fee"]);

    private async Task DescribeAsync(string text)
    {
        await TestDatabase.ExecuteAsync(Stage.ConnectionString, $"""
            UPDATE payouts SET description = convert_from('\x{Convert.ToHexString(
                System.Text.Encoding.UTF8.GetBytes(text))}', 'UTF8')
            """);
    }

    private async Task<List<Dictionary<string, string>>> RowsAsync(string path, Operator? browser = null)
    {
        using var answer = await (browser ?? Browser).Http.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        using var reader = CsvReader.Create(new StringReader(text));
        List<Dictionary<string, string>> rows = [];
        while (reader.Read())
        {
            rows.Add(Enumerable.Range(0, reader.Headers.Count).ToDictionary(
                at => reader.Headers[at], at => reader.GetString(at)));
        }

        return rows;
    }
}
