using System.Net;
using System.Net.Http.Json;
using System.Text;
using PayoutService.Tests.Support;
using static PayoutService.Tests.Api.Batches.BatchStage;

namespace PayoutService.Tests.Api.Batches;

/// <summary>Files as people and spreadsheets make them: each fault is named by its row and its column.</summary>
public sealed class BadFileTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private const StringComparison Ordinal = StringComparison.Ordinal;
    private const string H = Header + "\n";

    private readonly BatchStage batches = new(stage);

    /// <summary>Nothing is kept of what is no table of payouts. In a file, ~ stands for a line break.</summary>
    [Theory]
    [InlineData("", "empty", null, 1)]
    [InlineData("\uFEFF", "empty", null, 1)]
    [InlineData("invoiceId,accountId,amount,currency", "empty", null, 2)]
    [InlineData("invoiceId,accountId,amount,currency~~~,,,~", "empty", null, 2)]
    [InlineData("invoiceId,accountId,currency~A,#,USD", "missing-column", "amount", 1)]
    [InlineData("\uFEFFaccountId,amount,currency~#,5.00,USD", "missing-column", "invoiceId", 1)]
    [InlineData("invoiceId,accountId,amount,currency,amount~A,#,5.00,USD,6.00", "column-twice", "amount", 1)]
    [InlineData("invoiceId,accountId,amount,currency,iban~A,#,5.00,USD,x", "unknown-column", "iban", 1)]
    [InlineData("invoiceId,accountId,Amount,currency~A,#,5.00,USD", "unknown-column", "Amount", 1)]
    [InlineData("invoiceId,accountId,amount,currency,metadata.~A,#,5.00,USD,x", "unknown-column", "metadata.", 1)]
    [InlineData("A,#,5.00,USD~B,#,6.00,USD", "unknown-column", "A", 1)]
    [InlineData("invoiceId;accountId;amount;currency~A;#;5.00;USD", "separator", null, 1)]
    [InlineData("invoiceId\taccountId\tamount\tcurrency~A\t#\t5.00\tUSD", "separator", null, 1)]
    [InlineData("{\"payouts\":[]}", "missing-column", "amount", 1)]
    public async Task A_file_that_is_no_table_of_payouts_is_refused(string file, string cause, string? column, int row)
    {
        using var answer = await batches.SendAsync(Filled(file));

        await RefusedAsync(answer, cause, column, row);
    }

    [Fact]
    public async Task A_file_in_UTF_16_without_its_mark_is_refused()
    {
        var text = Encoding.Unicode.GetBytes(Header + "\r\n" + batches.Line("utf-16"));

        using var answer = await batches.SendAsync(text);

        await RefusedAsync(answer, "encoding", null, 1);
    }

    [Fact]
    public async Task A_quote_that_opens_a_row_of_more_than_64_KiB_is_named_by_its_row()
    {
        var lines = Enumerable.Range(0, 2_000).Select(at => batches.Line($"open-{at}"));

        using var answer = await batches.SendAsync(
            $"{H}{batches.Line("open")}\n\"{string.Join('\n', lines)}\n");

        await RefusedAsync(answer, "quotes", null, 3);
    }

    [Fact]
    public async Task A_row_after_the_hundred_thousandth_is_refused()
    {
        var file = new StringBuilder(H);
        for (var at = 0; at <= 100_000; at++)
        {
            file.Append("a,b,c,d\n");
        }

        using var answer = await batches.SendAsync(file.ToString());

        await RefusedAsync(answer, "too-many-rows", null, 100_002);
    }

    [Fact]
    public async Task A_file_of_more_than_64_MiB_is_refused_and_a_JSON_body_of_more_than_16()
    {
        foreach (var (type, size) in new[] { ("text/csv", 65), ("application/json", 17) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/batches")
            {
                Content = new ByteArrayContent(new byte[size * 1024 * 1024]) { Headers = { ContentType = new(type) } },
            };
            request.Headers.ExpectContinue = true;
            using var answer = await stage.Api.SendAsync(request);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }
    }

    /// <summary>Of a row: a line break is ~, the account #, and a key of its own @.</summary>
    [Theory]
    [InlineData("@,#,5.00,USD~@b,#,5.001,USD", "validation-failed", "amount", 3)]
    [InlineData("@,#,-5.00,USD", "validation-failed", "amount", 2)]
    [InlineData("@,#,0.00,USD", "validation-failed", "amount", 2)]
    [InlineData("@,#,\"1,000.00\",USD", "validation-failed", "amount", 2)]
    [InlineData("@,#,$5,USD", "validation-failed", "amount", 2)]
    [InlineData("@,#, 5.00,USD", "validation-failed", "amount", 2)]
    [InlineData("@,#,five,USD", "validation-failed", "amount", 2)]
    [InlineData("@,#,,USD", "validation-failed", "amount", 2)]
    [InlineData(",#,5.00,USD", "validation-failed", "invoiceId", 2)]
    [InlineData("@ 1,#,5.00,USD", "validation-failed", "invoiceId", 2)]
    [InlineData("@,#,5.00,XXX", "unsupported-currency", "currency", 2)]
    [InlineData("@,#,5.00,usd", "unsupported-currency", "currency", 2)]
    [InlineData("@,#,5.00,EUR", "currency-mismatch", "currency", 2)]
    [InlineData("@,acc_01jh9m3k8r6x0t2v4w6y8z0a1b,5.00,USD", "account-not-found", "accountId", 2)]
    [InlineData("@,12345,5.00,USD", "account-not-found", "accountId", 2)]
    [InlineData("@,#,5.00,USD,a & b", "validation-failed", "description", 2)]
    [InlineData("@,#,5.00,USD,,,2030-01-01T00:00:00Z", "validation-failed", "executeAt", 2)]
    [InlineData("@,#,5.00,USD,,,2026-12-24 10:00", "validation-failed", "executeAt", 2)]
    [InlineData("@,#,5.00,USD,,,2020-01-01T00:00:00Z", "validation-failed", "executeAt", 2)]
    [InlineData("@,#,5.00", "field-count", "currency", 2)]
    [InlineData("@,#,1,000.00,USD,,,,,,", "field-count", null, 2)]
    [InlineData("@,#,5.00,USD,say \"yes\"", "quotes", null, 2)]
    [InlineData("@,#,5.00,USD,\"open", "quotes", null, 2)]
    [InlineData("@,#,5.00,USD,test", "placeholder", "description", 2)]
    [InlineData("@,#,5.00,USD,,N/A", "placeholder", "note", 2)]
    [InlineData("123456789,#,5.00,USD", "placeholder", "invoiceId", 2)]
    [InlineData("@,#,5.00,USD,,,,me@@example.com", "placeholder", "metadata.team", 2)]
    [InlineData("1.23457E+12,#,5.00,USD", "number-format", "invoiceId", 2)]
    [InlineData("00123,#,5.00,USD~00124,#,6.00,USD~125,#,7.00,USD", "leading-zeros-lost", "invoiceId", 4)]
    [InlineData("@,#,5.00,USD~@,#,5.00,USD", "duplicate-in-file", "invoiceId", 3)]
    [InlineData("@,#,5.00,USD~@b,#,5.00,USD", "paid-twice-in-file", "amount", 3)]
    public async Task A_fault_of_a_row_is_named_by_row_and_column(string rows, string cause, string? column, int row)
    {
        const string wide = "invoiceId,accountId,amount,currency,description,note,executeAt,metadata.team\n";
        var key = stage.NewKey("bad");
        var (_, account) = await stage.RegisterAsync();
        var lines = rows.Replace("@@", "§", Ordinal).Replace("@", key, Ordinal).Replace("#", account, Ordinal)
            .Replace('~', '\n').Replace('§', '@');

        // Rows that end early have the other columns all the same, but for the one that is about just that.
        var whole = cause is "field-count" or "quotes" ? lines
            : string.Join('\n', lines.Split('\n').Select(line => line + new string(',', 7 - CommasOf(line))));
        var plan = await batches.PlanAsync(cause is "field-count" && column is not null
            ? H + whole : cause is "quotes" ? $"{Header},description\n{whole}" : wide + whole);

        Assert.Contains((cause, column, row), FaultsOf(plan));
    }

    [Fact]
    public async Task A_text_that_is_not_in_UTF_8_is_named_by_row_and_column()
    {
        var file = Encoding.Latin1.GetBytes(
            $"{Header},description\n{batches.Line(stage.NewKey("utf"))},Fees\n"
            + $"{batches.Line(stage.NewKey("utf"))},Gebühr\n");

        using var answer = await batches.SendAsync(file);
        var plan = await batches.PlannedAsync(answer);

        Assert.Contains(("encoding", "description", 3), FaultsOf(plan));
        Assert.DoesNotContain(FaultsOf(plan), fault => fault.Cause is "validation-failed");
    }

    [Fact]
    public async Task A_text_with_a_NUL_is_named_by_row_and_column()
    {
        var plan = await batches.PlanAsync($"{Header},note\n{batches.Line(stage.NewKey("nul"))},a\0b\n");

        Assert.Contains(FaultsOf(plan), fault => fault is { Column: "note", Row: 2 });
    }

    [Fact]
    public async Task What_was_paid_before_is_named_by_key_by_content_and_by_payee_amount_and_day()
    {
        var (_, account) = await stage.RegisterAsync();
        string[] keys = [stage.NewKey("0777"), stage.NewKey("known"), "0004711"];
        foreach (var key in keys)
        {
            await ServiceFixture.RepeatAsync(stage.Api, "/v1/payouts", Example.Payout(account, key, "77.00"));
        }

        var same = Example.Payout(account, keys[0], "77.00");
        var plan = await batches.PlannedAsync(await stage.Api.PostAsJsonAsync("/v1/batches", new
        {
            payouts = new[]
            {
                same, Example.Payout(account, keys[1], "78.00"), Example.Payout(account, stage.NewKey("new"), "77.00"),
                Example.Payout(account, "4711", "79.00"),
            },
        }));

        (string, string?, int)[] expected =
        [
            ("paid-before", "invoiceId", 1), ("invoice-id-in-use", "invoiceId", 2), ("paid-today", "amount", 3),
            ("leading-zeros-lost", "invoiceId", 4),
        ];
        Assert.Equal(expected.Order(), FaultsOf(plan).Order());
        Assert.Equal((3, 1), (Number(plan, "errors"), Number(plan, "warnings")));
    }

    [Fact]
    public async Task What_is_wrong_in_a_JSON_body_is_named_as_the_single_call_names_it()
    {
        var good = Example.Payout(stage.AccountId, stage.NewKey("json"), "5.00");
        object[] payouts =
        [
            new Dictionary<string, object?>(good) { ["amount"] = 5 },
            new Dictionary<string, object?>(good) { ["Amount"] = "5.00" },
            "not an object",
            new Dictionary<string, object?>(good) { ["invoiceId"] = null },
            new Dictionary<string, object?>(good) { ["note"] = "x\0y" },
        ];

        var plan = await batches.PlannedAsync(await stage.Api.PostAsJsonAsync("/v1/batches", new { payouts }));

        Assert.Equal(5, Number(plan, "errors"));
        var faults = FaultsOf(plan);
        Assert.Contains(("validation-failed", "amount", 1), faults);
        Assert.Contains(("unknown-member", null, 2), faults);
        Assert.Contains(("malformed-request", null, 3), faults);
        Assert.Contains(("validation-failed", "invoiceId", 4), faults);
        Assert.Contains(("validation-failed", "note", 5), faults);
    }

    /// <summary>In a file, ~ stands for a line break of its kind.</summary>
    [Theory]
    [InlineData("\uFEFF", "\r\n", "~")]
    [InlineData("", "\n", "")]
    [InlineData("", "\r\n", "")]
    [InlineData("\uFEFF", "\n", "~~~")]
    public async Task With_or_without_byte_order_mark_and_with_either_line_break_a_file_is_read(
        string mark, string line, string end)
    {
        var key = stage.NewKey("form");
        var file = $"{mark}\"invoiceId\",amount,currency,accountId,error~"
            + $"\"{key}\",\"5.00\",USD,{stage.AccountId},x{end}";

        var plan = await batches.PlanAsync(file.Replace("~", line, Ordinal));

        Assert.Equal((1, 0), (Number(plan, "rows"), Number(plan, "errors")));
    }

    [Fact]
    public async Task The_template_is_a_header_that_is_read()
    {
        var header = await stage.Api.GetStringAsync("/v1/batches/template.csv");

        var plan = await batches.PlanAsync($"{header}{batches.Line(stage.NewKey("template"))},,,\r\n");

        Assert.Equal((1, 0), (Number(plan, "rows"), Number(plan, "errors")));
    }

    private static int CommasOf(string line)
    {
        var isQuoted = false;
        return line.Count(letter => (isQuoted ^= letter == '"') ? false : letter == ',');
    }

    private string Filled(string file) =>
        file.Replace("~", "\n", Ordinal).Replace("#", stage.AccountId, Ordinal);

    private static async Task RefusedAsync(HttpResponseMessage answer, string cause, string? column, int row)
    {
        var problem = await ServiceFixture.Answer(answer);
        Assert.True(answer.StatusCode is HttpStatusCode.BadRequest, problem.ToString());
        Assert.Equal(("unreadable-file", row), (Text(problem, "code"), Number(problem, "row")));
        Assert.Contains((cause, column), problem.GetProperty("faults").EnumerateArray().Select(fault => (
            Text(fault, "cause"), fault.TryGetProperty("column", out var name) ? name.GetString() : null)));
    }
}
