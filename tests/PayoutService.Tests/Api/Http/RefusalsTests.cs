using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Api.Http;

/// <summary>What a bad call gets: always problem+json, always a stable code, never a value that was sent.</summary>
public sealed class RefusalsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("", "malformed-request")]
    [InlineData("{\"amount\":", "malformed-request")]
    [InlineData("{\"amount\":\"5.00\",}", "malformed-request")]
    [InlineData("{'amount':'5.00'}", "malformed-request")]
    [InlineData("{} {}", "malformed-request")]
    [InlineData("\ufeff{}", "malformed-request")]
    [InlineData("null", "malformed-request")]
    [InlineData("[]", "malformed-request")]
    [InlineData("\"x\"", "malformed-request")]
    [InlineData("5", "malformed-request")]
    [InlineData("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}", "malformed-request")]
    [InlineData("{\"amount\":\"5.00\",\"amount\":\"500.00\"}", "duplicate-member")]
    [InlineData("{}", "validation-failed")]
    public async Task A_body_that_is_not_one_json_object_is_refused(string body, string code)
    {
        var answer = await stage.Api.PostAsync(
            "/v1/payouts", new StringContent(body, Encoding.UTF8, "application/json"));

        await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_document_nested_ten_thousand_deep_is_refused()
    {
        var body = new StringContent(
            "{\"a\":" + new string('[', 10_000) + new string(']', 10_000) + "}", Encoding.UTF8, "application/json");

        var answer = await stage.Api.PostAsync("/v1/payouts", body);

        await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, "malformed-request");
    }

    [Theory]
    [InlineData(new byte[] { 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d })]
    [InlineData(new byte[] { 0x7b, 0x00, 0x7d, 0x00 })]
    public async Task A_body_that_is_not_utf_8_is_refused(byte[] bytes)
    {
        var body = new ByteArrayContent(bytes);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        var answer = await stage.Api.PostAsync("/v1/payouts", body);

        await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, "malformed-request");
    }

    public static TheoryData<string, string?, string, string?> Fields => new()
    {
        // Member, the JSON it gets (null: left out), the code, the field in errors.
        { "amount", null, "validation-failed", "amount" },
        { "amount", "null", "validation-failed", "amount" },
        { "amount", "true", "validation-failed", "amount" },
        { "amount", "[]", "validation-failed", "amount" },
        { "amount", "{}", "validation-failed", "amount" },
        { "amount", "5", "validation-failed", "amount" },
        { "amount", "5.00", "validation-failed", "amount" },
        { "amount", "1e3", "validation-failed", "amount" },
        { "amount", "\"\"", "validation-failed", "amount" },
        { "amount", "\"1e3\"", "validation-failed", "amount" },
        { "amount", "\"-0.00\"", "validation-failed", "amount" },
        { "amount", "\"-5.00\"", "validation-failed", "amount" },
        { "amount", "\"0.00\"", "validation-failed", "amount" },
        { "amount", "\"+5\"", "validation-failed", "amount" },
        { "amount", "\"00500\"", "validation-failed", "amount" },
        { "amount", "\"500.\"", "validation-failed", "amount" },
        { "amount", "\" 5.00\"", "validation-failed", "amount" },
        { "amount", "\"5,00\"", "validation-failed", "amount" },
        { "amount", "\"5.001\"", "validation-failed", "amount" },
        { "amount", "\"1.2345678901234567890\"", "validation-failed", "amount" },
        { "amount", "\"5.00\\u0000\"", "validation-failed", "amount" },
        { "amount", "\"٥.٠٠\"", "validation-failed", "amount" },
        { "amount", "\"9999999999999.00\"", "validation-failed", "amount" },
        { "currency", null, "validation-failed", "currency" },
        { "currency", "\"usd\"", "unsupported-currency", "currency" },
        { "currency", "\"US\"", "unsupported-currency", "currency" },
        { "currency", "\"XXX\"", "unsupported-currency", "currency" },
        { "currency", "\"\"", "unsupported-currency", "currency" },
        { "currency", "\"ＵＳＤ\"", "unsupported-currency", "currency" },
        { "status", "\"succeeded\"", "unknown-member", null },
        { "Amount", "\"5.00\"", "unknown-member", null },
        { "ipnUrl", "\"http://169.254.169.254/\"", "unknown-member", null },
        { "$type", "\"x\"", "unknown-member", null },
        { "__proto__", "{}", "unknown-member", null },
        { "invoiceId", null, "invoice-id-required", null },
        { "invoiceId", "\"\"", "validation-failed", "invoiceId" },
        { "invoiceId", "\"a b\"", "validation-failed", "invoiceId" },
        { "invoiceId", "\"a\\n\"", "validation-failed", "invoiceId" },
        {
            "invoiceId", "\"12345678901234567890123456789012345678901234567890123456789012345\"",
            "validation-failed", "invoiceId"
        },
        { "note", "\"a&b\"", "validation-failed", "note" },
        { "note", "\"a=b\"", "validation-failed", "note" },
        { "note", "\"a\\u0000\"", "validation-failed", "note" },
        { "note", "\"a\\r\\nb\"", "validation-failed", "note" },
        { "note", "\"a\\u202eb\"", "validation-failed", "note" },
        { "note", "\"a\\u200bb\"", "validation-failed", "note" },
        { "note", "\"a\\u2028b\"", "validation-failed", "note" },
        { "note", "\" a\"", "validation-failed", "note" },
        { "note", "\"   \"", "validation-failed", "note" },
        { "note", "\"\\ud800\"", "malformed-request", null },
        { "metadata", "{\"a\":\"\\udc00\"}", "malformed-request", null },
        { "description", "5", "validation-failed", "description" },
        { "processingChannel", "\"CARRIER_PIGEON\"", "validation-failed", "processingChannel" },
        { "executeAt", "\"2027-13-01T00:00:00Z\"", "validation-failed", "executeAt" },
        { "executeAt", "\"2027-01-01T00:00:00\"", "validation-failed", "executeAt" },
        { "executeAt", "\"2027-01-01T23:59:60Z\"", "validation-failed", "executeAt" },
        { "executeAt", "\"2027-01-01T00:00:00+14:01\"", "validation-failed", "executeAt" },
        { "executeAt", "\"9999-01-01T00:00:00Z\"", "validation-failed", "executeAt" },
        { "metadata", "{\"a\":5}", "validation-failed", "metadata.a" },
        { "metadata", "{\"a\":\"\\u0000\"}", "validation-failed", "metadata" },
    };

    [Fact]
    public async Task An_id_in_a_body_that_names_nothing_is_refused_by_its_member()
    {
        var request = Example.Payout(stage.AccountId, stage.NewKey());
        request["replaces"] = "po_nonsense";

        var refused = await stage.Api.PostAsJsonAsync("/v1/payouts", request);

        await AssertRefusedAsync(refused, HttpStatusCode.UnprocessableEntity, "payout-not-found");
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_bad_member_is_refused_by_name(string member, string? json, string code, string? field)
    {
        var request = Example.Payout(stage.AccountId, stage.NewKey());
        var members = request.Where(pair => pair.Key != member)
            .Select(pair => $"\"{pair.Key}\":{JsonSerializer.Serialize(pair.Value)}")
            .Concat(json is null ? [] : [$"\"{member}\":{json}"]);

        var answer = await stage.Api.PostAsync(
            "/v1/payouts", new StringContent($"{{{string.Join(',', members)}}}", Encoding.UTF8, "application/json"));

        var problem = await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, code);
        if (field is not null)
        {
            Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/xml")]
    [InlineData("application/foo+json")]
    [InlineData("application/json; charset=foo")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task A_body_that_says_it_is_not_json_in_utf_8_is_refused(string? contentType)
    {
        var body = new ByteArrayContent("{}"u8.ToArray());
        if (contentType is not null)
        {
            body.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        var answer = await stage.Api.PostAsync("/v1/payouts", body);

        await AssertRefusedAsync(answer, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        var body = JsonContent.Create(Example.Payout(stage.AccountId, stage.NewKey()));
        body.Headers.ContentEncoding.Add("gzip");

        var answer = await stage.Api.PostAsync("/v1/payouts", body);

        await AssertRefusedAsync(answer, HttpStatusCode.UnsupportedMediaType, "unsupported-content-encoding");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_64_kib_is_refused(bool chunked)
    {
        var body = new StringContent(
            $"{{\"note\":\"{new string('a', 65 * 1024)}\"}}", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/payouts") { Content = body };
        request.Headers.TransferEncodingChunked = chunked;

        var answer = await stage.Api.SendAsync(request);

        await AssertRefusedAsync(answer, HttpStatusCode.RequestEntityTooLarge, "payload-too-large");
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("nobody", HttpStatusCode.Unauthorized, "unauthenticated")]
    [InlineData("reader-key", HttpStatusCode.Forbidden, "forbidden")]
    public async Task A_caller_without_the_right_key_is_refused(string? key, HttpStatusCode status, string code)
    {
        using var client = stage.Client(key);

        var answer = await client.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, stage.NewKey()));

        await AssertRefusedAsync(answer, status, code);
        Assert.Equal(status is HttpStatusCode.Unauthorized, answer.Headers.WwwAuthenticate.Count > 0);
    }

    [Fact]
    public async Task Two_authorization_headers_are_refused()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, stage.Api.BaseAddress!.Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "GET /v1/payouts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Authorization: Bearer dev-key\r\nAuthorization: Bearer other-key\r\n\r\n"));

        var answer = await new StreamReader(connection.GetStream()).ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("malformed-request", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bearer dev-key", HttpStatusCode.OK)]
    [InlineData("BEARER dev-key", HttpStatusCode.OK)]
    [InlineData("Bearer DEV-KEY", HttpStatusCode.Unauthorized)]
    [InlineData("Bearerdev-key", HttpStatusCode.Unauthorized)]
    public async Task The_scheme_is_accepted_in_any_letter_case_and_the_key_in_one(string header, HttpStatusCode status)
    {
        using var caller = stage.Client(null);
        caller.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        var answer = await caller.GetAsync("/v1/payouts");

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Another_merchants_account_payee_and_payout_do_not_exist_for_a_caller()
    {
        using var other = stage.Client("other-key");
        var invoiceId = await stage.PayAsync();
        var payoutId = PublicId.Of("po_", (await stage.PayoutAsync(invoiceId)).Id);

        var named = await other.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, stage.NewKey()));
        HttpResponseMessage[] answers =
        [
            await other.GetAsync($"/v1/payouts/{payoutId}"),
            await other.GetAsync($"/v1/payouts/{payoutId}/events"),
            await other.PostAsync($"/v1/payouts/{payoutId}/cancel", null),
            await other.PostAsync($"/v1/payouts/{payoutId}/refresh", null),
            await other.GetAsync($"/v1/payees/{stage.PayeeId}"),
            await other.GetAsync($"/v1/payees/{stage.PayeeId}/accounts/{stage.AccountId}"),
            await other.DeleteAsync($"/v1/payees/{stage.PayeeId}/accounts/{stage.AccountId}"),
        ];

        await AssertRefusedAsync(named, HttpStatusCode.UnprocessableEntity, "account-not-found");
        foreach (var answer in answers)
        {
            await AssertRefusedAsync(answer, HttpStatusCode.NotFound, "not-found");
        }

        Assert.Equal(PayoutStatus.Queued, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Theory]
    [InlineData("/v1/payouts/po_00000000000000000000000000")]
    [InlineData("/v1/payouts/PO_00000000000000000000000000")]
    [InlineData("/v1/payouts/po_0000000000000000000000000")]
    [InlineData("/v1/payouts/pye_00000000000000000000000000")]
    [InlineData("/v1/payouts/%2e%2e")]
    [InlineData("/v1/payouts/' OR 1=1--")]
    [InlineData("/v1/nothing")]
    [InlineData("/.git/HEAD")]
    [InlineData("/appsettings.json")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        var answer = await stage.Api.GetAsync(path);

        await AssertRefusedAsync(answer, HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_method_that_is_not_there_is_refused_with_those_that_are()
    {
        var answer = await stage.Api.PutAsJsonAsync("/v1/payouts", new { });

        await AssertRefusedAsync(answer, HttpStatusCode.MethodNotAllowed, "method-not-allowed");
        Assert.Contains("POST", answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=1000000000")]
    [InlineData("limit=abc")]
    [InlineData("cursor=forged")]
    [InlineData("cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("status=paid")]
    [InlineData("status=0")]
    [InlineData("attention=please")]
    [InlineData("createdFrom=yesterday")]
    public async Task A_list_refuses_what_it_does_not_understand(string query)
    {
        var answer = await stage.Api.GetAsync($"/v1/payouts?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task The_same_invoice_id_with_other_content_names_the_fields_and_the_payout()
    {
        var request = Example.Payout(stage.AccountId, stage.NewKey());
        await stage.Api.PostAsJsonAsync("/v1/payouts", request);
        request["amount"] = "500.01";
        request["note"] = "Another note";

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", request);

        var problem = await AssertRefusedAsync(answer, HttpStatusCode.Conflict, "invoice-id-in-use");
        Assert.Equal(
            ["amount", "note"],
            problem.GetProperty("fields").EnumerateArray().Select(field => field.GetString()));
        var linked = await stage.Api.GetAsync(problem.GetProperty("link").GetString());
        Assert.Equal(HttpStatusCode.OK, linked.StatusCode);
    }

    [Fact]
    public async Task A_sent_payout_cannot_be_canceled_and_the_answer_says_where_it_is()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        var payout = await stage.PayoutAsync(invoiceId);

        var answer = await stage.Api.PostAsync(
            $"/v1/payouts/{PublicId.Of("po_", payout.Id)}/cancel", null);

        var problem = await AssertRefusedAsync(answer, HttpStatusCode.Conflict, "not-cancellable");
        Assert.Equal("processing", problem.GetProperty("payoutStatus").GetString());
    }

    [Fact]
    public async Task An_account_in_another_currency_is_refused()
    {
        var request = Example.Payout(stage.AccountId, stage.NewKey());
        request["currency"] = "EUR";

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", request);

        await AssertRefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "currency-mismatch");
    }

    [Fact]
    public async Task A_payee_that_is_not_active_and_an_account_that_is_removed_are_not_paid()
    {
        var (payeeId, accountId) = await stage.RegisterAsync();
        await SetPayeeStatusAsync(payeeId, "Declined");
        var declined = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, stage.NewKey()));
        await SetPayeeStatusAsync(payeeId, "Activated");
        await stage.Api.DeleteAsync($"/v1/payees/{payeeId}/accounts/{accountId}");

        var removed = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, stage.NewKey()));

        await AssertRefusedAsync(declined, HttpStatusCode.UnprocessableEntity, "payee-not-active");
        await AssertRefusedAsync(removed, HttpStatusCode.UnprocessableEntity, "account-not-usable");
    }

    [Theory]
    [InlineData("email", "no-at-sign")]
    [InlineData("email", "a@localhost")]
    [InlineData("email", "a@b.com\r\nBcc: x@y.z")]
    [InlineData("dateOfBirth", "1999-02-29")]
    [InlineData("dateOfBirth", "2100-01-01")]
    [InlineData("dateOfBirth", "1850-01-01")]
    [InlineData("dateOfBirth", "01/02/1999")]
    [InlineData("dateOfBirth", "1999-01-01T00:00")]
    [InlineData("countryCode", "USA")]
    [InlineData("countryCode", "us")]
    [InlineData("phone", "call me")]
    [InlineData("phone", "+")]
    [InlineData("firstName", "")]
    [InlineData("lastName", "a=b")]
    [InlineData("customerCode", "a/b")]
    [InlineData("profileType", "ROBOT")]
    [InlineData("governmentIdType", "LIBRARY_CARD")]
    public async Task A_payee_with_a_bad_field_is_refused_by_its_name(string field, string value)
    {
        var request = Example.Payee(stage.NewKey("bad"));
        request[field] = value;

        var answer = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        var problem = await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, "validation-failed");
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("branchId", "101089293", "invalid-routing-number")]
    [InlineData("branchId", "000000000", "invalid-routing-number")]
    [InlineData("branchId", "10108929", "invalid-routing-number")]
    [InlineData("bankAccountId", "7x8", "validation-failed")]
    [InlineData("bankAccountId", "1234-5678", "validation-failed")]
    [InlineData("bankAccountPurpose", "HOLIDAYS", "validation-failed")]
    [InlineData("ipnUrl", "http://169.254.169.254/", "unknown-member")]
    [InlineData("merchantNo", "654321", "unknown-member")]
    public async Task A_bank_account_with_a_bad_detail_is_refused_and_its_number_is_not_repeated(
        string detail, string value, string code)
    {
        var request = Example.Account(stage.NewKey("bad"));
        ((Dictionary<string, string>)request["details"]!)[detail] = value;

        var answer = await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", request);

        var problem = await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, code);
        Assert.DoesNotContain(value, problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_if_match_changes_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/v1/payees/{stage.PayeeId}")
        {
            Content = JsonContent.Create(new { city = "Newtown" }),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "\"1\"");

        var answer = await stage.Api.SendAsync(request);

        await AssertRefusedAsync(answer, HttpStatusCode.PreconditionFailed, "precondition-failed");
    }

    private async Task SetPayeeStatusAsync(string payeeId, string status)
    {
        var payee = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payees/{payeeId}"));
        var customerNo = payee.GetProperty("provider").GetProperty("customerNo").GetString();
        await stage.Control.PostAsJsonAsync($"/simulator/payees/{customerNo}", new { status });
        var answer = await stage.Api.PostAsync($"/v1/payees/{payeeId}/refresh", null);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<JsonElement> AssertRefusedAsync(
        HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal($"/problems/{code}", problem.GetProperty("type").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Equal(32, problem.GetProperty("traceId").GetString()!.Length);
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("title").GetString()));
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("detail").GetString()));
        return problem;
    }
}
