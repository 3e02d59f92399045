using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Tests.Support;
using PockytSimulator.Control;

namespace PayoutService.Tests.Api.Payees;

/// <summary>Registering payees and adding accounts: once each, whatever happens on the way.</summary>
public sealed class PayeeEndpointsTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_payee_is_registered_once_and_a_repeat_gets_the_same_one()
    {
        var request = Example.Payee(stage.NewKey("once"));

        var first = await stage.Api.PostAsJsonAsync("/v1/payees", request);
        var again = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        Assert.Equal(Id(await ServiceFixture.Answer(first)), Id(await ServiceFixture.Answer(again)));
        Assert.Single(await AtPockytAsync((string)request["customerCode"]!));
    }

    [Fact]
    public async Task A_registration_whose_answer_was_lost_is_found_again_and_not_repeated()
    {
        var request = Example.Payee(stage.NewKey("lost"));
        await FaultAsync("register", execute: true);

        var first = await stage.Api.PostAsJsonAsync("/v1/payees", request);
        var again = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Created), (first.StatusCode, again.StatusCode));
        Assert.Equal("registering", (await ServiceFixture.Answer(first)).GetProperty("status").GetString());
        Assert.Equal("active", (await ServiceFixture.Answer(again)).GetProperty("status").GetString());
        Assert.Single(await AtPockytAsync((string)request["customerCode"]!));
    }

    [Fact]
    public async Task A_registration_that_never_arrived_is_made_by_the_repeat()
    {
        var request = Example.Payee(stage.NewKey("never"));
        await FaultAsync("register", execute: false);

        var first = await stage.Api.PostAsJsonAsync("/v1/payees", request);
        var again = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Created), (first.StatusCode, again.StatusCode));
        Assert.Single(await AtPockytAsync((string)request["customerCode"]!));
    }

    [Fact]
    public async Task A_refused_registration_leaves_the_key_free_for_other_content()
    {
        var request = Example.Payee(stage.NewKey("refused"));
        var email = request["email"];
        request["email"] = (await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payees/{stage.PayeeId}")))
            .GetProperty("email");

        var refused = await stage.Api.PostAsJsonAsync("/v1/payees", request);
        request["email"] = email;
        var mended = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal(
            (HttpStatusCode.Conflict, HttpStatusCode.Created), (refused.StatusCode, mended.StatusCode));
        Assert.Equal("email-in-use", (await ServiceFixture.Answer(refused)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_registration_that_Pockyt_refuses_says_what_Pockyt_said_and_leaves_the_key_free()
    {
        var request = Example.Payee(stage.NewKey("refused"));
        stage.Faults.Add(new FaultScript("register", Execute: false, Answer: new(
            "ret", Code: "000023", Message: "zip")));

        var refused = await stage.Api.PostAsJsonAsync("/v1/payees", request);
        var mended = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, HttpStatusCode.Created), (refused.StatusCode, mended.StatusCode));
        var problem = await ServiceFixture.Answer(refused);
        Assert.Equal(
            ("provider-refused", "000023"),
            (problem.GetProperty("code").GetString(), problem.GetProperty("providerCode").GetString()));
    }

    [Fact]
    public async Task The_same_code_with_other_content_names_the_fields_even_those_that_are_not_kept()
    {
        var request = Example.Payee(stage.NewKey("differs"));
        await stage.Api.PostAsJsonAsync("/v1/payees", request);
        request["dateOfBirth"] = "1991-01-01";
        request["street"] = "124 Main St";

        var answer = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        var problem = await ServiceFixture.Answer(answer);
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("customer-code-in-use", problem.GetProperty("code").GetString());
        Assert.Equal(
            ["dateOfBirth", "street"],
            problem.GetProperty("fields").EnumerateArray().Select(field => field.GetString()));
    }

    [Fact]
    public async Task A_payee_changes_at_pockyt_and_here_and_its_first_content_still_repeats()
    {
        var request = Example.Payee(stage.NewKey("changes"));
        var payee = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", request));

        var changed = await stage.Api.PatchAsJsonAsync($"/v1/payees/{Id(payee)}", new { firstName = "Augusta" });
        var repeated = await stage.Api.PostAsJsonAsync("/v1/payees", request);

        Assert.Equal("Augusta", (await ServiceFixture.Answer(changed)).GetProperty("firstName").GetString());
        Assert.Equal("\"3\"", changed.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
    }

    [Fact]
    public async Task Refresh_reads_the_payees_status_again()
    {
        var payee = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee(stage.NewKey("status"))));
        var customerNo = payee.GetProperty("provider").GetProperty("customerNo").GetString();
        await stage.Control.PostAsJsonAsync($"/simulator/payees/{customerNo}", new { status = "PENDING" });

        var answer = await stage.Api.PostAsync($"/v1/payees/{Id(payee)}/refresh", null);

        var pending = await ServiceFixture.Answer(answer);
        Assert.Equal("pending", pending.GetProperty("status").GetString());
        Assert.Contains("reviews", pending.GetProperty("nextStep").GetString()!, StringComparison.Ordinal);
        Assert.False(payee.TryGetProperty("nextStep", out _), "An active payee needs nothing.");
    }

    [Fact]
    public async Task An_account_whose_answer_was_lost_is_found_again_and_not_added_twice()
    {
        var payee = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee(stage.NewKey("bank"))));
        var request = Example.Account("main");
        await FaultAsync("createAccount", execute: true);

        var first = await stage.Api.PostAsJsonAsync($"/v1/payees/{Id(payee)}/accounts", request);
        var again = await stage.Api.PostAsJsonAsync($"/v1/payees/{Id(payee)}/accounts", request);
        var replay = await stage.Api.PostAsJsonAsync($"/v1/payees/{Id(payee)}/accounts", request);

        Assert.Equal(
            (HttpStatusCode.Accepted, HttpStatusCode.Created, HttpStatusCode.OK),
            (first.StatusCode, again.StatusCode, replay.StatusCode));
        var atPockyt = Assert.Single(await AtPockytAsync(payee.GetProperty("customerCode").GetString()!));
        Assert.Single(atPockyt.GetProperty("accounts").EnumerateArray());
    }

    [Fact]
    public async Task Accounts_set_up_without_us_are_taken_over_once()
    {
        var payee = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee(stage.NewKey("sync"))));
        await stage.Api.PostAsJsonAsync($"/v1/payees/{Id(payee)}/accounts", Example.Account("ours"));
        await FaultAsync("createAccount", execute: true);
        await stage.Api.PostAsJsonAsync($"/v1/payees/{Id(payee)}/accounts", Example.Account("answer-lost"));

        await stage.Api.PostAsync($"/v1/payees/{Id(payee)}/accounts/sync", null);
        var synced =
            await ServiceFixture.Answer(await stage.Api.PostAsync($"/v1/payees/{Id(payee)}/accounts/sync", null));

        Assert.Equal(
            [("ours", "active"), ("answer-lost", "active")],
            synced.GetProperty("data").EnumerateArray().Select(account =>
                (account.GetProperty("accountTag").GetString(), account.GetProperty("status").GetString())));
    }

    [Theory]
    [InlineData("POST", "/refresh", false)]
    [InlineData("PATCH", "", false)]
    [InlineData("DELETE", "", true)]
    public async Task A_verb_on_another_version_than_the_callers_is_refused_and_does_nothing(
        string verb, string path, bool onAccount)
    {
        var (payeeId, accountId) = await stage.RegisterAsync();
        var resource = onAccount ? $"/v1/payees/{payeeId}/accounts/{accountId}" : $"/v1/payees/{payeeId}";
        var before = await stage.Api.GetAsync(resource);
        var version = before.Headers.ETag!.Tag;

        var stale = await SendAsync("\"1\"");
        var after = await stage.Api.GetAsync(resource);
        var current = await SendAsync(version);

        Assert.Equal(
            (HttpStatusCode.PreconditionFailed, HttpStatusCode.OK), (stale.StatusCode, current.StatusCode));
        Assert.Equal("precondition-failed", (await ServiceFixture.Answer(stale)).GetProperty("code").GetString());
        Assert.Equal(await before.Content.ReadAsStringAsync(), await after.Content.ReadAsStringAsync());

        Task<HttpResponseMessage> SendAsync(string ifMatch)
        {
            var message = new HttpRequestMessage(new HttpMethod(verb), resource + path);
            message.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            message.Content = verb is "PATCH" ? JsonContent.Create(new { city = "Elsewhere" }) : null;
            return stage.Api.SendAsync(message);
        }
    }

    [Theory]
    [InlineData("PATCH", false)]
    [InlineData("DELETE", true)]
    public async Task Of_calls_at_once_with_the_same_If_Match_one_is_taken_and_the_others_are_refused(
        string verb, bool onAccount)
    {
        var (payeeId, accountId) = await stage.RegisterAsync();
        var resource = onAccount ? $"/v1/payees/{payeeId}/accounts/{accountId}" : $"/v1/payees/{payeeId}";
        var version = (await stage.Api.GetAsync(resource)).Headers.ETag!.Tag;

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(SendAsync));

        Assert.Equal(
            [HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.PreconditionFailed, 7)],
            answers.Select(answer => answer.StatusCode).Order());

        Task<HttpResponseMessage> SendAsync(int number)
        {
            var message = new HttpRequestMessage(new HttpMethod(verb), resource);
            message.Headers.TryAddWithoutValidation("If-Match", version);
            message.Content = verb is "PATCH" ? JsonContent.Create(new { city = $"City {number}" }) : null;
            return stage.Api.SendAsync(message);
        }
    }

    [Fact]
    public async Task Nothing_that_identifies_a_person_or_an_account_is_in_the_database()
    {
        var request = Example.Payee(stage.NewKey("secret"));
        request["street"] = "987 Secret Street";
        request["governmentId"] = "078051120";
        request["governmentIdType"] = "SSN";
        request["dateOfBirth"] = "1931-07-19";
        var payee = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", request));
        await stage.Api.PostAsJsonAsync($"/v1/payees/{Id(payee)}/accounts", Example.Account("secret"));

        var everything = await TestDatabase.DumpAsync(stage.ConnectionString);

        Assert.Contains("main", everything, StringComparison.Ordinal);
        string[] secrets = ["Secret Street", "078051120", "1931-07-19", "7861053298", "101089292", "555 0100"];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, everything, StringComparison.Ordinal));
    }

    private static string Id(JsonElement resource) => resource.GetProperty("id").GetString()!;

    private async Task FaultAsync(string call, bool execute)
    {
        var answer = await stage.Control.PostAsJsonAsync(
            "/simulator/faults",
            new { call, execute, answer = new { kind = "http", status = 502, body = "Bad gateway" } });
        answer.EnsureSuccessStatusCode();
    }

    private async Task<List<JsonElement>> AtPockytAsync(string customerCode)
    {
        var all = await ServiceFixture.Answer(await stage.Control.GetAsync("/simulator/payees"));
        return [.. all.GetProperty("payees").EnumerateArray()
            .Where(payee => payee.GetProperty("customerCode").GetString() == customerCode)];
    }
}
