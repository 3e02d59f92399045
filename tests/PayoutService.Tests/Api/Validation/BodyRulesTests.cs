using System.Net;
using System.Net.Http.Json;
using PayoutService.Api.Json;
using PayoutService.Api.Validation;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Validation;

/// <summary>Which texts, numbers and times of a body are taken, and by which field a refusal is named.</summary>
public sealed class BodyRulesTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("A1", "email", "")]
    [InlineData("A1", "phone", "")]
    [InlineData("A1", "countryCode", "")]
    [InlineData("A1", "firstName", "")]
    [InlineData("A1", "dateOfBirth", "")]
    [InlineData("A1", "profileType", "")]
    [InlineData("A3", "phone", "-----")]
    [InlineData("A3", "phone", "(     )")]
    [InlineData("A3", "phone", "     ")]
    [InlineData("A3", "phone", "+05555555555")]
    [InlineData("A3", "phone", "12-34")]
    [InlineData("A3", "phone", "1234567890123456")]
    [InlineData("A3", "phone", "12345678 ext 9")]
    [InlineData("A3", "phone", " +1 212 555 0100")]
    [InlineData("A3", "phone", "+1 212 555 0100 ")]
    [InlineData("A3", "phone", "212-555-0100-")]
    [InlineData("R-55", "country", "DE")]
    [InlineData("A5", "countryCode", "UK")]
    [InlineData("A5", "countryCode", "EU")]
    [InlineData("A5", "countryCode", "ZZ")]
    [InlineData("A5", "countryCode", "XX")]
    [InlineData("A9", "firstName", "A\u200cda")]
    [InlineData("A9", "firstName", "Ada\u200d")]
    [InlineData("A9", "firstName", "A\u200bda")]
    [InlineData("A13", "email", "multiple..dots@example.com")]
    [InlineData("A13", "email", ".leads@example.com")]
    [InlineData("A13", "email", "ends.with.dot.@example.com")]
    [InlineData("A13", "email", "foo@-bar.com")]
    [InlineData("A13", "email", "foo@bar-.com")]
    [InlineData("A13", "email", "foo@bar.123")]
    [InlineData("A13", "email", "foo@bar")]
    public async Task A_payee_with_a_wrong_field_is_refused_by_its_name(string id, string field, string value)
    {
        var payee = Example.Payee($"case-{id}");
        payee[field] = value;

        var refused = await stage.Api.PostAsJsonAsync("/v1/payees", payee);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.True((await ServiceFixture.Answer(refused)).GetProperty("errors").TryGetProperty(field, out _), id);
    }

    [Theory]
    [InlineData("A20", "state", "New York", 400)]
    [InlineData("A20", "state", "ZZ", 400)]
    [InlineData("A20", "zip", "ABCDE", 400)]
    [InlineData("A20", "zip", "10006-12", 400)]
    [InlineData("R-52", "dateOfBirth", "2025-01-01", 422)]
    [InlineData("R-55", "countryCode", "KP", 422)]
    [InlineData("R-55", "countryCode", "IR", 422)]
    public async Task What_depends_on_the_country_or_the_settings_is_refused_by_its_name(
        string id, string field, string value, int status)
    {
        var payee = Example.Payee($"case-{id}");
        payee[field] = value;

        var refused = await stage.Api.PostAsJsonAsync("/v1/payees", payee);

        Assert.Equal(status, (int)refused.StatusCode);
        Assert.True((await ServiceFixture.Answer(refused)).GetProperty("errors").TryGetProperty(field, out _), id);
    }

    [Theory]
    [InlineData("A20", "state", "ZZ")]
    [InlineData("A20", "zip", "ABCDE")]
    public async Task A_change_that_does_not_fit_the_country_is_refused_by_its_name(
        string id, string field, string value)
    {
        var refused = await stage.Api.PatchAsJsonAsync(
            $"/v1/payees/{stage.PayeeId}", new Dictionary<string, string> { [field] = value });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.True((await ServiceFixture.Answer(refused)).GetProperty("errors").TryGetProperty(field, out _), id);
    }

    [Theory]
    [InlineData("A1", "email")]
    [InlineData("A1", "phone")]
    [InlineData("A1", "countryCode")]
    [InlineData("A1", "lastName")]
    public async Task A_change_to_nothing_is_refused_by_its_name(string id, string field)
    {
        var refused = await stage.Api.PatchAsJsonAsync(
            $"/v1/payees/{stage.PayeeId}", new Dictionary<string, string> { [field] = "" });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.True((await ServiceFixture.Answer(refused)).GetProperty("errors").TryGetProperty(field, out _), id);
    }

    [Theory]
    [InlineData("A3", "+1 212.555.0100")]
    [InlineData("A3", "+49 (0) 1512 345 678 90")]
    [InlineData("A3", "(212) 555-0100")]
    public void Phones_as_people_write_them_are_taken(string id, string phone) => Assert.True(Texts.IsPhone(phone), id);

    [Theory]
    [InlineData("A9", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627")]
    [InlineData("A9", "\u0915\u094d\u200d\u0937")]
    [InlineData("A9", "O'Brien-Smith")]
    [InlineData("A9", "\u674e\u96f7")]
    public void Names_are_taken_with_the_joiners_that_their_script_needs(string id, string name) =>
        Assert.True(Texts.IsPlain(name, 100), id);

    [Fact]
    public async Task The_same_letters_are_the_same_payee_however_they_are_composed()
    {
        var composed = Example.Payee("composed");
        var decomposed = Example.Payee("composed");
        (composed["firstName"], decomposed["firstName"]) = ("Zo\u00eb", "Zoe\u0308");

        var first = await stage.Api.PostAsJsonAsync("/v1/payees", composed);
        var again = await stage.Api.PostAsJsonAsync("/v1/payees", decomposed);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
    }

    [Fact]
    public async Task The_same_letters_are_the_same_payout_and_other_letters_are_not()
    {
        var payout = Example.Payout(stage.AccountId, "composed");
        payout["description"] = "caf\u00e9";
        var first = await stage.Api.PostAsJsonAsync("/v1/payouts", payout);
        payout["description"] = "cafe\u0301";
        var again = await stage.Api.PostAsJsonAsync("/v1/payouts", payout);
        payout["description"] = "caf\u00e8";
        var other = await stage.Api.PostAsJsonAsync("/v1/payouts", payout);

        Assert.Equal(
            (HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict),
            (first.StatusCode, again.StatusCode, other.StatusCode));
        Assert.Equal(first.Headers.Location!.ToString(), again.Content.Headers.ContentLocation!.ToString());
    }

    [Theory]
    [InlineData("state")]
    [InlineData("zip")]
    public async Task What_some_countries_do_not_have_is_asked_for_with_what_to_send_instead(string field)
    {
        var payee = Example.Payee("in-hong-kong");
        payee["countryCode"] = "HK";
        payee.Remove(field);

        var refused = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", payee));

        Assert.Contains(
            "send N/A", refused.GetProperty("errors").GetProperty(field)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("street2")]
    [InlineData("phone")]
    [InlineData("metadata")]
    public async Task A_member_that_a_change_wants_to_clear_is_refused_by_its_name(string field)
    {
        var refused = await stage.Api.PatchAsJsonAsync(
            $"/v1/payees/{stage.PayeeId}", new Dictionary<string, object?> { [field] = null });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(
            "cannot be cleared",
            (await ServiceFixture.Answer(refused)).GetProperty("errors").GetProperty(field)[0].GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_in_a_refused_country_is_refused_as_a_payee_is()
    {
        var account = Example.Account("refused");
        account["country"] = "IR";

        var refused = await stage.Api.PostAsJsonAsync($"/v1/payees/{stage.PayeeId}/accounts", account);

        var problem = await ServiceFixture.Answer(refused);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal("country-not-supported", problem.GetProperty("code").GetString());
        Assert.True(problem.GetProperty("errors").TryGetProperty("country", out _));
    }

    [Theory]
    [InlineData("application/json", HttpStatusCode.Created)]
    [InlineData("application/json;charset=\"UTF-8\";", HttpStatusCode.Created)]
    [InlineData("application/ json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/jsonp", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_body_is_json_in_utf8_by_its_type(string type, HttpStatusCode expected)
    {
        using var body = new ByteArrayContent(
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Example.Payout(stage.AccountId, stage.NewKey())));
        body.Headers.TryAddWithoutValidation("Content-Type", type);

        var answer = await stage.Api.PostAsync("/v1/payouts", body);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_byte_order_mark_before_a_body_is_passed_over()
    {
        var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            Example.Payout(stage.AccountId, stage.NewKey()));
        using var body = new ByteArrayContent([.. System.Text.Encoding.UTF8.Preamble, .. json]);
        body.Headers.TryAddWithoutValidation("Content-Type", "application/json");

        var answer = await stage.Api.PostAsync("/v1/payouts", body);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Theory]
    [InlineData("BGN")]
    [InlineData("ANG")]
    [InlineData("HRK")]
    [InlineData("XXX")]
    [InlineData("usd")]
    public async Task A_currency_that_is_withdrawn_or_none_is_refused_by_its_name(string currency)
    {
        var payout = Example.Payout(stage.AccountId, stage.NewKey());
        payout["currency"] = currency;

        var refused = await stage.Api.PostAsJsonAsync("/v1/payouts", payout);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.True((await ServiceFixture.Answer(refused)).GetProperty("errors").TryGetProperty("currency", out _));
    }

    [Fact]
    public void Characters_are_counted_and_not_their_halves()
    {
        var name = string.Concat(Enumerable.Repeat("\U00020000", 100));

        Assert.True(Texts.IsPlain(name, 100), "A19");
        Assert.False(Texts.IsPlain(name + "a", 100), "A19");
    }

    [Theory]
    [InlineData("C4", "2027-01-05T10:00:00.123456789Z", true)]
    [InlineData("C5", "2027-01-05t10:00:00z", true)]
    [InlineData("C5", "2027-01-05T10:00:00+14:00", true)]
    [InlineData("C5", "2027-01-05T10:00:00", false)]
    [InlineData("C5", "2027-01-05T10:00:00+14:01", false)]
    [InlineData("C5", "2027-01-05T23:59:60Z", false)]
    [InlineData("C5", "2027-02-30T10:00:00Z", false)]
    [InlineData("C5", "2027-01-05 10:00:00Z", false)]
    [InlineData("C5", "2027-01-05T10:00:00.1234567891Z", false)]
    public void Times_are_those_of_rfc_3339_with_an_offset(string id, string text, bool isTime) =>
        Assert.True(Rfc3339Converter.TryParse(text, out _) == isTime, $"{id} {text}");

    [Theory]
    [InlineData("A17", "\"99\", \"1\"", HttpStatusCode.OK)]
    [InlineData("A17", "\"99\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("A17", "W/\"1\"", HttpStatusCode.PreconditionFailed)]
    public async Task A_list_of_tags_holds_when_one_of_them_does(string id, string tags, HttpStatusCode expected)
    {
        var payout = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, stage.NewKey())));
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/v1/payouts/{payout.GetProperty("id").GetString()}/cancel");
        request.Headers.TryAddWithoutValidation("If-Match", tags);

        var canceled = await stage.Api.SendAsync(request);

        Assert.True(canceled.StatusCode == expected, $"{id}: {canceled.StatusCode}");
    }

    [Theory]
    [InlineData("O11", "paid & checked = yes")]
    public async Task Texts_that_pockyt_never_sees_may_have_its_separators(string id, string reason)
    {
        var paused = await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason });
        await stage.Api.PostAsync("/v1/sending/resume", null);

        Assert.True(paused.IsSuccessStatusCode, id);
    }

    [Fact]
    public async Task Metadata_and_evidence_may_have_them_too_and_what_is_signed_may_not()
    {
        var payout = Example.Payout(stage.AccountId, "case-O11", "500.04");
        payout["metadata"] = new Dictionary<string, string> { ["a&b"] = "c=d" };
        var accepted = await stage.Api.PostAsJsonAsync("/v1/payouts", payout);
        await stage.DispatchAsync();
        var id = (await ServiceFixture.Answer(accepted)).GetProperty("id").GetString();
        var ruled = await stage.Api.PostAsJsonAsync(
            $"/v1/payouts/{id}/resolve",
            new { ruling = "paid", reason = "Bank & portal agree", evidence = "statement=17&page=3" });
        payout["invoiceId"] = "case-O11-signed";
        payout["note"] = "a&b";
        var signed = await stage.Api.PostAsJsonAsync("/v1/payouts", payout);

        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
        Assert.Equal(HttpStatusCode.OK, ruled.StatusCode);
        Assert.True((await ServiceFixture.Answer(signed)).GetProperty("errors").TryGetProperty("note", out _));
    }
}
