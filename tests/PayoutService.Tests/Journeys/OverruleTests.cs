using System.Net;
using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Journeys;

/// <summary>Operators cannot turn certainty into a second payment.</summary>
public sealed class OverruleTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task What_was_paid_is_neither_ruled_away_nor_replaced_by_one_person()
    {
        var paid = await PaidAsync();
        using var sameOwner = stage.Client("dev-key-3");

        var plain = await ResolveAsync(stage.Api, paid, overrule: false);
        var unconditional = await ResolveAsync(stage.Api, paid, overrule: true);
        var anyVersion = await ResolveAsync(stage.Api, paid, overrule: true, "*");
        var stale = await ResolveAsync(stage.Api, paid, overrule: true, "\"1\"");
        var first = await ResolveAsync(stage.Api, paid, overrule: true, ETag(paid));
        var recorded = await stage.PayoutAsync(paid.InvoiceId);
        var again = await ResolveAsync(stage.Api, recorded, overrule: true, ETag(recorded));
        var otherKey = await ResolveAsync(sameOwner, recorded, overrule: true, ETag(recorded));
        var replaced = await ReplaceAsync(recorded);

        Assert.Equal(
            [
                "nothing-in-doubt", "precondition-required", "precondition-required", "precondition-failed",
                "second-person-needed", "second-person-needed", "reissue-hold",
            ],
            await Task.WhenAll(
                new[] { plain, unconditional, anyVersion, stale, again, otherKey, replaced }.Select(CodeAsync)));
        Assert.Equal((HttpStatusCode)428, unconditional.StatusCode);
        var shown = await ServiceFixture.Answer(first);
        Assert.Equal(
            ("succeeded", "contradiction", "unknown", "notPaid", "dev"),
            (shown.GetProperty("status").GetString(), shown.GetProperty("attention").GetString(),
                shown.GetProperty("moneyMoved").GetString(),
                shown.GetProperty("overruling").GetProperty("ruling").GetString(),
                shown.GetProperty("overruling").GetProperty("by").GetString()));
        Assert.True(shown.GetProperty("overruling").TryGetProperty("at", out _));
        Assert.True(recorded.DueAt <= stage.Clock.GetUtcNow() + stage.Rules.AskAtMostEvery);
        Assert.Equal(EventKind.Overruled, (await stage.EventsAsync(paid.InvoiceId))[^1].Kind);
    }

    [Fact]
    public async Task A_second_person_moves_it_and_it_is_not_replaced_while_Pockyt_says_that_it_paid()
    {
        var paid = await PaidAsync();
        using var second = stage.Client("dev-key-2");
        await ResolveAsync(stage.Api, paid, overrule: true, ETag(paid));
        await stage.RunAsync(TimeSpan.FromMinutes(1));
        var recorded = await stage.PayoutAsync(paid.InvoiceId);

        var moved = await ResolveAsync(second, recorded, overrule: true, ETag(recorded));
        var early = await ReplaceAsync(paid);
        await stage.RunAsync(TimeSpan.FromHours(3));
        var ruledAgain = await ResolveAsync(second, paid, overrule: false);
        var late = await ReplaceAsync(paid);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (moved.StatusCode, ruledAgain.StatusCode));
        Assert.Equal(("reissue-hold", "reissue-hold"), (await CodeAsync(early), await CodeAsync(late)));
        var payout = await stage.PayoutAsync(paid.InvoiceId);
        Assert.Equal(
            (PayoutStatus.Failed, Source.Operator, Attention.Contradiction, MoneyMoved.Unknown, null),
            (payout.Status, payout.ConfirmedBy, payout.Attention, payout.MoneyMoved, payout.Overruling));
        Assert.Single(stage.Book.Payouts);
    }

    [Fact]
    public async Task What_two_people_and_Pockyt_say_was_not_paid_is_replaced()
    {
        var paid = await PaidAsync();
        using var second = stage.Client("dev-key-2");
        await ResolveAsync(stage.Api, paid, overrule: true, ETag(paid));
        await MoveAsync(paid.InvoiceId, "failed");
        await stage.RunAsync(TimeSpan.FromMinutes(1));
        var recorded = await stage.PayoutAsync(paid.InvoiceId);

        var early = await ReplaceAsync(paid);
        await ResolveAsync(second, recorded, overrule: true, ETag(recorded));
        var replaced = await ReplaceAsync(paid);

        Assert.Equal(("reissue-hold", HttpStatusCode.Created), (await CodeAsync(early), replaced.StatusCode));
        Assert.Equal(
            (Attention.Contradiction, Ruling.NotPaid), (recorded.Attention, recorded.Overruling));
    }

    [Fact]
    public async Task A_blocked_payout_is_under_way_wants_attention_and_is_not_replaced()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        await MoveAsync(invoiceId, "blocked");

        await stage.RunAsync(TimeSpan.FromMinutes(5));
        var blocked = await stage.PayoutAsync(invoiceId);
        await ResolveAsync(stage.Api, blocked, overrule: false);
        await stage.RunAsync(TimeSpan.FromMinutes(5));
        var replaced = await ReplaceAsync(blocked);

        Assert.Equal(
            (PayoutStatus.Processing, Attention.Blocked, MoneyMoved.InFlight),
            (blocked.Status, blocked.Attention, blocked.MoneyMoved));
        Assert.Equal("reissue-hold", await CodeAsync(replaced));
        Assert.Equal(Attention.Contradiction, (await stage.PayoutAsync(invoiceId)).Attention);
    }

    private async Task<Payout> PaidAsync()
    {
        var invoiceId = await stage.PayAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(5));
        var paid = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Succeeded, Source.Inquiry), (paid.Status, paid.ConfirmedBy));
        return paid;
    }

    private async Task MoveAsync(string invoiceId, string status) => (await stage.Control.PostAsJsonAsync(
        $"/simulator/payouts/{invoiceId}", new { status, notify = false })).EnsureSuccessStatusCode();

    private static string ETag(Payout payout) => $"\"{payout.Version}\"";

    private static Task<HttpResponseMessage> ResolveAsync(
        HttpClient caller, Payout payout, bool overrule, string? ifMatch = null)
    {
        var id = PublicId.Of(PublicId.Payout, payout.Id);
        var message = new HttpRequestMessage(HttpMethod.Post, $"/v1/payouts/{id}/resolve")
        {
            Content = JsonContent.Create(
                new { ruling = "notPaid", reason = "The bank says so", evidence = "Statement 7", overrule }),
        };
        if (ifMatch is not null)
        {
            message.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return caller.SendAsync(message);
    }

    private Task<HttpResponseMessage> ReplaceAsync(Payout payout)
    {
        var request = Example.Payout(stage.AccountId, stage.NewKey("again"));
        request["replaces"] = PublicId.Of(PublicId.Payout, payout.Id);
        return stage.Api.PostAsJsonAsync("/v1/payouts", request);
    }

    private static async Task<string> CodeAsync(HttpResponseMessage answer) =>
        (await ServiceFixture.Answer(answer)).TryGetProperty("code", out var code) ? code.GetString()! : "no problem";
}
