using System.Net;
using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Journeys;

/// <summary>An operator ends a doubt.</summary>
public sealed class ResolveTests : IAsyncLifetime
{
    private readonly ServiceFixture stage =
        new ServiceFixture().With("Pockyt:Merchants:main:ResendAfterNotSeen", "false");

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Theory]
    [InlineData("paid", PayoutStatus.Succeeded, MoneyMoved.Yes)]
    [InlineData("notPaid", PayoutStatus.Failed, MoneyMoved.No)]
    [InlineData("returned", PayoutStatus.Returned, MoneyMoved.Returned)]
    public async Task A_ruling_moves_confirms_and_is_kept_with_its_author_reason_and_evidence(
        string ruling, PayoutStatus status, MoneyMoved moved)
    {
        var invoiceId = await LostAsync();
        await stage.RunAsync(TimeSpan.FromHours(2));
        var doubtful = await stage.PayoutAsync(invoiceId);

        var answer = await ResolveAsync(doubtful, ruling);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Unconfirmed, Attention.NotSeen), (doubtful.Status, doubtful.Attention));
        Assert.Equal((status, moved, Source.Operator, null),
            (payout.Status, payout.MoneyMoved, payout.ConfirmedBy, payout.Attention));
        var kept = (await stage.EventsAsync(invoiceId))[^1];
        Assert.Equal((payout.Version, EventKind.Resolved, "dev"), (kept.Version, kept.Kind, kept.Actor.Name));
        Assert.Equal((ruling, "The bank says so", "Statement 7"),
            (kept.Detail["ruling"], kept.Detail["reason"], kept.Detail["evidence"]));
    }

    [Fact]
    public async Task What_Pockyt_does_not_have_is_sent_again_as_the_same_request_once_an_operator_allows_it()
    {
        var invoiceId = await LostAsync();
        await stage.RunAsync(TimeSpan.FromHours(2));
        var before = stage.Book.ArrivalsOf(invoiceId).Count;

        await ResolveAsync(await stage.PayoutAsync(invoiceId), "sendAgain");
        await stage.RunAsync(TimeSpan.FromHours(1));

        var arrivals = stage.Book.ArrivalsOf(invoiceId);
        Assert.Equal((1, 2), (before, arrivals.Count));
        Assert.Single(arrivals.Select(arrival => arrival.RequestId).Distinct());
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
        Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task What_Pockyt_has_after_all_is_not_sent_again_whatever_an_operator_allowed()
    {
        await stage.Control.PostAsJsonAsync("/simulator/settings", new { inquiryLagMs = 3 * 3600 * 1000 });
        var invoiceId = await stage.PayAsync("500.05");
        await stage.RunAsync(TimeSpan.FromHours(2));
        var doubtful = await stage.PayoutAsync(invoiceId);
        await stage.Control.PostAsJsonAsync("/simulator/settings", new { inquiryLagMs = 0 });

        await ResolveAsync(doubtful, "sendAgain");
        await stage.RunAsync(TimeSpan.FromHours(2));

        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
        Assert.NotEqual(PayoutStatus.Unconfirmed, (await stage.PayoutAsync(invoiceId)).Status);
    }

    [Fact]
    public async Task An_answer_to_a_question_from_before_the_ruling_sends_nothing()
    {
        var invoiceId = await LostAsync();
        await stage.RunAsync(TimeSpan.FromHours(2));
        var payout = await stage.PayoutAsync(invoiceId);
        await ResolveAsync(payout, "sendAgain");
        var allowed = await stage.PayoutAsync(invoiceId);
        var late = new Report(ReportKind.NotSeen, Source.Inquiry) { AskedAt = allowed.ResendGrantedAt };
        var early = late with { AskedAt = allowed.ResendGrantedAt!.Value.AddTicks(-10) };

        var now = stage.Clock.GetUtcNow();

        Assert.False(allowed.MayBeSentAgain(early, now, stage.Rules));
        Assert.True(allowed.MayBeSentAgain(late, now, stage.Rules));
        Assert.False(payout.MayBeSentAgain(late, now, stage.Rules));
    }

    [Fact]
    public async Task A_paused_merchant_sends_nothing_again_either()
    {
        var invoiceId = await LostAsync();
        await stage.RunAsync(TimeSpan.FromHours(2));
        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Wait" });

        await ResolveAsync(await stage.PayoutAsync(invoiceId), "sendAgain");
        await stage.RunAsync(TimeSpan.FromHours(2));
        var paused = stage.Book.ArrivalsOf(invoiceId).Count;
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.RunAsync(TimeSpan.FromHours(2));

        Assert.Equal((1, 2), (paused, stage.Book.ArrivalsOf(invoiceId).Count));
    }

    [Fact]
    public async Task A_doubt_about_what_was_never_sent_is_ended_and_it_is_sent()
    {
        var invoiceId = await stage.PayAsync();
        await stage.Reports.RecordAsync(
            await stage.PayoutAsync(invoiceId),
            new Report(ReportKind.Unclear, Source.Inquiry) { Mismatch = "amount differs" },
            CancellationToken.None);
        await stage.DispatchAsync();
        var before = stage.Book.ArrivalsOf(invoiceId).Count;

        var answer = await ResolveAsync(await stage.PayoutAsync(invoiceId), "sendAgain");
        await stage.RunAsync(TimeSpan.FromHours(1));

        Assert.Equal((0, HttpStatusCode.OK), (before, answer.StatusCode));
        Assert.Single(stage.Book.ArrivalsOf(invoiceId));
    }

    [Theory]
    [InlineData(PayoutStatus.Queued, Ruling.Paid, false)]
    [InlineData(PayoutStatus.Queued, Ruling.SendAgain, false)]
    [InlineData(PayoutStatus.Held, Ruling.NotPaid, false)]
    [InlineData(PayoutStatus.Submitting, Ruling.Paid, false)]
    [InlineData(PayoutStatus.Submitting, Ruling.NotPaid, false)]
    [InlineData(PayoutStatus.Submitting, Ruling.SendAgain, false)]
    [InlineData(PayoutStatus.Unconfirmed, Ruling.Paid, true)]
    [InlineData(PayoutStatus.Unconfirmed, Ruling.SendAgain, true)]
    [InlineData(PayoutStatus.Processing, Ruling.Returned, true)]
    [InlineData(PayoutStatus.Processing, Ruling.SendAgain, false)]
    [InlineData(PayoutStatus.Succeeded, Ruling.Paid, true)]
    [InlineData(PayoutStatus.Succeeded, Ruling.NotPaid, false)]
    [InlineData(PayoutStatus.Succeeded, Ruling.Returned, false)]
    [InlineData(PayoutStatus.Succeeded, Ruling.SendAgain, false)]
    [InlineData(PayoutStatus.Failed, Ruling.Paid, true)]
    [InlineData(PayoutStatus.Failed, Ruling.SendAgain, false)]
    [InlineData(PayoutStatus.Canceled, Ruling.Paid, false)]
    [InlineData(PayoutStatus.Canceled, Ruling.SendAgain, false)]
    public void Only_what_somebody_can_know_is_ruled_on(PayoutStatus status, Ruling ruling, bool allowed)
    {
        var payout = PayoutBuilder.Of(status);
        var version = payout.Version;

        var resolved = payout.Resolve(
            new OperatorDecision(ruling, Actor.ApiKey("ops"), "ops", "why", "where", Overrules: false), _ => null,
            PayoutBuilder.LeaseEnd, PayoutBuilder.Rules);

        Assert.Equal(allowed, resolved is not null);
        Assert.Equal(version + (allowed ? 1 : 0), payout.Version);
    }

    [Fact]
    public async Task A_ruling_needs_the_scope_a_reason_evidence_and_the_right_version()
    {
        var invoiceId = await LostAsync();
        await stage.RunAsync(TimeSpan.FromHours(2));
        var payout = await stage.PayoutAsync(invoiceId);
        using var reader = stage.Client("reader-key");
        using var other = stage.Client("other-key");
        var link = $"{Link(payout)}/resolve";
        var complete = new { ruling = "paid", reason = "r", evidence = "e" };
        using var stale = new HttpRequestMessage(HttpMethod.Post, link) { Content = JsonContent.Create(complete) };
        stale.Headers.Add("If-Match", "\"1\"");

        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsJsonAsync(link, complete)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await other.PostAsJsonAsync(link, complete)).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest, (await stage.Api.PostAsJsonAsync(link, new { ruling = "paid" })).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await stage.Api.PostAsJsonAsync(link, complete with { ruling = "lost" })).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await stage.Api.SendAsync(stale)).StatusCode);
        Assert.Equal(payout.Version, (await stage.PayoutAsync(invoiceId)).Version);
    }

    [Fact]
    public async Task A_payout_explains_itself_when_it_is_asked_for_alone()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        var payout = await stage.PayoutAsync(invoiceId);

        var alone = await ServiceFixture.Answer(await stage.Api.GetAsync(Link(payout)));
        var listed = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts?invoiceId={invoiceId}"));

        var explain = alone.GetProperty("explain");
        Assert.StartsWith("Pockyt has it", explain.GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("We ask Pockyt", explain.GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.Equal(alone.GetProperty("nextActionAt").GetString(), explain.GetProperty("at").GetString());
        Assert.False(listed.GetProperty("data")[0].TryGetProperty("explain", out _));
    }

    [Fact]
    public void Every_status_and_attention_has_its_own_words()
    {
        var all =
            from status in Enum.GetValues<PayoutStatus>()
            from attention in Enum.GetValues<Attention>().Cast<Attention?>().Append(null)
            select (status, attention, told: Told(PayoutBuilder.Of(status).With(attention)));

        Assert.All(all, one => Assert.All(
            new[] { one.told.Why, one.told.Next, one.told.ChangedBy }, text => Assert.EndsWith(".", text)));
        Assert.Equal(
            Enum.GetValues<PayoutStatus>().Length * (Enum.GetValues<Attention>().Length + 1),
            all.Select(one => one.told.Why).Distinct().Count());
    }

    private Explanation Told(Payout payout) => Explanation.Of(payout, blocker: null, [], stage.Clock.GetUtcNow());

    /// <summary>A payout whose only request was lost on its way, though nobody can know that.</summary>
    private async Task<string> LostAsync()
    {
        var invoiceId = await stage.PayAsync();
        await stage.Control.PostAsJsonAsync(
            "/simulator/faults", new { call = "pay", execute = false, answer = new { kind = "close" } });
        return invoiceId;
    }

    private static string Link(Payout payout) => $"/v1/payouts/{PublicId.Of(PublicId.Payout, payout.Id)}";

    private Task<HttpResponseMessage> ResolveAsync(Payout payout, string ruling) => stage.Api.PostAsJsonAsync(
        $"{Link(payout)}/resolve", new { ruling, reason = "The bank says so", evidence = "Statement 7" });
}
