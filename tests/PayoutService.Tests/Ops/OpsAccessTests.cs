using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using PayoutService.Storage;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Ops;

/// <summary>Who may see and do what on the operator pages, and for how long.</summary>
public sealed class OpsAccessTests : IAsyncLifetime
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private readonly ServiceFixture stage = OpsStage.Make();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Who_is_not_logged_in_comes_to_the_login_and_then_to_the_page_that_was_asked_for()
    {
        using var browser = new Operator(OpsStage.AddressOf(stage));

        var asked = await browser.OpenAsync("/ops/payouts?q=status:held");
        var entered = await browser.EnterAsync("ops-key", asked.Address["/ops/login".Length..]);

        Assert.Equal("/ops/login?return=%2Fops%2Fpayouts%3Fq%3Dstatus%3Aheld", asked.Address);
        Assert.Equal((HttpStatusCode.OK, "/ops/payouts?q=status:held"), (entered.Status, entered.Address));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/ops/\\evil.example")]
    [InlineData("https://evil.example/ops")]
    [InlineData("/v1/me")]
    public async Task A_login_leads_to_no_address_but_our_pages(string back)
    {
        using var browser = new Operator(OpsStage.AddressOf(stage));
        var offered = await browser.OpenAsync($"/ops/login?return={Uri.EscapeDataString(back)}");

        var answer = await EnterAsync(browser, offered, back);

        Assert.DoesNotContain(back, WebUtility.HtmlDecode(offered.Html), Ordinal);
        Assert.Equal((HttpStatusCode.Found, "/ops"), (answer.StatusCode, answer.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task A_link_on_another_site_opens_the_page_for_who_is_logged_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ops/payouts?q=\"x");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var browser = new Operator(OpsStage.AddressOf(stage));

        var answer = await browser.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("content=\"0;url=/ops/payouts?q=%22x\"", await answer.Content.ReadAsStringAsync(), Ordinal);
    }

    [Fact]
    public async Task In_Development_one_click_logs_in()
    {
        using var browser = new Operator(OpsStage.AddressOf(stage));

        var login = await browser.OpenAsync("/ops/login");

        Assert.Contains("Log in as dev (Development only)", login.Text, Ordinal);
        Assert.Contains("name=\"key\" value=\"dev-key\"", login.Html, Ordinal);
    }

    [Theory]
    [InlineData("no-such-key")]
    [InlineData("reader-key")]
    [InlineData("")]
    public async Task A_key_that_is_unknown_or_lacks_the_scopes_is_refused(string key)
    {
        using var browser = new Operator(OpsStage.AddressOf(stage));

        var refused = await browser.EnterAsync(key);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Contains("This key is not known", refused.Text, Ordinal);
        Assert.Equal("/ops/login?return=%2Fops", (await browser.OpenAsync("/ops")).Address);
    }

    [Fact]
    public async Task Who_guesses_keys_has_to_wait_and_who_has_the_right_one_has_not()
    {
        using var browser = new Operator(OpsStage.AddressOf(stage));
        OpsPage guessed;
        var tries = 0;
        do
        {
            guessed = await browser.EnterAsync($"guess-{++tries}");
        }
        while (guessed.Status == HttpStatusCode.Unauthorized && tries < 20);

        var entered = await browser.EnterAsync("ops-key");

        Assert.Equal((HttpStatusCode.TooManyRequests, 11), (guessed.Status, tries));
        Assert.Contains("Try again in", guessed.Text, Ordinal);
        Assert.Equal((HttpStatusCode.OK, "/ops"), (entered.Status, entered.Address));
    }

    [Fact]
    public async Task A_session_lasts_8_hours_and_no_longer_however_much_it_is_used()
    {
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");
        await stage.AdvanceAsync(TimeSpan.FromHours(7.9));

        var before = await browser.OpenAsync("/ops/audit");
        await stage.AdvanceAsync(TimeSpan.FromHours(0.2));
        var after = await browser.OpenAsync("/ops/audit");

        Assert.Equal("/ops/audit", before.Address);
        Assert.StartsWith("/ops/login", after.Address, Ordinal);
    }

    [Fact]
    public async Task Who_logs_out_is_out()
    {
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");
        var board = await browser.OpenAsync("/ops");

        var left = await browser.PostAsync("/ops/logout", board.HiddenOf("/ops/logout"));

        Assert.Equal("/ops/login", left.Address);
        Assert.StartsWith("/ops/login", (await browser.OpenAsync("/ops")).Address, Ordinal);
    }

    [Fact]
    public async Task The_cookie_is_for_our_pages_only_and_for_no_script()
    {
        using var browser = new Operator(OpsStage.AddressOf(stage));

        var answer = await EnterAsync(browser, await browser.OpenAsync("/ops/login"), back: "");

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("ops=", Ordinal));
        Assert.EndsWith("; path=/ops; samesite=strict; httponly", cookie, Ordinal);
    }

    [Fact]
    public async Task A_session_is_no_key_of_the_API_and_a_key_no_session()
    {
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");

        var called = await browser.Http.GetAsync("/v1/sending");
        using var keyed = stage.Client("ops-key");
        var opened = await keyed.GetAsync("/ops");

        Assert.Equal(HttpStatusCode.Unauthorized, called.StatusCode);
        Assert.Equal("/ops/login", opened.RequestMessage!.RequestUri!.AbsolutePath);
    }

    [Fact]
    public async Task A_form_that_is_not_from_a_page_of_ours_is_refused()
    {
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");

        var refused = await browser.PostAsync(
            "/ops/sending/pause?of=main", new() { ["reason"] = "A form from elsewhere", ["version"] = "" });

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains("Nothing was done", refused.Text, Ordinal);
        Assert.Empty(await stage.Sending.PausesOfAsync("main"));
    }

    [Fact]
    public async Task The_keys_of_sessions_are_stored_encrypted()
    {
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");

        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var keys = await db.DataProtectionKeys.AsNoTracking().Select(key => key.Xml!).ToListAsync();

        Assert.All(keys, key => Assert.Contains("<encryptedKey ", key, Ordinal));
        Assert.All(keys, key => Assert.DoesNotContain("<masterKey", key, Ordinal));
    }

    /// <summary>Every address of the pages, with every role: nobody, a watcher, an operator, an operator of another
    /// merchant, one of all merchants, and a key whose scopes are not enough.</summary>
    [Fact]
    public async Task Every_page_opens_to_its_roles_and_its_merchant_only_and_a_watcher_sends_no_form()
    {
        var invoiceId = await stage.PayAsync();
        var payout = PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id);
        var batch = await BatchAsync(payout);
        using var nobody = new Operator(OpsStage.AddressOf(stage));
        using var watcher = await OpsStage.LogInAsync(stage, "watch-key");
        using var acting = await OpsStage.LogInAsync(stage, "ops-key");
        using var stranger = await OpsStage.LogInAsync(stage, "other-ops-key");
        using var all = await OpsStage.LogInAsync(stage, "all-key");
        var routes = stage.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                .Select(method => (Method: method, Path: $"/{endpoint.RoutePattern.RawText!.Trim('/')}")))
            .Where(route => route.Path.StartsWith("/ops", Ordinal) && !IsOpen(route.Path)).Distinct().ToList();
        List<string> wrong = [];

        foreach (var (method, pattern) in routes)
        {
            var path = pattern
                .Replace("{id}", pattern.Contains("/payees/", Ordinal) ? stage.PayeeId
                    : pattern.Contains("/batches/", Ordinal) ? batch : payout, Ordinal)
                .Replace("{**path}", "nothing", Ordinal);
            var isOfObject = pattern.Contains("{id}", Ordinal);
            foreach (var (who, browser) in new[]
            {
                ("nobody", nobody), ("watcher", watcher), ("operator", acting), ("stranger", stranger), ("all", all),
            })
            {
                var before = await StateAsync();
                var page = method == "GET" ? await browser.OpenAsync(path)
                    : await browser.PostAsync(path, new() { ["reason"] = "Not from a page of ours" });
                var expected = (who, method) switch
                {
                    ("nobody", _) => HttpStatusCode.OK,
                    ("watcher", "POST") => HttpStatusCode.Forbidden,
                    (_, "POST") => HttpStatusCode.BadRequest,
                    _ when pattern.Contains("{**path}", Ordinal) => HttpStatusCode.NotFound,
                    _ when pattern.Contains("/deliveries/{id}", Ordinal)
                        || pattern.Contains("/deliveries.csv", Ordinal)
                        || pattern.Contains("/endpoints/{id}", Ordinal) => HttpStatusCode.NotFound,
                    ("stranger", _) when isOfObject => HttpStatusCode.NotFound,
                    _ => HttpStatusCode.OK,
                };
                var isRefusedAct = page.Status == HttpStatusCode.Conflict && method == "GET" && who is not "nobody";
                if (page.Status != expected && !isRefusedAct)
                {
                    wrong.Add($"{method} {pattern}: {who} got {page.Status}, not {expected}");
                }

                if (who == "nobody" && !page.Address.StartsWith("/ops/login", Ordinal))
                {
                    wrong.Add($"{method} {pattern}: nobody got {page.Address}");
                }

                if (who == "stranger" && (page.Html.Contains(invoiceId, Ordinal)
                    || (page.Html.Contains(stage.PayeeId, Ordinal) && !path.Contains(stage.PayeeId, Ordinal))))
                {
                    wrong.Add($"{method} {pattern}: the stranger saw something of main");
                }

                if (method == "POST" && await StateAsync() != before)
                {
                    wrong.Add($"{method} {pattern}: {who} changed something");
                }
            }
        }

        Assert.InRange(routes.Count, 25, 60);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_key_for_all_merchants_sees_each_and_of_the_API_only_sending_and_who_it_is()
    {
        var invoiceId = await stage.PayAsync();
        using var browser = await OpsStage.LogInAsync(stage, "all-key");
        using var keyed = stage.Client("all-key");

        var main = await browser.OpenAsync("/ops/payouts?merchant=main");
        var other = await browser.OpenAsync("/ops/payouts?merchant=other");
        var refused = await ServiceFixture.Answer(
            await keyed.PostAsync($"{PayoutView.Link(await stage.PayoutAsync(invoiceId))}/refresh", null));
        var unnamed = await ServiceFixture.Answer(await keyed.PostAsync("/v1/sending/resume", null));
        await keyed.PostAsJsonAsync("/v1/sending/pause?merchant=other", new { reason = "Audit" });
        var me = await ServiceFixture.Answer(await keyed.GetAsync("/v1/me"));

        Assert.Contains(invoiceId, main.Text, Ordinal);
        Assert.Contains("There are no payouts yet.", other.Text, Ordinal);
        Assert.Equal("forbidden", refused.GetProperty("code").GetString());
        Assert.StartsWith("The key is for all merchants", refused.GetProperty("detail").GetString(), Ordinal);
        Assert.Equal(
            "must be main or other: those of your key",
            unnamed.GetProperty("errors").GetProperty("merchant")[0].GetString());
        Assert.Equal((0, 1), (
            (await stage.Sending.PausesOfAsync("main")).Count, (await stage.Sending.PausesOfAsync("other")).Count));
        Assert.Equal("*", me.GetProperty("merchant").GetString());
    }

    [Fact]
    public async Task A_payees_name_is_masked_until_an_operator_asks_and_the_asking_is_in_the_audit()
    {
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");
        var page = $"/ops/payees/{stage.PayeeId}";
        var masked = await browser.OpenAsync(page);

        var shown = await browser.PostAsync($"{page}/reveal", masked.HiddenOf($"{page}/reveal"));

        Assert.DoesNotContain("Lovelace", masked.Html, Ordinal);
        Assert.DoesNotContain("@example.com", masked.Html, Ordinal);
        Assert.Contains("Ada Lovelace", shown.Text, Ordinal);
        Assert.DoesNotContain("Lovelace", (await browser.OpenAsync("/ops/payees")).Html, Ordinal);
        var audit = await browser.OpenAsync("/ops/audit");
        Assert.Contains($"ops-key revealed {stage.PayeeId}", audit.Text.Replace(" Copy", "", Ordinal), Ordinal);
    }

    [Theory]
    [InlineData("UPDATE operator_acts SET actor = 'nobody'")]
    [InlineData("DELETE FROM operator_acts")]
    [InlineData("TRUNCATE operator_acts")]
    public async Task Nobody_changes_the_audit_not_even_the_owner_of_the_tables(string statement)
    {
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");
        await using var owner = await stage.OwnerDbAsync();

        var refusal = await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => owner.Database.ExecuteSqlRawAsync(statement));

        Assert.Contains("only ever added", refusal.MessageText, Ordinal);
    }

    /// <summary>Sends the form of the login page as it is not in the page, and follows nothing.</summary>
    private static async Task<HttpResponseMessage> EnterAsync(Operator browser, OpsPage login, string back)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_form"] = login.Html.Split("name=\"_form\" value=\"")[1].Split('"')[0],
            ["key"] = "ops-key",
            ["return"] = back,
        });
        return await browser.Http.PostAsync("/ops/login", form);
    }

    private async Task<string> BatchAsync(string note)
    {
        using var file = new StringContent(
            $"invoiceId,accountId,amount,currency,note\nmatrix,{stage.AccountId},5.00,USD,{note}",
            Encoding.UTF8,
            "text/csv");
        using var made = await stage.Api.PostAsync("/v1/batches", file);
        return (await ServiceFixture.Answer(made)).GetProperty("id").GetString()!;
    }

    private static bool IsOpen(string path) =>
        path is "/ops/login" or "/ops/logout" or "/ops/style.css" or "/ops/ops.js"

        // It does not end; LiveTests have it.
        or "/ops/live";

    private async Task<string> StateAsync()
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return JsonSerializer.Serialize(new
        {
            Payouts = await db.Payouts.Select(row => new { row.Version, row.DueAt }).ToListAsync(),
            Pauses = await db.Pauses.CountAsync(),
            Batches = await db.Batches.Select(row => row.Version).ToListAsync(),
            Acts = await db.OperatorActs.CountAsync(),
        });
    }
}
