using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Tests.Support;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Tests.Api.Payouts;

/// <summary>What failed, came back or was canceled is paid again once, to the same payee.</summary>
public sealed class PayAgainTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task It_answers_201_and_200_after_that_and_both_payouts_name_each_other()
    {
        var old = await ReturnedAsync();

        using var first = await AgainAsync(stage, old, reason: "A new account.");
        using var second = await AgainAsync(stage, old, reason: "Once more.");

        var replacement = await ServiceFixture.Answer(first);
        var repeated = await ServiceFixture.Answer(second);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal(Text(replacement, "id"), Text(repeated, "id"));
        Assert.Equal((Text(old, "id"), $"{Text(old, "invoiceId")}-r2"),
            (Text(replacement, "replaces"), Text(replacement, "invoiceId")));
        Assert.Equal((Text(old, "amount"), Text(old, "currency")),
            (Text(replacement, "amount"), Text(replacement, "currency")));
        Assert.Equal(Text(replacement, "id"), Text(await ShowAsync(stage, old), "replacedBy"));
        Assert.Equal("A new account.",
            (await stage.EventsAsync(Text(replacement, "invoiceId")))[0].Detail["reason"]);
    }

    [Fact]
    public async Task A_replacement_that_came_back_is_replaced_by_the_next_number()
    {
        var second = await ServiceFixture.Answer(await AgainAsync(stage, await ReturnedAsync()));
        await stage.RunAsync(TimeSpan.FromHours(1));

        var third = await ServiceFixture.Answer(await AgainAsync(stage, second));

        Assert.EndsWith("-r3", Text(third, "invoiceId"), StringComparison.Ordinal);
        Assert.Equal(Text(second, "id"), Text(third, "replaces"));
    }

    [Fact]
    public async Task Of_many_calls_at_once_one_makes_the_replacement()
    {
        var old = await ReturnedAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AgainAsync(stage, old)));

        Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.Created);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode is HttpStatusCode.OK));
    }

    [Theory]
    [InlineData("inv-1", false, 0, "inv-1-r2")]
    [InlineData("inv-1", false, 2, "inv-1-r4")]
    [InlineData("inv-1-r2", true, 0, "inv-1-r3")]
    [InlineData("inv-1-r9", true, 0, "inv-1-r10")]
    [InlineData("inv-1-r2", false, 0, "inv-1-r2-r2")]
    [InlineData("inv-1-rx", true, 0, "inv-1-rx-r2")]
    [InlineData("-r2", true, 0, "-r2-r2")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", false, 0,
        "0123456789012345678901234567890123456789012345678901234567890-r2")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890-r9", true, 0,
        "012345678901234567890123456789012345678901234567890123456789-r10")]
    public void The_invoice_id_gets_the_next_number_and_is_cut_to_64(
        string invoiceId, bool isReplacement, int skipped, string expected) =>
        Assert.Equal(expected, PayAgain.InvoiceIdFor(invoiceId, isReplacement, skipped));

    [Fact]
    public async Task Long_invoice_ids_with_the_same_beginning_get_a_number_each()
    {
        var start = stage.NewKey("long").PadRight(62, 'x');
        var first = await ReturnedAsync(start + "1a");
        var second = await ReturnedAsync(start + "2b");

        var one = await ServiceFixture.Answer(await AgainAsync(stage, first));
        var other = await ServiceFixture.Answer(await AgainAsync(stage, second));

        Assert.Equal((start[..61] + "-r2", start[..61] + "-r3"), (Text(one, "invoiceId"), Text(other, "invoiceId")));
    }

    [Fact]
    public async Task It_may_go_to_another_account_of_the_payee_and_to_no_other_payee()
    {
        var old = await ReturnedAsync();
        var second = await ServiceFixture.RepeatAsync(
            stage.Api, $"/v1/payees/{stage.PayeeId}/accounts", Example.Account(stage.NewKey("account")));
        var (_, strange) = await stage.RegisterAsync();

        using var toOther = await AgainAsync(stage, old, strange);
        using var toNobody = await AgainAsync(stage, old, PublicId.Of(PublicId.Account, Guid.Empty));
        using var taken = await AgainAsync(stage, old, second);
        using var elsewhere = await AgainAsync(stage, old, stage.AccountId);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "replacement-differs"), await CodeAsync(toOther));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "account-not-found"), await CodeAsync(toNobody));
        Assert.Equal(HttpStatusCode.Created, taken.StatusCode);
        Assert.Equal(second, Text(await ServiceFixture.Answer(taken), "accountId"));
        Assert.Equal((HttpStatusCode.Conflict, "already-replaced"), await CodeAsync(elsewhere));
    }

    [Fact]
    public async Task What_may_still_be_paid_is_not_paid_again_and_what_is_not_there_is_not_found()
    {
        var open = await ServiceFixture.Answer(
            await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, stage.NewKey())));

        using var early = await AgainAsync(stage, open);
        using var nowhere = await stage.Api.PostAsJsonAsync(
            $"/v1/payouts/{PublicId.Of(PublicId.Payout, Guid.Empty)}/pay-again", new { reason = "None." });
        using var other = stage.Client("other-key");
        using var theirs = await AgainAsync(stage, await ReturnedAsync(), caller: other);

        Assert.Equal((HttpStatusCode.Conflict, "reissue-hold"), await CodeAsync(early));
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, theirs.StatusCode);
    }

    [Fact]
    public async Task A_replacement_that_a_late_success_holds_is_canceled_or_released_by_an_operator()
    {
        var (first, second) = (await ContradictedAsync(), await ContradictedAsync());
        using var operators = stage.Client("ops-key");

        using var canceled = await operators.PostAsync($"/v1/payouts/{Text(first, "id")}/cancel", null);
        using var ended = await operators.PostAsJsonAsync(
            $"/v1/payouts/{Text(second, "id")}/resolve",
            new { ruling = "sendAgain", reason = "Not paid.", evidence = "Statement 7" });
        await stage.DispatchAsync();
        var arrived = stage.Book.ArrivalsOf(Text(second, "invoiceId")).Count;
        using var released = await operators.PostAsJsonAsync(
            $"/v1/payouts/{Text(second, "id")}/release", new { reason = "Not paid." });
        await stage.DispatchAsync();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK),
            (canceled.StatusCode, ended.StatusCode, released.StatusCode));
        Assert.Equal("canceled", Text(await ShowAsync(stage, first), "status"));
        Assert.Equal((0, 1), (arrived, stage.Book.ArrivalsOf(Text(second, "invoiceId")).Count));
    }

    [Fact]
    public async Task A_held_replacement_says_what_it_waits_for_and_who_ends_it()
    {
        var held = await ShowAsync(stage, await ContradictedAsync());

        var hold = Assert.Single(held.GetProperty("holds").EnumerateArray());
        Assert.Equal(("held", "duplicateSuspect", "contradiction"),
            (Text(held, "status"), Text(held, "holdReason"), Text(held, "attention")));
        Assert.EndsWith("which it replaces, may be paid.", Text(hold, "saw"), StringComparison.Ordinal);
        Assert.Contains(
            "which it replaces, may be paid", held.GetProperty("explain").GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>Asks for a payout to be paid again.</summary>
    internal static Task<HttpResponseMessage> AgainAsync(
        ServiceFixture stage,
        JsonElement payout,
        string? accountId = null,
        string reason = "It was the test.",
        HttpClient? caller = null) => (caller ?? stage.Api).PostAsJsonAsync(
        $"/v1/payouts/{Text(payout, "id")}/pay-again",
        accountId is null ? new { reason } : (object)new { accountId, reason });

    internal static async Task<JsonElement> ShowAsync(ServiceFixture stage, JsonElement payout) =>
        await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts/{Text(payout, "id")}"));

    internal static string Text(JsonElement body, string member) => body.GetProperty(member).GetString()!;

    private async Task<JsonElement> ReturnedAsync(string? invoiceId = null)
    {
        var payout = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync(
            "/v1/payouts", Example.Payout(stage.AccountId, invoiceId ?? stage.NewKey("inv"), "500.02")));
        await stage.RunAsync(TimeSpan.FromHours(1));
        return payout;
    }

    /// <summary>A replacement that was not sent when what it replaces turned out paid.</summary>
    private async Task<JsonElement> ContradictedAsync()
    {
        var old = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync(
            "/v1/payouts", Example.Payout(stage.AccountId, stage.NewKey("inv"), "500.04")));
        await stage.DispatchAsync();
        await FailureReasonsTests.MoveAsync(stage, Text(old, "invoiceId"), "failed");
        await stage.RunAsync(TimeSpan.FromHours(1));
        var replacement = await ServiceFixture.Answer(await AgainAsync(stage, old));
        await FailureReasonsTests.MoveAsync(stage, Text(old, "invoiceId"), "success", notify: true);
        await stage.WhenAsync(Text(replacement, "invoiceId"), row => row.Attention is not null);
        return replacement;
    }

    private static async Task<(HttpStatusCode, string)> CodeAsync(HttpResponseMessage answer) =>
        (answer.StatusCode, Text(await ServiceFixture.Answer(answer), "code"));
}
