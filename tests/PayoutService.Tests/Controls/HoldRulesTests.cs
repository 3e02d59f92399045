using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Support;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.Tests.Controls;

/// <summary>Each rule holds what it is for and lets the rest pass, at its default.</summary>
public sealed class HoldRulesTests(ControlledService service) : IClassFixture<ControlledService>
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(8);

    private ServiceFixture Stage => service.Stage;

    [Fact]
    public async Task A_payout_that_no_rule_minds_is_queued_and_sent()
    {
        var payout = await service.PayAsync(await service.AccountAsync(Old), "100.00");

        await Stage.DispatchAsync();

        Assert.Equal("queued", Text(payout, "status"));
        Assert.False(payout.TryGetProperty("holds", out _));
        Assert.NotNull(Stage.Book.Find(Text(payout, "invoiceId")));
    }

    [Fact]
    public async Task A_held_payout_says_why_is_not_sent_and_Pockyt_is_not_asked_about_it()
    {
        var payout = await service.PayAsync(await service.AccountAsync(TimeSpan.FromHours(1)), "100.00");

        await Stage.DispatchAsync();
        await Stage.ReconcileAsync();

        var shown = await service.ShowAsync(payout);
        Assert.Equal(("held", "newAccount", "no"),
            (Text(shown, "status"), Text(shown, "holdReason"), Text(shown, "moneyMoved")));
        Assert.Equal("dev added the account 1 h before.", SawOf(shown));
        Assert.Equal("newAccount", Text(shown.GetProperty("explain"), "cause"));
        Assert.Contains("1 h before", Text(shown.GetProperty("explain"), "why"), StringComparison.Ordinal);
        Assert.Null(Stage.Book.Find(Text(payout, "invoiceId")));
        Assert.Null((await Stage.PayoutAsync(Text(payout, "invoiceId"))).AskedAt);
    }

    [Fact]
    public async Task An_account_is_new_for_three_days_and_for_seven_to_the_key_that_added_it()
    {
        using var other = Stage.Client("dev-key-2");
        var account = await service.AccountAsync(TimeSpan.FromHours(71));

        var early = await service.PayAsync(account, "1.01", other);
        await Stage.AdvanceAsync(TimeSpan.FromHours(2));
        var late = await service.PayAsync(account, "1.02", other);
        var own = await service.PayAsync(account, "1.03");
        await Stage.AdvanceAsync(TimeSpan.FromDays(4));
        var lateOwn = await service.PayAsync(account, "1.04");

        Assert.Equal(["newAccount"], HoldsOf(early));
        Assert.Empty(HoldsOf(late));
        Assert.Equal(["newAccount"], HoldsOf(own));
        Assert.Empty(HoldsOf(lateOwn));
    }

    [Fact]
    public async Task A_payee_whose_details_were_changed_is_new_again_but_not_by_its_metadata()
    {
        var (payee, account) = await service.PayeeAsync(Old);
        await Stage.Api.PatchAsJsonAsync($"/v1/payees/{payee}", new { metadata = new { team = "a" } });
        var before = await service.PayAsync(account, "1.01");

        await Stage.Api.PatchAsJsonAsync($"/v1/payees/{payee}", new { email = $"{Stage.NewKey()}@example.com" });
        var after = await service.PayAsync(account, "1.02");

        Assert.Empty(HoldsOf(before));
        Assert.Equal(["newAccount"], HoldsOf(after));
        Assert.StartsWith("dev changed the payee", SawOf(after), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_amount_to_the_same_payee_within_three_days_is_suspected_and_names_its_twin()
    {
        var account = await service.AccountAsync(Old);
        var first = await service.PayAsync(account, "77.00");

        var twin = await service.PayAsync(account, "77.00");
        var other = await service.PayAsync(account, "77.01");
        await Stage.AdvanceAsync(TimeSpan.FromDays(3));
        var later = await service.PayAsync(account, "77.00");

        Assert.Equal(["duplicateSuspect"], HoldsOf(twin));
        Assert.Contains(Text(first, "invoiceId"), SawOf(twin), StringComparison.Ordinal);
        Assert.Empty(HoldsOf(other));
        Assert.Empty(HoldsOf(later));
    }

    [Fact]
    public async Task What_was_canceled_is_no_twin()
    {
        var account = await service.AccountAsync(Old);
        var first = await service.PayAsync(account, "78.00");
        await Stage.Api.PostAsync($"/v1/payouts/{Text(first, "id")}/cancel", null);

        Assert.Empty(HoldsOf(await service.PayAsync(account, "78.00")));
    }

    [Fact]
    public async Task The_first_payouts_to_an_account_count_together()
    {
        var account = await service.AccountAsync(Old);

        var passed = await service.PayAsync(account, "1700.00");
        var held = await service.PayAsync(account, "3300.01");

        Assert.Empty(HoldsOf(passed));
        Assert.Equal(["firstPayout"], HoldsOf(held));
    }

    [Fact]
    public async Task A_first_payout_far_above_what_the_payee_got_is_held()
    {
        var (payee, account) = await service.PayeeAsync(Old);
        await service.PayAsync(account, "100.00");
        var second = await service.AddAsync(payee);
        await Stage.AdvanceAsync(Old);

        Assert.Empty(HoldsOf(await service.PayAsync(second, "299.00")));
        Assert.Equal(["firstPayout"], HoldsOf(await service.PayAsync(second, "902.00")));
    }

    [Fact]
    public async Task The_sixth_payout_to_a_payee_within_a_day_is_held()
    {
        var account = await service.AccountAsync(Old);
        for (var at = 0; at < 5; at++)
        {
            Assert.Empty(HoldsOf(await service.PayAsync(account, $"10.0{at}")));
        }

        Assert.Equal(["velocity"], HoldsOf(await service.PayAsync(account, "10.06")));
    }

    [Fact]
    public async Task An_account_of_two_payees_is_shared()
    {
        var number = "7700000001";
        var first = await service.AccountAsync(Old, number);
        Assert.Empty(HoldsOf(await service.PayAsync(first, "5.00")));

        var second = await service.AccountAsync(Old, number);

        Assert.Equal(["sharedAccount"], HoldsOf(await service.PayAsync(second, "5.00")));
    }

    [Fact]
    public async Task What_a_payee_gets_in_a_week_counts_together_for_approval()
    {
        var account = await service.AccountAsync(Old);
        await service.PayAsync(account, "4000.00");
        await Stage.AdvanceAsync(TimeSpan.FromDays(4));
        Assert.Empty(HoldsOf(await service.PayAsync(account, "6000.00")));

        Assert.Equal(["approval"], HoldsOf(await service.PayAsync(account, "0.01")));
    }

    [Fact]
    public async Task Payouts_in_one_batch_count_for_each_other()
    {
        var account = await service.AccountAsync(Old);

        // The first is committed alone, and those after it together.
        var batch = new
        {
            payouts = Enumerable.Range(0, 8).Select(at =>
                Example.Payout(account, Stage.NewKey("inv"), at == 0 ? "9.00" : "8.00")),
        };

        var answer = await ServiceFixture.Answer(await Stage.Api.PostAsJsonAsync("/v1/payout-batches", batch));

        var statuses = new List<string>();
        foreach (var row in answer.GetProperty("data").EnumerateArray())
        {
            statuses.Add(Text(await service.ShowAsync(Text(row, "payoutId")), "status"));
        }

        Assert.Equal(6, statuses.Count(status => status == "held"));
    }

    [Fact]
    public async Task A_repeated_request_gets_its_payout_whatever_the_rules_would_say_now()
    {
        var account = await service.AccountAsync(Old);
        var payout = await service.PayAsync(account, "12.00", invoiceId: "repeated-under-rules");

        using var again = await service.AskAsync(account, "12.00", invoiceId: "repeated-under-rules");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(Text(payout, "id"), Text(await ServiceFixture.Answer(again), "id"));
    }

    [Fact]
    public async Task An_operator_releases_what_one_person_may_end_and_it_is_sent()
    {
        var payout = await service.PayAsync(await service.AccountAsync(TimeSpan.FromHours(2)), "55.00");
        using var operators = Stage.Client("ops-key");

        var (status, released) = await DecideAsync("release", payout, operators, reason: "Called her.");
        var (again, refusal) = await DecideAsync("release", released, operators);
        await Stage.DispatchAsync();

        Assert.Equal((HttpStatusCode.OK, "queued"), (status, Text(released, "status")));
        Assert.Equal((HttpStatusCode.Conflict, "not-releasable"), (again, Text(refusal, "code")));
        Assert.NotNull(Stage.Book.Find(Text(payout, "invoiceId")));
        var line = (await service.EventsAsync(payout)).Single(one => one.Kind is EventKind.Released);
        Assert.Equal(("ops-key", "Called her.", "newAccount"),
            (line.Actor.Name, line.Detail["reason"], line.Detail["ended"]));
    }

    [Fact]
    public async Task A_hold_that_nobody_ends_wants_attention_first_and_is_canceled_then()
    {
        var payout = await service.PayAsync(await service.AccountAsync(TimeSpan.FromHours(2)), "56.00");

        await Stage.AdvanceAsync(Stage.Rules.RuleHoldLimit - TimeSpan.FromHours(3));
        await Stage.ReconcileAsync();
        var warned = await service.ShowAsync(payout);
        await Stage.AdvanceAsync(TimeSpan.FromHours(3));
        await Stage.ReconcileAsync();
        var expired = await service.ShowAsync(payout);

        Assert.Equal(("held", "slow"), (Text(warned, "status"), Text(warned, "attention")));
        Assert.Equal("canceled", Text(expired, "status"));
        Assert.Equal(EventKind.Expired, (await service.EventsAsync(payout))[^1].Kind);
    }

    [Fact]
    public async Task A_claim_and_a_hold_of_one_payout_never_both_win()
    {
        var account = await service.AccountAsync(Old);
        var finding = new Finding(HoldReason.DuplicateSuspect, "It was the test.");
        for (var round = 0; round < 20; round++)
        {
            var payout = await service.PayAsync(account, $"{100 + round}.00");
            var id = (await Stage.PayoutAsync(Text(payout, "invoiceId"))).Id;
            await Task.WhenAll(
                HoldAsync(id, finding),
                Stage.DispatchAsync());

            var now = await Stage.PayoutAsync(Text(payout, "invoiceId"));
            var lines = await service.EventsAsync(payout);
            Assert.NotEqual(
                lines.Exists(line => line.Kind is EventKind.Claimed),
                now is { Status: PayoutStatus.Held, HoldReason: not null });
        }
    }

    /// <summary>Holds a payout as every writer does: in a transaction that has its row locked.</summary>
    private async Task HoldAsync(Guid id, Finding finding)
    {
        await using var db = await Stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var payout = (await PayoutStore.LockAsync(db, id))!;
        if (payout.Hold(finding, Actor.Reconciler, Stage.Clock.GetUtcNow(), Stage.Rules) is { } line)
        {
            db.Add(line);
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }
    }

    private static string SawOf(JsonElement payout) => Text(payout.GetProperty("holds")[0], "saw");
}
