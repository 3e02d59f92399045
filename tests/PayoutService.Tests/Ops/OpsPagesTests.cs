using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using PayoutService.Events;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Ops;

/// <summary>What each page answers, without JavaScript.</summary>
public sealed class OpsPagesTests : OpsTests
{
    [Fact]
    public async Task A_payouts_page_says_whether_money_moved_why_it_is_where_it_is_and_what_is_next()
    {
        var invoiceId = await Stage.PayAsync("500.06");
        await Stage.DispatchAsync();

        var page = await Browser.OpenAsync(await PageOfAsync(invoiceId));

        Assert.StartsWith("500.06 USD", page.Heading, Ordinal);
        Assert.Contains("money moved: unknown", page.Text, Ordinal);
        Assert.Contains("A request may have reached Pockyt, and no answer gave the outcome.", page.Text, Ordinal);
        Assert.Contains("Next We ask Pockyt at growing intervals until the outcome is known.", page.Text, Ordinal);
        Assert.Contains("Never pay this another way while it is unknown whether money moved.", page.Text, Ordinal);
        Assert.Contains("BANK_ACCOUNT …3298", page.Text, Ordinal);
    }

    [Fact]
    public async Task The_timeline_has_each_event_notification_and_delivery_newest_first()
    {
        await using var subscriber = await Subscriber.StartAsync();
        using var deliverer = Stage.Make<Deliverer>();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await Stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = subscriber.Url });
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromMinutes(1));
        await Stage.WhenAsync(invoiceId, payout => payout.ConfirmedBy is not null);
        await DeliverAsync(deliverer);

        var page = await Browser.OpenAsync(await PageOfAsync(invoiceId));

        Assert.Contains("payout.confirmed was delivered.", page.Text, Ordinal);
        Assert.Contains("money moved: yes", page.Text, Ordinal);
        Assert.Contains("A notification came; its signature is right.", page.Text, Ordinal);
        AssertOrder(
            page.Text,
            "Pockyt's answer to our question says that it was paid (success).",
            "A worker claimed it for sending.",
            "It was accepted.");
    }

    [Fact]
    public async Task A_wait_that_was_longer_than_it_should_be_is_drawn()
    {
        var invoiceId = await Stage.PayAsync("500.08");
        await Stage.DispatchAsync();
        await Stage.AdvanceAsync(TimeSpan.FromHours(30));
        using var later = await OpsStage.LogInAsync(Stage, "ops-key");

        var page = await later.OpenAsync(await PageOfAsync(invoiceId));

        Assert.Matches("has been waiting 1 d [56] h \\( ?balance should be over within 1 d ?\\)", page.Text);
    }

    [Fact]
    public async Task A_wait_is_drawn_with_its_cause_and_not_before_its_time()
    {
        var paused = await Stage.PayAsync();
        await Stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Moving the balance" });
        var scheduled = await Stage.PayAsync("2.00", Stage.Clock.GetUtcNow().AddHours(29));
        await Stage.AdvanceAsync(TimeSpan.FromHours(27));
        using var later = await OpsStage.LogInAsync(Stage, "ops-key");

        var waits = await later.OpenAsync(await PageOfAsync(paused));
        var isInTime = await later.OpenAsync(await PageOfAsync(scheduled));
        await Stage.AdvanceAsync(TimeSpan.FromHours(4));
        await Stage.Api.PostAsJsonAsync("/v1/sending/resume", new { reason = "It is moved" });
        await Stage.DispatchAsync();
        using var last = await OpsStage.LogInAsync(Stage, "ops-key");
        var sentLate = await last.OpenAsync(await PageOfAsync(scheduled));

        Assert.Matches("has been waiting 1 d 3 h \\( ?paused should be over within 1 h", waits.Text);
        Assert.DoesNotContain("has been waiting", isInTime.Text, Ordinal);
        Assert.Matches("waited 2 h \\( ?due should be over within 1 min", sentLate.Text);
    }

    [Fact]
    public async Task Acts_are_always_drawn_and_disabled_with_the_reason()
    {
        var invoiceId = await Stage.PayAsync();
        using var watcher = await OpsStage.LogInAsync(Stage, "watch-key");

        var acting = await Browser.OpenAsync(await PageOfAsync(invoiceId));
        var watching = await watcher.OpenAsync(await PageOfAsync(invoiceId));

        Assert.Contains("Ask Pockyt now Nothing was sent, so there is nothing to ask about.", acting.Text, Ordinal);
        Assert.Contains("Resolve… Nothing was sent, so there is nothing to decide.", acting.Text, Ordinal);
        Assert.Contains($"{await PageOfAsync(invoiceId)}/cancel", acting.Links);
        Assert.DoesNotContain(watching.Links, link => link.EndsWith("/cancel", Ordinal));
        Assert.Contains("Cancel… Your key has the scope ops:read, which only watches.", watching.Text, Ordinal);
    }

    [Fact]
    public async Task Any_exact_id_opens_the_page_of_what_it_names()
    {
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromMinutes(1));
        var payout = await Stage.WhenAsync(invoiceId, row => row.TransactionNo is not null);
        var payee = await ServiceFixture.Answer(await Stage.Api.GetAsync($"/v1/payees/{Stage.PayeeId}"));
        var ofPayout = await PageOfAsync(invoiceId);
        var ofPayee = $"/ops/payees/{Stage.PayeeId}";
        (string Id, string Page)[] ids =
        [
            (invoiceId, ofPayout),
            (PublicId.Of(PublicId.Payout, payout.Id), ofPayout),
            (payout.TransactionNo!, ofPayout),
            (Stage.PayeeId, ofPayee),
            (Stage.AccountId, ofPayee),
            (payee.GetProperty("customerCode").GetString()!, ofPayee),
            (payee.GetProperty("email").GetString()!, ofPayee),
            (payout.CustomerNo, ofPayee),
            (payout.AccountToken, ofPayee),
        ];

        foreach (var (id, page) in ids)
        {
            var opened = await Browser.OpenAsync($"/ops/payouts?q={Uri.EscapeDataString(id)}");
            Assert.Equal((id, page), (id, opened.Address));
        }
    }

    [Fact]
    public async Task The_request_id_of_the_call_that_created_a_payout_opens_its_page()
    {
        var answer = await Stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(Stage.AccountId, "by-request"));

        var opened = await Browser.OpenAsync($"/ops/payouts?q={answer.Headers.GetValues("X-Request-Id").Single()}");

        Assert.Equal(await PageOfAsync("by-request"), opened.Address);
    }

    [Fact]
    public async Task An_id_that_names_nothing_is_answered_with_a_sentence()
    {
        var page = await Browser.OpenAsync("/ops/payouts?q=no-such-id");

        Assert.Contains("Nothing has the id or e-mail \"no-such-id\"", page.Text, Ordinal);
    }

    [Fact]
    public async Task Qualifiers_list_what_they_name_and_nothing_else()
    {
        var small = await Stage.PayAsync("10.00");
        var large = await Stage.PayAsync("900.00");

        var above = await Browser.OpenAsync("/ops/payouts?q=status:queued+amount:%3E500");
        var below = await Browser.OpenAsync("/ops/payouts?q=amount:%3C10.01+currency:USD");
        var held = await Browser.OpenAsync("/ops/payouts?q=status:held");
        var wrong = await Browser.OpenAsync("/ops/payouts?q=status:lost");

        Assert.Equal((true, false), (above.Text.Contains(large, Ordinal), above.Text.Contains(small, Ordinal)));
        Assert.Equal((false, true), (below.Text.Contains(large, Ordinal), below.Text.Contains(small, Ordinal)));
        Assert.Contains("No payout has all of this.", held.Text, Ordinal);
        Assert.Contains("\"status:lost\" cannot be read.", wrong.Text, Ordinal);
    }

    [Fact]
    public async Task A_list_goes_on_page_by_page_and_shows_each_payout_once()
    {
        for (var at = 0; at < 60; at++)
        {
            await Stage.PayAsync("1.00");
        }

        var first = await Browser.OpenAsync("/ops/payouts");
        var second = await Browser.OpenAsync(first.Links.Single(link => link.Contains("before=", Ordinal)));

        var (one, two) = (PayoutLinks(first), PayoutLinks(second));
        Assert.Equal((50, 10), (one.Count, two.Count));
        Assert.Empty(one.Intersect(two));
        Assert.DoesNotContain(second.Links, link => link.Contains("before=", Ordinal));
    }

    [Fact]
    public async Task The_payees_page_says_whether_it_can_be_paid_and_what_is_next()
    {
        var page = await Browser.OpenAsync($"/ops/payees/{Stage.PayeeId}");

        Assert.Equal("This payee can be paid.", page.Heading);
        Assert.Contains("3298", page.Text, Ordinal);
        Assert.Contains($"/ops/payouts?q=payee:{Stage.PayeeId}", page.Links);
    }

    [Fact]
    public async Task What_Pockyt_sent_is_listed_with_the_payout_it_is_about()
    {
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromMinutes(1));
        await Stage.WhenAsync(invoiceId, payout => payout.ConfirmedBy is not null);

        var page = await Browser.OpenAsync("/ops/notices");

        Assert.Contains(await PageOfAsync(invoiceId), page.Links);
    }

    [Fact]
    public async Task The_health_page_says_what_a_person_must_do()
    {
        await Stage.DispatchAsync();
        var fine = await Browser.OpenAsync("/ops/health");
        await Stage.AdvanceAsync(TimeSpan.FromMinutes(5));

        var silent = await Browser.OpenAsync("/ops/health");

        Assert.Equal("The service does its work.", fine.Heading);
        Assert.Contains("workersSilent No process has reported for a minute", silent.Text, Ordinal);
        Assert.Contains("Start a replica with the role workers.", silent.Text, Ordinal);
    }

    [Fact]
    public async Task An_unknown_page_or_object_is_a_page_that_says_so()
    {
        var page = await Browser.OpenAsync("/ops/nothing");
        var payout = await Browser.OpenAsync("/ops/payouts/po_01jh9m4c5d7f9h1k3m5p7r9t1v");

        Assert.Equal((HttpStatusCode.NotFound, "There is no such page."), (page.Status, page.Heading));
        Assert.Equal((HttpStatusCode.NotFound, "There is no such payout."), (payout.Status, payout.Heading));
    }

    /// <summary>Nothing of a page runs or is styled but by our two files; a page is small, and what callers wrote is
    /// text.</summary>
    [Fact]
    public async Task Every_page_is_whole_small_and_takes_in_nothing_that_a_caller_wrote_as_code()
    {
        const string Evil = "<script>alert(1)</script>";
        var request = Example.Payout(Stage.AccountId, "inv-evil");
        request["description"] = Evil;
        await Stage.Api.PostAsJsonAsync("/v1/payouts", request);
        await Stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = Evil });
        await Stage.Api.PostAsJsonAsync(
            "/v1/webhook-endpoints", new { url = "http://127.0.0.1:9/x", description = Evil });
        string[] pages =
        [
            "/ops", "/ops/attention", "/ops/payouts", await PageOfAsync("inv-evil"), "/ops/payees",
            $"/ops/payees/{Stage.PayeeId}", "/ops/notices", "/ops/deliveries", "/ops/sending", "/ops/health",
            "/ops/audit", $"{await PageOfAsync("inv-evil")}/cancel", "/ops/sending/resume?of=main",
            "/ops/payouts?q=%3Cscript%3Ealert(1)%3C/script%3E", "/ops/login",
        ];

        foreach (var path in pages)
        {
            using var answer = await Browser.Http.GetAsync(path);
            var html = await answer.Content.ReadAsStringAsync();

            Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
            Assert.Equal(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
                answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.DoesNotContain(Evil, html, Ordinal);
            Assert.DoesNotMatch(new Regex(@"<style|\sstyle=|\son[a-z]+=|<script(?! src=""/ops/ops\.js\?v=)"), html);
            Assert.Single(Regex.Matches(html, "<h1"));
            Assert.Contains("<html lang=\"en\">", html, Ordinal);
            Assert.Contains("no-store", answer.Headers.CacheControl!.ToString(), Ordinal);
            Assert.InRange(html.Length, 500, 60 * 1024);
        }
    }

    [Fact]
    public async Task The_script_is_small_and_both_files_are_kept_by_browsers()
    {
        var board = await Browser.OpenAsync("/ops");
        var script = Regex.Match(board.Html, "src=\"(/ops/ops\\.js\\?v=[^\"]+)\"").Groups[1].Value;
        var style = board.Links.Single(link => link.StartsWith("/ops/style.css?v=", Ordinal));

        using var ofScript = await Browser.Http.GetAsync(script);
        using var ofStyle = await Browser.Http.GetAsync(style);

        Assert.InRange((await ofScript.Content.ReadAsByteArrayAsync()).Length, 100, 6 * 1024);
        Assert.Equal(
            ("text/javascript", "text/css"),
            (ofScript.Content.Headers.ContentType!.MediaType, ofStyle.Content.Headers.ContentType!.MediaType));
        Assert.Equal(TimeSpan.FromDays(365), ofScript.Headers.CacheControl!.MaxAge);
    }

    private static List<string> PayoutLinks(OpsPage page) =>
        [.. page.Links.Where(link => link.StartsWith("/ops/payouts/po_", Ordinal)).Distinct()];

    private static void AssertOrder(string text, params string[] parts)
    {
        var places = parts.Select(part => text.IndexOf(part, Ordinal)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public async Task Notices_of_one_instant_are_all_shown_once_page_by_page()
    {
        await TestDatabase.ExecuteAsync(Stage.ConnectionString, """
            INSERT INTO notices (merchant, hash, invoice_id, text, received_at)
            SELECT 'main', sha256(number::text::bytea), 'inv-' || number, 'text', '2026-11-01 10:00:00+00'
            FROM generate_series(1, 120) AS number
            """);

        List<string> shown = [];
        for (var path = "/ops/notices"; path is not null;)
        {
            var page = await Browser.OpenAsync(path);
            shown.AddRange(Regex.Matches(page.Text, "inv-[0-9]+").Select(one => one.Value));
            path = page.Links.FirstOrDefault(link => link.Contains("before=", Ordinal));
        }

        Assert.Equal(120, shown.Count);
        Assert.Equal(120, shown.Distinct().Count());
    }
}
