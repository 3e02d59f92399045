using System.Net;
using System.Net.Http.Json;
using System.Text;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Wire;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Pockyt.Notices;

/// <summary>What moves a payout when it is posted to its address, and what does not.</summary>
public sealed class NoticeEndpointTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private const string Token = "17cfc0170ef1c017b4a929d233d6e65e";

    [Theory]
    [InlineData("application/json", "success", PayoutStatus.Succeeded)]
    [InlineData("application/x-www-form-urlencoded", "success", PayoutStatus.Succeeded)]
    [InlineData("application/json", "SUCCESS", PayoutStatus.Succeeded)]
    [InlineData("text/plain", "failed", PayoutStatus.Failed)]
    [InlineData(null, "returned", PayoutStatus.Returned)]
    [InlineData("application/json; charset=UTF-8", "PROCESSING", PayoutStatus.Processing)]
    public async Task A_genuine_notice_is_acknowledged_kept_and_believed_until_an_inquiry_confirms_it(
        string? contentType, string word, PayoutStatus status)
    {
        var payout = await ProcessingAsync();

        var answer = await PostAsync(payout, Notice(payout, word), contentType);

        Assert.Equal((HttpStatusCode.OK, "success", "text/plain"), await Read(answer));
        var after = await stage.PayoutAsync(payout.InvoiceId);
        Assert.Equal((status, null), (after.Status, after.ConfirmedBy));
        Assert.Single(await stage.NoticesAsync(payout.InvoiceId));
    }

    [Fact]
    public async Task The_same_notice_eight_times_is_one_row_and_one_event()
    {
        var payout = await ProcessingAsync();

        for (var time = 0; time < 8; time++)
        {
            var answer = await PostAsync(payout, Notice(payout, "success"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Single(await stage.NoticesAsync(payout.InvoiceId));
        Assert.Single(await stage.EventsAsync(payout.InvoiceId), happened => happened.To is PayoutStatus.Succeeded);
    }

    [Fact]
    public async Task News_that_comes_too_late_changes_nothing()
    {
        var payout = await ProcessingAsync();
        await PostAsync(payout, Notice(payout, "success"));
        var before = await stage.PayoutAsync(payout.InvoiceId);

        var answer = await PostAsync(payout, Notice(payout, "pending"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(before.Version, (await stage.PayoutAsync(payout.InvoiceId)).Version);
    }

    [Theory]
    [InlineData("success", "returned", PayoutStatus.Returned, null)]
    [InlineData("success", "failed", PayoutStatus.Succeeded, Attention.Contradiction)]
    [InlineData("failed", "success", PayoutStatus.Failed, Attention.Contradiction)]
    [InlineData("failed", "returned", PayoutStatus.Returned, Attention.Contradiction)]
    public async Task A_second_final_notice_moves_only_what_can_be_true_after_the_first(
        string first, string second, PayoutStatus status, Attention? attention)
    {
        var payout = await ProcessingAsync();
        await PostAsync(payout, Notice(payout, first));

        await PostAsync(payout, Notice(payout, second));

        var after = await stage.PayoutAsync(payout.InvoiceId);
        Assert.Equal((status, attention), (after.Status, after.Attention));
        Assert.Equal(MoneyMoved.Unknown, after.MoneyMoved);
    }

    [Theory]
    [InlineData("queued")]
    [InlineData("canceled")]
    public async Task A_notice_for_a_payout_that_was_never_sent_is_a_contradiction_and_it_is_never_sent(string status)
    {
        var invoiceId = await stage.PayAsync();
        if (status is "canceled")
        {
            var id = PublicId.Of(
                PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id);
            await stage.Api.PostAsync($"/v1/payouts/{id}/cancel", null);
        }

        var payout = await stage.PayoutAsync(invoiceId);

        await PostAsync(payout, Notice(payout, "success"));

        await stage.DispatchAsync();
        var after = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Unconfirmed, Attention.Contradiction), (after.Status, after.Attention));
        Assert.Empty(stage.Book.ArrivalsOf(invoiceId));
    }

    [Theory]
    [InlineData("verifySign", null)]
    [InlineData("verifySign", "")]
    [InlineData("verifySign", "b07376284e4d8d8f953fa71562b83d21")]
    [InlineData("status", "failed")]
    [InlineData("amount", "500.000")]
    [InlineData("invoiceId", "another")]
    [InlineData("vendor", null)]
    public async Task A_notice_changed_after_it_was_signed_is_refused_and_pockyt_is_asked(string member, string? value)
    {
        var payout = await ProcessingAsync();
        var notice = Notice(payout, "success");
        Change(notice, member, value);

        var answer = await PostAsync(payout, notice);

        Assert.Equal((HttpStatusCode.Unauthorized, "", null), await Read(answer));
        await AssertOnlyAskedAsync(payout, attention: null);
        Assert.Empty(await stage.NoticesAsync(payout.InvoiceId));
    }

    [Theory]
    [InlineData("invoiceId", "another", HttpStatusCode.Unauthorized)]
    [InlineData("new", "value", HttpStatusCode.OK)]
    [InlineData("Status", "success", HttpStatusCode.OK)]
    [InlineData("note", "", HttpStatusCode.OK)]
    [InlineData("vendor", null, HttpStatusCode.OK)]
    [InlineData("transactionNo", null, HttpStatusCode.OK)]
    [InlineData("status", "settled", HttpStatusCode.OK)]
    [InlineData("paymentTime", "yesterday", HttpStatusCode.OK)]
    [InlineData("vendor", "BANK&status=success", HttpStatusCode.OK)]
    [InlineData("vendor", "BANK\0", HttpStatusCode.OK)]
    [InlineData("status", "success\u2028", HttpStatusCode.OK)]
    [InlineData("transactionNo", "30558879707\u202e4336092", HttpStatusCode.OK)]
    public async Task A_signed_notice_of_another_shape_only_makes_us_ask(
        string member, string? value, HttpStatusCode status)
    {
        var payout = await ProcessingAsync();
        var notice = Notice(payout, "success");
        Change(notice, member, value);
        Sign(notice);

        var answer = await PostAsync(payout, notice);

        Assert.Equal(status, answer.StatusCode);
        await AssertOnlyAskedAsync(payout, attention: null);
        Assert.Equal(status is HttpStatusCode.OK ? 1 : 0, (await stage.NoticesAsync(payout.InvoiceId)).Count);
    }

    [Theory]
    [InlineData("amount", "500.01")]
    [InlineData("currency", "EUR")]
    [InlineData("accountToken", "2010000000000000000001")]
    [InlineData("transactionNo", "305588797074336092")]
    public async Task A_signed_notice_that_differs_from_our_row_wants_attention_and_moves_nothing(
        string member, string value)
    {
        var payout = await ProcessingAsync();
        var notice = Notice(payout, "success");
        Change(notice, member, value);
        Sign(notice);

        var answer = await PostAsync(payout, notice);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await AssertOnlyAskedAsync(payout, Attention.Mismatch);
    }

    [Fact]
    public async Task A_signed_request_of_ours_sent_back_to_us_moves_nothing()
    {
        var payout = await ProcessingAsync();
        Dictionary<string, string?> ours = new()
        {
            ["accountToken"] = payout.AccountToken,
            ["amount"] = "500.00",
            ["currency"] = "USD",
            ["customerNo"] = payout.CustomerNo,
            ["invoiceId"] = payout.InvoiceId,
            ["merchantNo"] = "202333",
            ["storeNo"] = "301854",
        };
        Sign(ours);

        var answer = await PostAsync(payout, ours);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await AssertOnlyAskedAsync(payout, attention: null);
    }

    [Fact]
    public async Task Who_does_not_know_the_address_gets_an_empty_404_and_moves_nothing()
    {
        var payout = await ProcessingAsync();
        var other = await ProcessingAsync();
        var address = Address(payout);
        string[] wrong =
        [
            address[..^1],
            address + "A",
            address.ToUpperInvariant().Replace("/WEBHOOKS/POCKYT/MAIN/PAYOUTS/", "/webhooks/pockyt/main/payouts/"),
            address.Replace(payout.InvoiceId, other.InvoiceId),
            address.Replace("/main/", "/other/"),
            address.Replace("/main/", "/nobody/"),
        ];

        foreach (var wrongAddress in wrong)
        {
            var answer = await stage.Api.PostAsync(wrongAddress, Body(Notice(payout, "success"), "application/json"));
            Assert.Equal((HttpStatusCode.NotFound, "", null), await Read(answer));
        }

        Assert.Equal(payout.DueAt, (await stage.PayoutAsync(payout.InvoiceId)).DueAt);
    }

    [Fact]
    public async Task A_notice_for_a_payout_we_do_not_have_is_kept_and_acknowledged()
    {
        var known = await ProcessingAsync();
        var notice = Notice(known, "success");
        notice["invoiceId"] = "lost-by-a-restore";
        Sign(notice);
        var address = new Uri(stage.Get<NoticeAddress>().OfPayout("main", "lost-by-a-restore"));

        var answer = await stage.Api.PostAsync(address, Body(notice, "application/json"));

        Assert.Equal((HttpStatusCode.OK, "success", "text/plain"), await Read(answer));
        Assert.Null(Assert.Single(await stage.NoticesAsync("lost-by-a-restore")).PayoutId);
    }

    [Theory]
    [InlineData("not a notice", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("{\"a\":{\"b\":\"c\"}}", HttpStatusCode.BadRequest)]
    [InlineData("{\"status\":\"failed\",\"status\":\"success\"}", HttpStatusCode.BadRequest)]
    [InlineData("\ufeff{\"status\":\"success\"}", HttpStatusCode.BadRequest)]
    [InlineData("status=success&status=failed&verifySign=x", HttpStatusCode.BadRequest)]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("{\"status\":\"\\ud800\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"\\ud800\":\"success\"}", HttpStatusCode.BadRequest)]
    public async Task A_body_that_is_no_notice_is_refused(string body, HttpStatusCode status)
    {
        var payout = await ProcessingAsync();

        var answer = await stage.Api.PostAsync(Address(payout), new StringContent(body));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(payout.Version, (await stage.PayoutAsync(payout.InvoiceId)).Version);
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_compressed_is_refused()
    {
        var payout = await ProcessingAsync();
        var large = new StringContent(new string('a', 16 * 1024 + 1));
        var zipped = Body(Notice(payout, "success"), "application/json");
        zipped.Headers.ContentEncoding.Add("gzip");

        HttpStatusCode[] answers =
        [
            (await stage.Api.PostAsync(Address(payout), large)).StatusCode,
            (await stage.Api.PostAsync(Address(payout), zipped)).StatusCode,
            (await stage.Api.GetAsync(new Uri(Address(payout)))).StatusCode,
        ];

        Assert.Equal(
            [
                HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.UnsupportedMediaType,
                HttpStatusCode.MethodNotAllowed,
            ],
            answers);
    }

    [Theory]
    [InlineData("application/json; charset=ISO-8859-1")]
    [InlineData("application/json; charset=foo")]
    [InlineData("application/x-www-form-urlencoded; charset=ISO-8859-1")]
    public async Task A_genuine_notice_in_ASCII_is_applied_whatever_charset_it_names(string type)
    {
        var payout = await ProcessingAsync();

        var answer = await stage.Api.PostAsync(Address(payout), Body(Notice(payout, "success"), type));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync(payout.InvoiceId)).Status);
    }

    [Theory]
    [InlineData("text/plain", "utf-16")]
    [InlineData("multipart/form-data; boundary=x", "utf-8")]
    public async Task A_body_that_cannot_be_read_makes_us_ask(string type, string encoding)
    {
        var payout = await ProcessingAsync();
        var body = new ByteArrayContent(Encoding.GetEncoding(encoding).GetBytes("--x\r\nstatus: success"));
        body.Headers.TryAddWithoutValidation("Content-Type", type);

        var answer = await stage.Api.PostAsync(Address(payout), body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await AssertOnlyAskedAsync(payout, attention: null);
    }

    [Fact]
    public async Task Numbers_where_text_is_documented_are_kept_and_only_make_us_ask()
    {
        var payout = await ProcessingAsync();
        var notice = Notice(payout, "success");
        var json = System.Text.Json.JsonSerializer.Serialize(notice).Replace("\"500.00\"", "500.00");

        var answer = await stage.Api.PostAsync(
            Address(payout), new StringContent(json, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await AssertOnlyAskedAsync(payout, attention: null);
    }

    [Fact]
    public async Task An_address_made_with_an_older_secret_still_works_and_a_dropped_one_does_not()
    {
        var payout = await ProcessingAsync();
        var address = Address(payout);
        var merchant = stage.Pockyt.Merchants["main"];
        var secrets = merchant.IpnSecrets;
        merchant.IpnSecrets = ["a-new-notice-secret", .. secrets];

        var before = await stage.Api.PostAsync(address, Body(Notice(payout, "pending"), "application/json"));
        merchant.IpnSecrets = ["a-new-notice-secret"];
        var after = await stage.Api.PostAsync(address, Body(Notice(payout, "success"), "application/json"));
        merchant.IpnSecrets = secrets;

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (before.StatusCode, after.StatusCode));
    }

    private async Task<Payout> ProcessingAsync()
    {
        var invoiceId = await stage.PayAsync();
        await stage.Control.PostAsJsonAsync(
            "/simulator/faults",
            new { call = "notice", invoiceId, times = 0, answer = new { kind = "drop" } });
        await stage.DispatchAsync();
        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal(PayoutStatus.Processing, payout.Status);
        return payout;
    }

    /// <summary>The notice Pockyt would send, written here from its documents.</summary>
    private static Dictionary<string, string?> Notice(Payout payout, string status)
    {
        Dictionary<string, string?> notice = new()
        {
            ["accountToken"] = payout.AccountToken,
            ["amount"] = "500.00",
            ["currency"] = "USD",
            ["invoiceId"] = payout.InvoiceId,
            ["paymentTime"] = "2026-11-21T03:10:00Z",
            ["status"] = status,
            ["transactionNo"] = payout.TransactionNo ?? $"3055{payout.Id.GetHashCode():D14}".Replace('-', '0'),
            ["vendor"] = "BANK_ACCOUNT",
        };
        Sign(notice);
        return notice;
    }

    private static void Sign(Dictionary<string, string?> notice) => notice["verifySign"] = VerifySign.Of(notice, Token);

    private static void Change(Dictionary<string, string?> notice, string member, string? value)
    {
        notice[member] = value;
        if (value is null)
        {
            notice.Remove(member);
        }
    }

    private string Address(Payout payout) => stage.Get<NoticeAddress>().OfPayout("main", payout.InvoiceId);

    private Task<HttpResponseMessage> PostAsync(
        Payout payout, Dictionary<string, string?> notice, string? contentType = "application/json") =>
        stage.Api.PostAsync(Address(payout), Body(notice, contentType));

    private static ByteArrayContent Body(Dictionary<string, string?> notice, string? contentType)
    {
        var form = contentType is "application/x-www-form-urlencoded" or "text/plain";
        var text = form
            ? string.Join('&', notice.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"))
            : System.Text.Json.JsonSerializer.Serialize(notice);
        var body = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        if (contentType is not null)
        {
            body.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return body;
    }

    private async Task AssertOnlyAskedAsync(Payout before, Attention? attention)
    {
        var after = await stage.PayoutAsync(before.InvoiceId);
        Assert.Equal((before.Status, attention), (after.Status, after.Attention));
        Assert.True(after.DueAt <= stage.Clock.GetUtcNow(), "Pockyt is asked now.");
    }

    private static async Task<(HttpStatusCode Status, string Body, string? Type)> Read(HttpResponseMessage answer) =>
        (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType?.MediaType);
}
