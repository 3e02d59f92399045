using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PayoutService.Payors;
using PayoutService.Tests.Support;
using PayorAtPockyt = PockytSimulator.Payees.Payor;

namespace PayoutService.Tests.Api.Payors;

/// <summary>Registering payors and handing in their documents: once, whatever happens on the way, and nothing of it
/// is kept. The simulator's list of payors is the judge.</summary>
public sealed class PayorEndpointsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_payor_is_registered_with_its_details_and_shows_the_status_that_was_heard()
    {
        var request = Example.Payor(stage.NewKey("payor"));

        var answer = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        var payor = await ServiceFixture.Answer(answer);
        var atPockyt = Assert.Single(AtPockyt(request));
        var shown = await ServiceFixture.Answer(await stage.Api.GetAsync(answer.Headers.Location));
        Assert.Equal((HttpStatusCode.Created, "\"2\""), (answer.StatusCode, answer.Headers.ETag!.Tag));
        Assert.Equal(
            (atPockyt.PayorNo, "submitted", "SUBMITTED"),
            (Text(payor, "payorNo"), Text(payor, "status"), Text(payor.GetProperty("provider"), "status")));
        Assert.Equal(atPockyt.PayorNo, Text(payor.GetProperty("provider"), "payorNo"));
        Assert.True(payor.TryGetProperty("statusHeardAt", out _));
        Assert.Contains("documents", Text(payor, "nextStep"), StringComparison.Ordinal);
        Assert.Equal("Babbage", atPockyt.Members["representative.lastName"]);
        Assert.Equal(payor.ToString(), shown.ToString());
    }

    [Fact]
    public async Task The_same_request_again_gets_the_one_payor()
    {
        var request = Example.Payor(stage.NewKey("payor"));
        var first = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        var again = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal((await ServiceFixture.Answer(first)).ToString(), (await ServiceFixture.Answer(again)).ToString());
        Assert.Single(AtPockyt(request));
    }

    [Fact]
    public async Task Twenty_callers_with_one_key_make_one_payor()
    {
        var request = Example.Payor(stage.NewKey("payor"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => stage.Api.PostAsJsonAsync("/v1/payors", request)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.All(answers, answer => Assert.True(answer.IsSuccessStatusCode));
        Assert.Single(AtPockyt(request));
    }

    [Fact]
    public async Task The_same_code_with_other_details_names_them()
    {
        var request = Example.Payor(stage.NewKey("payor"));
        await stage.Api.PostAsJsonAsync("/v1/payors", request);
        var details = (Dictionary<string, string>)request["details"]!;
        details["bankAccountId"] = "1";
        details["website"] = "https://example.com";

        var answer = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal((HttpStatusCode.Conflict, "payor-code-in-use"), (answer.StatusCode, Text(problem, "code")));
        Assert.Equal(
            ["details.bankAccountId", "details.website"],
            problem.GetProperty("fields").EnumerateArray().Select(field => field.GetString()));
        Assert.Equal(HttpStatusCode.OK, (await stage.Api.GetAsync(Text(problem, "link"))).StatusCode);
    }

    [Theory]
    [InlineData("000020", "missing")]
    [InlineData("000023", "bad format")]
    [InlineData("000030", "no rights")]
    [InlineData("000000", "data error : verifySign")]
    public async Task A_refusal_is_told_and_leaves_the_key_free_for_other_content(string code, string message)
    {
        var request = Example.Payor(stage.NewKey("payor"));
        await FaultAsync("registerPayor", new { kind = "ret", code, message }, execute: false);

        var refused = await stage.Api.PostAsJsonAsync("/v1/payors", request);
        var row = await stage.PayorAsync((string)request["payorCode"]!);
        ((Dictionary<string, string>)request["details"]!)["website"] = "https://example.com";
        var mended = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        var problem = await ServiceFixture.Answer(refused);
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, HttpStatusCode.Created), (refused.StatusCode, mended.StatusCode));
        Assert.Equal(("provider-refused", code), (Text(problem, "code"), Text(problem, "providerCode")));
        Assert.Null(row);
    }

    public static TheoryData<string, object> Broken => new()
    {
        { "system error", new { kind = "ret", code = "000000", message = "system error" } },
        { "supplier", new { kind = "ret", code = "000080", message = "supplier" } },
        { "duplicate", new { kind = "ret", code = "000023", message = "Duplicate request error" } },
        { "nothing comes", new { kind = "hang" } },
        { "the connection closes", new { kind = "close" } },
        { "502", new { kind = "http", status = 502, contentType = "text/html", body = "<h1>Bad gateway</h1>" } },
        { "no number", new { kind = "replace", remove = new[] { "result" } } },
        { "an empty number", new { kind = "replace", members = new { payorNo = "" } } },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task However_the_answer_breaks_a_payor_is_unconfirmed_and_never_registered_again(
        string how, object answer)
    {
        Assert.NotEmpty(how);
        var request = Example.Payor(stage.NewKey("payor"));
        await FaultAsync("registerPayor", answer);

        var first = await stage.Api.PostAsJsonAsync("/v1/payors", request);
        await stage.AdvanceAsync(TimeSpan.FromDays(1));
        var again = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        var payor = await ServiceFixture.Answer(again);
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.StatusCode, again.StatusCode));
        Assert.Equal("unconfirmed", Text(payor, "status"));
        Assert.Contains("portal", Text(payor, "nextStep"), StringComparison.Ordinal);
        Assert.False(payor.TryGetProperty("payorNo", out _));
        var listed = await ServiceFixture.Answer(await stage.Api.GetAsync(first.Headers.Location));
        Assert.Equal(payor.ToString(), Assert.Single(listed.GetProperty("data").EnumerateArray()).ToString());
        Assert.Single(AtPockyt(request));
    }

    [Fact]
    public async Task A_registration_whose_caller_died_is_registering_until_its_lease_ends_and_then_unconfirmed()
    {
        var request = Example.Payor(stage.NewKey("payor"));
        var code = (string)request["payorCode"]!;
        await FaultAsync("registerPayor", new { kind = "close" }, execute: false);
        await stage.Api.PostAsJsonAsync("/v1/payors", request);
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString,
            "UPDATE payors SET status = 'registering', "
            + $"lease_until = '{stage.Clock.GetUtcNow().AddSeconds(90):O}' WHERE payor_code = '{code}'");

        var during = await stage.Api.PostAsJsonAsync("/v1/payors", request);
        var early = await stage.Api.PostAsJsonAsync("/v1/payors/resolve", new { payorCode = code });
        await stage.AdvanceAsync(TimeSpan.FromSeconds(91));
        var after = await stage.Api.PostAsJsonAsync("/v1/payors", request);
        var late = await stage.Api.PostAsJsonAsync("/v1/payors/resolve", new { payorCode = code });

        Assert.Equal(
            ("registering", "unconfirmed"),
            (Text(await ServiceFixture.Answer(during), "status"), Text(await ServiceFixture.Answer(after), "status")));
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.NoContent), (early.StatusCode, late.StatusCode));
        Assert.Empty(AtPockyt(request));
    }

    [Fact]
    public async Task What_never_left_us_leaves_nothing_and_the_same_call_works_later()
    {
        var request = Example.Payor(stage.NewKey("payor"));
        await stage.Wire.ShutAsync();

        var away = await stage.Api.PostAsJsonAsync("/v1/payors", request);
        var upload = await stage.Api.PostAsync("/v1/payors/P1/documents", Example.Form([("a", [1])]));
        var row = await stage.PayorAsync((string)request["payorCode"]!);
        stage.Wire.Open();
        var back = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.Created),
            (away.StatusCode, upload.StatusCode, back.StatusCode));
        Assert.Equal("provider-unreachable", Text(await ServiceFixture.Answer(away), "code"));
        Assert.Equal("provider-unreachable", Text(await ServiceFixture.Answer(upload), "code"));
        Assert.Null(row);
        Assert.Single(AtPockyt(request));
    }

    [Fact]
    public async Task An_operator_gives_an_unconfirmed_payor_the_number_that_it_has_at_pockyt()
    {
        var request = await UnconfirmedAsync(execute: true);
        var ruling = new { payorCode = request["payorCode"], payorNo = Assert.Single(AtPockyt(request)).PayorNo };

        var resolved = await stage.Api.PostAsJsonAsync("/v1/payors/resolve", ruling);
        var again = await stage.Api.PostAsJsonAsync("/v1/payors/resolve", ruling);
        var repeated = await stage.Api.PostAsJsonAsync("/v1/payors", request);
        var uploaded = await ServiceFixture.Answer(await stage.Api.PostAsync(
            $"/v1/payors/{ruling.payorNo}/documents", Example.Form([("w9.pdf", [1])])));

        var payor = await ServiceFixture.Answer(resolved);
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK),
            (resolved.StatusCode, again.StatusCode, repeated.StatusCode));
        Assert.Equal((ruling.payorNo, "unknown"), (Text(payor, "payorNo"), Text(payor, "status")));
        Assert.False(payor.TryGetProperty("statusHeardAt", out _), "Pockyt has not said so.");
        Assert.Equal("submitted", Text(uploaded.GetProperty("payor"), "status"));
        Assert.Single(AtPockyt(request));
    }

    [Fact]
    public async Task An_operator_who_finds_nothing_frees_the_key()
    {
        var request = await UnconfirmedAsync(execute: false);
        var ruling = new { payorCode = request["payorCode"] };

        var resolved = await stage.Api.PostAsJsonAsync("/v1/payors/resolve", ruling);
        var again = await stage.Api.PostAsJsonAsync("/v1/payors/resolve", ruling);
        var registered = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        Assert.Equal(
            (HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.Created),
            (resolved.StatusCode, again.StatusCode, registered.StatusCode));
        Assert.Single(AtPockyt(request));
    }

    [Fact]
    public async Task What_is_not_in_doubt_and_a_number_that_is_taken_are_not_ruled_about()
    {
        var known = await RegisterAsync();
        var request = await UnconfirmedAsync(execute: true);

        var clear = await stage.Api.PostAsJsonAsync(
            "/v1/payors/resolve", new { payorCode = Text(known, "payorCode") });
        var taken = await stage.Api.PostAsJsonAsync(
            "/v1/payors/resolve", new { payorCode = request["payorCode"], payorNo = Text(known, "payorNo") });
        using var other = stage.Client("other-key");
        var forbidden = await other.PostAsJsonAsync("/v1/payors/resolve", new { payorCode = request["payorCode"] });

        Assert.Equal("not-resolvable", Text(await ServiceFixture.Answer(clear), "code"));
        Assert.Equal("payor-exists", Text(await ServiceFixture.Answer(taken), "code"));
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Null((await stage.PayorAsync((string)request["payorCode"]!))!.PayorNo);
    }

    [Fact]
    public async Task A_payor_that_pockyt_calls_by_a_number_we_have_is_that_payor()
    {
        var known = await RegisterAsync();
        var request = Example.Payor(stage.NewKey("payor"));
        await FaultAsync(
            "registerPayor",
            new { kind = "replace", members = new { payorNo = Text(known, "payorNo") } },
            execute: true);

        var answer = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal((HttpStatusCode.Conflict, "payor-exists"), (answer.StatusCode, Text(problem, "code")));
        Assert.Equal(Text(known, "payorCode"), Text(problem, "payorCode"));
        Assert.Null(await stage.PayorAsync((string)request["payorCode"]!));
    }

    [Fact]
    public async Task Documents_reach_pockyt_as_they_are_and_its_answer_brings_the_status_up_to_date()
    {
        var payorNo = Text(await RegisterAsync(), "payorNo");
        await stage.Control.PostAsJsonAsync($"/simulator/payors/{payorNo}", new { status = "APPROVED" });
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        var before = stage.Clock.GetUtcNow();
        var form = Example.Form(
            [("w9.pdf", new byte[3 * 1024 * 1024]), ("Ausweis Zürich.png", [1, 2, 3])], ("documentType", "W9"));

        var answer = await stage.Api.PostAsync($"/v1/payors/{payorNo}/documents", form);

        var upload = await ServiceFixture.Answer(answer);
        var atPockyt = stage.PayorsAtPockyt.Find(payorNo)!;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            [("w9.pdf", 3145728L), ("Ausweis Zürich.png", 3L)],
            atPockyt.Documents.Select(document => (document.Name, document.Bytes)));
        Assert.Equal(2, upload.GetProperty("documents").GetInt32());
        Assert.Equal(
            ("approved", "APPROVED"),
            (Text(upload.GetProperty("payor"), "status"), Text(upload.GetProperty("provider"), "status")));
        Assert.False(upload.GetProperty("payor").TryGetProperty("nextStep", out _));
        var row = (await stage.PayorAsync(atPockyt.Members["businessName"]["Business of ".Length..]))!;
        Assert.Equal(PayorStatus.Approved, row.Status);
        Assert.True(row.StatusHeardAt > before);
    }

    [Fact]
    public async Task Documents_of_a_payor_registered_without_us_are_passed_on_too()
    {
        var request = await UnconfirmedAsync(execute: true);
        var payorNo = Assert.Single(AtPockyt(request)).PayorNo;

        var answer = await stage.Api.PostAsync($"/v1/payors/{payorNo}/documents", Example.Form([("w9.pdf", [1])]));

        var upload = await ServiceFixture.Answer(answer);
        Assert.Equal((HttpStatusCode.OK, payorNo), (answer.StatusCode, Text(upload, "payorNo")));
        Assert.False(upload.TryGetProperty("payor", out _));
        Assert.Equal("SUBMITTED", Text(upload.GetProperty("provider"), "status"));
        Assert.Single(stage.PayorsAtPockyt.Find(payorNo)!.Documents);
    }

    [Fact]
    public async Task An_upload_that_pockyt_refuses_does_not_answer_or_answers_about_another_payor_is_told()
    {
        var payor = await RegisterAsync();
        var path = $"/v1/payors/{Text(payor, "payorNo")}/documents";

        var unknown = await stage.Api.PostAsync("/v1/payors/P1/documents", Example.Form([("a", [1])]));
        await FaultAsync("uploadPayor", new { kind = "hang" });
        var unclear = await stage.Api.PostAsync(path, Example.Form([("a", [1])]));
        await FaultAsync(
            "uploadPayor", new { kind = "replace", members = new { payorNo = "P1", status = "DECLINED" } });
        var another = await stage.Api.PostAsync(path, Example.Form([("a", [1])]));

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, HttpStatusCode.BadGateway, HttpStatusCode.BadGateway),
            (unknown.StatusCode, unclear.StatusCode, another.StatusCode));
        Assert.Equal("provider-unclear", Text(await ServiceFixture.Answer(unclear), "code"));
        Assert.Equal(PayorStatus.Submitted, (await stage.PayorAsync(Text(payor, "payorCode")))!.Status);
    }

    public static TheoryData<string, MultipartFormDataContent> WrongForms => new()
    {
        { "files", Example.Form([], ("documentType", "W9")) },
        { "files", Example.Form([("empty.pdf", [])]) },
        { "files", Example.Form([("../../etc/passwd", [1])]) },
        { "merchantNo", Example.Form([("a", [1])], ("merchantNo", "1")) },
        { "VerifySign", Example.Form([("a", [1])], ("VerifySign", "1")) },
        { "file", Example.Form([("a", [1])], ("file", "1")) },
        { "note", Example.Form([("a", [1])], ("note", "1"), ("note", "2")) },
        { "texts", Example.Form([("a", [1])], ("note", "a&merchantNo=1")) },
        { "texts", Example.Form([("a", [1])], ("a b", "1")) },
    };

    [Theory]
    [MemberData(nameof(WrongForms))]
    public async Task A_form_that_cannot_be_passed_on_is_refused_by_name(string field, MultipartFormDataContent form)
    {
        var answer = await stage.Api.PostAsync("/v1/payors/P1/documents", form);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal((HttpStatusCode.BadRequest, "validation-failed"), (answer.StatusCode, Text(problem, "code")));
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Documents_of_more_than_10_mib_are_refused(bool chunked)
    {
        var payorNo = Text(await RegisterAsync(), "payorNo");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payors/{payorNo}/documents")
        {
            Content = Example.Form([("a", new byte[6 * 1024 * 1024]), ("b", new byte[4 * 1024 * 1024])]),
        };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;

        var answer = await stage.Api.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("payload-too-large", Text(await ServiceFixture.Answer(answer), "code"));
        Assert.Empty(stage.PayorsAtPockyt.Find(payorNo)!.Documents);
    }

    [Fact]
    public async Task Documents_come_in_a_form_and_nothing_else_does()
    {
        var json = await stage.Api.PostAsJsonAsync("/v1/payors/P1/documents", new { file = "AA==" });
        var form = await stage.Api.PostAsync("/v1/payors", Example.Form([("a", [1])]));

        Assert.Equal("unsupported-media-type", Text(await ServiceFixture.Answer(json), "code"));
        Assert.Equal("unsupported-media-type", Text(await ServiceFixture.Answer(form), "code"));
    }

    [Theory]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task A_form_that_cannot_be_read_is_refused(string contentType)
    {
        var body = new ByteArrayContent("--x\r\nContent-Disposition: form-data; na"u8.ToArray());
        body.Headers.TryAddWithoutValidation("Content-Type", contentType);

        var answer = await stage.Api.PostAsync("/v1/payors/P1/documents", body);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal((HttpStatusCode.BadRequest, "malformed-request"), (answer.StatusCode, Text(problem, "code")));
    }

    [Theory]
    [InlineData("merchantNo", "1", "details.merchantNo")]
    [InlineData("PAYORNO", "1", "details.PAYORNO")]
    [InlineData("ipnUrl", "https://example.com", "details.ipnUrl")]
    [InlineData("business name", "x", "details")]
    [InlineData("businessName", "a&b", "details")]
    [InlineData("businessName", "", "details")]
    public async Task A_detail_that_cannot_be_passed_on_is_refused_by_name(string name, string value, string field)
    {
        var request = Example.Payor(stage.NewKey("payor"));
        ((Dictionary<string, string>)request["details"]!)[name] = value;

        var answer = await stage.Api.PostAsJsonAsync("/v1/payors", request);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal((HttpStatusCode.BadRequest, "validation-failed"), (answer.StatusCode, Text(problem, "code")));
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        Assert.Empty(AtPockyt(request));
    }

    [Fact]
    public async Task Payors_are_listed_newest_first_page_by_page()
    {
        var first = await RegisterAsync();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(1));
        var second = await RegisterAsync();

        var page = await ServiceFixture.Answer(await stage.Api.GetAsync("/v1/payors?limit=1"));
        var next = await ServiceFixture.Answer(
            await stage.Api.GetAsync($"/v1/payors?limit=1&cursor={Text(page, "nextCursor")}"));

        Assert.Equal(
            (Text(second, "payorNo"), Text(first, "payorNo")),
            (Text(page.GetProperty("data")[0], "payorNo"), Text(next.GetProperty("data")[0], "payorNo")));
    }

    [Fact]
    public async Task Another_merchant_sees_no_payor_and_a_reader_registers_none()
    {
        var payor = await RegisterAsync();
        using var other = stage.Client("other-key");
        using var reader = stage.Client("payees-reader-key");

        var shown = await other.GetAsync($"/v1/payors/{Text(payor, "payorNo")}");
        var listed =
            await ServiceFixture.Answer(await other.GetAsync($"/v1/payors?payorCode={Text(payor, "payorCode")}"));
        var read = await reader.GetAsync($"/v1/payors/{Text(payor, "payorNo")}");
        var register = await reader.PostAsJsonAsync("/v1/payors", Example.Payor(stage.NewKey("payor")));
        var upload = await reader.PostAsync("/v1/payors/P1/documents", Example.Form([("a", [1])]));

        Assert.Equal(HttpStatusCode.NotFound, shown.StatusCode);
        Assert.Empty(listed.GetProperty("data").EnumerateArray());
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (read.StatusCode, register.StatusCode, upload.StatusCode));
    }

    [Fact]
    public async Task Nothing_of_a_payors_details_and_documents_is_in_the_database()
    {
        var request = Example.Payor(stage.NewKey("secret"));
        var payor = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payors", request));
        await stage.Api.PostAsync(
            $"/v1/payors/{Text(payor, "payorNo")}/documents",
            Example.Form([("passport-of-babbage.pdf", Encoding.UTF8.GetBytes("born 1791"))], ("note", "Top secret")));

        var everything = await TestDatabase.DumpAsync(stage.ConnectionString);

        Assert.Contains(Text(payor, "payorNo"), everything, StringComparison.Ordinal);
        string[] secrets = ["Business of", "Babbage", "7861053298", "passport", "born 1791", "Top secret"];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, everything, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Swagger_shows_files_to_choose_and_texts_beside_them()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));

        var form = document.GetProperty("paths").GetProperty("/v1/payors/{payorNo}/documents").GetProperty("post")
            .GetProperty("requestBody").GetProperty("content").GetProperty("multipart/form-data").GetProperty("schema");
        var files = form.GetProperty("properties").GetProperty("files");
        Assert.Equal(
            ("array", "binary"), (Text(files, "type"), Text(files.GetProperty("items"), "format")));
        Assert.Equal("string", Text(form.GetProperty("additionalProperties"), "type"));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<JsonElement> RegisterAsync()
    {
        var answer = await stage.Api.PostAsJsonAsync("/v1/payors", Example.Payor(stage.NewKey("payor")));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await ServiceFixture.Answer(answer);
    }

    /// <summary>A registration whose answer was lost, after Pockyt executed it or before.</summary>
    private async Task<Dictionary<string, object?>> UnconfirmedAsync(bool execute)
    {
        var request = Example.Payor(stage.NewKey("payor"));
        await FaultAsync("registerPayor", new { kind = "close" }, execute);
        var answer = await stage.Api.PostAsJsonAsync("/v1/payors", request);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return request;
    }

    private async Task FaultAsync(string call, object answer, bool execute = true)
    {
        var armed = await stage.Control.PostAsJsonAsync("/simulator/faults", new { call, execute, answer });
        armed.EnsureSuccessStatusCode();
    }

    private List<PayorAtPockyt> AtPockyt(Dictionary<string, object?> request) =>
        [.. stage.PayorsAtPockyt.All.Where(
            payor => payor.Members["businessName"] == $"Business of {request["payorCode"]}")];
}
