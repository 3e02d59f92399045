using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PayoutService.Controls;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using StandardWebhooks;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.Tests.Controls;

/// <summary>A payee is paid only after the screening said clean of it and its account, as they are now.</summary>
public sealed class ScreeningTests : IAsyncLifetime
{
    private const string Secret = "whsec_dGhlIHNlY3JldCBvZiBhIHNjcmVlbmluZw==";

    private readonly ControlledService service = new();
    private readonly ConcurrentQueue<(string Body, IHeaderDictionary Headers)> asked = [];
    private WebApplication screening = null!;
    private (int Status, string Body) answer = (200, """{"answer":"clean"}""");

    private ServiceFixture Stage => service.Stage;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        screening = builder.Build();
        screening.MapPost("/screen", AnswerAsync);
        await screening.StartAsync();
        Stage.With("Controls:Enabled", "false").With("Controls:ScreeningUrl", $"{screening.Urls.First()}/screen")
            .With("Controls:ScreeningSecret", Secret);
        await service.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await service.DisposeAsync();
        await screening.DisposeAsync();
    }

    [Fact]
    public async Task A_payout_waits_until_the_screening_said_clean_and_the_next_one_does_not()
    {
        var account = await service.AccountAsync(default);
        var first = await service.PayAsync(account, "10.00");
        await Stage.DispatchAsync();
        Assert.Null(Stage.Book.Find(Text(first, "invoiceId")));

        await ScreenAsync();
        var second = await service.PayAsync(account, "11.00");
        await Stage.DispatchAsync();

        Assert.Equal(["screening"], HoldsOf(first));
        Assert.Equal("queued", Text(second, "status"));
        Assert.NotNull(Stage.Book.Find(Text(first, "invoiceId")));
        Assert.NotNull(Stage.Book.Find(Text(second, "invoiceId")));
        Assert.Single(asked);
    }

    [Fact]
    public async Task It_is_asked_about_payee_and_account_signed_as_webhooks_are()
    {
        await service.PayAsync(await service.AccountAsync(default), "10.00");

        await ScreenAsync();

        var (body, headers) = Assert.Single(asked);
        new StandardWebhook(Secret).Verify(
            body,
            new HeaderDictionary
            {
                ["webhook-id"] = headers["webhook-id"].ToString(),
                ["webhook-timestamp"] = headers["webhook-timestamp"].ToString(),
                ["webhook-signature"] = headers["webhook-signature"].ToString(),
            });
        var question = JsonDocument.Parse(body).RootElement;
        Assert.Equal("screening.requested", Text(question, "type"));
        Assert.Equal(("Ada", "Lovelace"),
            (Text(question.GetProperty("payee"), "firstName"), Text(question.GetProperty("payee"), "lastName")));
        Assert.StartsWith("acc_", Text(question.GetProperty("account"), "id"), StringComparison.Ordinal);
    }

    /// <summary>Whatever is no clear answer holds, and is asked again.</summary>
    [Theory]
    [InlineData(200, """{"answer":"hit"}""")]
    [InlineData(200, """{"answer":"error"}""")]
    [InlineData(200, """{"answer":"CLEAN"}""")]
    [InlineData(200, """{"answer":true}""")]
    [InlineData(200, """{"answer":["clean"]}""")]
    [InlineData(200, """["clean"]""")]
    [InlineData(200, "clean")]
    [InlineData(200, "")]
    [InlineData(201, """{"answer":"clean"}""")]
    [InlineData(204, "")]
    [InlineData(302, """{"answer":"clean"}""")]
    [InlineData(404, """{"answer":"clean"}""")]
    [InlineData(500, """{"answer":"clean"}""")]
    [InlineData(503, """{"answer":"clean"}""")]
    [InlineData(0, "")]
    public async Task What_is_no_clear_answer_holds_and_is_asked_again(int status, string body)
    {
        var payout = await service.PayAsync(await service.AccountAsync(default), "10.00");
        answer = (status, body);
        await ScreenAsync();
        await Stage.DispatchAsync();
        var held = await service.ShowAsync(payout);

        answer = (200, """{"answer":"clean"}""");
        await Stage.AdvanceAsync(TimeSpan.FromHours(1));
        await ScreenAsync();
        var again = asked.Count;

        // The look before the send finds that Pockyt says more of the payee now, which is screened too.
        await Stage.DispatchAsync();
        await ScreenAsync();
        await Stage.DispatchAsync();

        Assert.Equal(("held", "screening"), (Text(held, "status"), Text(held, "holdReason")));
        Assert.Equal(2, again);
        Assert.NotNull(Stage.Book.Find(Text(payout, "invoiceId")));
    }

    [Fact]
    public async Task A_screening_that_is_away_is_asked_again_until_it_answers()
    {
        var payout = await service.PayAsync(await service.AccountAsync(default), "10.00");
        await screening.StopAsync();

        await ScreenAsync();

        var held = await service.ShowAsync(payout);
        Assert.Equal("held", Text(held, "status"));
        Assert.Equal("The screening cannot be reached.", Text(held.GetProperty("holds")[0], "saw"));
        Assert.InRange(
            held.GetProperty("nextActionAt").GetDateTimeOffset() - Stage.Clock.GetUtcNow(),
            TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_payee_that_changed_after_it_was_screened_is_screened_again_before_it_is_paid()
    {
        var (payee, account) = await service.PayeeAsync(default);
        await service.PayAsync(account, "10.00");
        await ScreenAsync();
        var later = await service.PayAsync(account, "11.00");
        await Stage.Api.PatchAsJsonAsync($"/v1/payees/{payee}", new { lastName = "Byron" });

        answer = (200, """{"answer":"hit","reference":"list 7"}""");
        await Stage.DispatchAsync();
        await ScreenAsync();
        await Stage.DispatchAsync();

        var held = await service.ShowAsync(later);
        Assert.Equal(("held", "screening"), (Text(held, "status"), Text(held, "holdReason")));
        Assert.Equal("The screening answered hit: list 7.", Text(held.GetProperty("holds")[0], "saw"));
        Assert.Null(Stage.Book.Find(Text(later, "invoiceId")));
    }

    [Fact]
    public async Task Nobody_releases_a_payout_past_its_screening()
    {
        var payout = await service.PayAsync(await service.AccountAsync(default), "10.00");
        answer = (200, """{"answer":"hit"}""");
        await ScreenAsync();

        var (status, refusal) = await DecideAsync("release", await service.ShowAsync(payout), Stage.Api);

        Assert.Equal((409, "not-releasable"), ((int)status, Text(refusal, "code")));
    }

    [Fact]
    public async Task A_hit_that_nobody_clears_ends_with_the_hold()
    {
        var payout = await service.PayAsync(await service.AccountAsync(default), "10.00");
        answer = (200, """{"answer":"hit"}""");
        await ScreenAsync();
        await Stage.AdvanceAsync(Stage.Rules.RuleHoldLimit);

        await ScreenAsync();

        Assert.Equal("canceled", Text(await service.ShowAsync(payout), "status"));
        Assert.Equal(EventKind.Expired, (await service.EventsAsync(payout))[^1].Kind);
    }

    private async Task ScreenAsync()
    {
        using var screener = Stage.Make<Screener>();
        await screener.RunOnceAsync(CancellationToken.None);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        asked.Enqueue((await reader.ReadToEndAsync(), new HeaderDictionary(context.Request.Headers.ToDictionary())));
        if (answer.Status == 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.Headers.Location = "/elsewhere";
        if (answer.Body.Length > 0)
        {
            await context.Response.WriteAsync(answer.Body);
        }
    }
}
