using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Tests.Api.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs;

/// <summary>Payouts that failed or came back by each cause are paid again, each once; when some of the first turn out
/// paid after all, what can still be stopped is stopped, and both are named.</summary>
[Collection(nameof(Proof))]
public sealed class PaidAgainTests(ITestOutputHelper output)
{
    private static readonly string[] Causes = ["returned", "unknown", "refused", "accountInvalid", "payeeNotActive"];

    [Fact]
    public async Task Each_is_replaced_once_and_none_is_paid_twice_that_can_still_be_stopped()
    {
        var stage = new ServiceFixture();
        await stage.InitializeAsync();
        var ofEach = Proof.Size(100, 6);
        var payouts = await FailAsync(stage, ofEach);
        var replacements = await ReplaceAsync(stage, payouts);

        // Of what Pockyt has and called failed, a third is paid after all before the replacement is sent, a third after
        // that, and the rest stays unpaid.
        var late = payouts.Where((one, at) => one.Cause is not ("returned" or "refused") && at % 3 == 0).ToList();
        var later = payouts.Where((one, at) => one.Cause is not ("returned" or "refused") && at % 3 == 1).ToList();
        var slowest = await PayAfterAllAsync(stage, late, replacements);
        await stage.DispatchAsync();
        slowest = Max(slowest, await PayAfterAllAsync(stage, later, replacements));
        await stage.RunAsync(TimeSpan.FromHours(1));

        var twice = late.Count(one => stage.Book.ArrivalsOf(replacements[one.InvoiceId]).Count > 0);
        foreach (var one in late)
        {
            var replacement = await stage.PayoutAsync(replacements[one.InvoiceId]);
            Assert.Equal((PayoutStatus.Held, HoldReason.DuplicateSuspect, Attention.Contradiction),
                (replacement.Status, replacement.HoldReason, replacement.Attention));
        }

        var untouched = payouts.Except(late).Except(later).ToList();
        Assert.All(untouched, one => Assert.Single(stage.Book.ArrivalsOf(replacements[one.InvoiceId])));
        output.Say(string.Create(CultureInfo.InvariantCulture,
            $"pay again: {payouts.Count} by {Causes.Length} causes, {replacements.Values.Distinct().Count()} replaced "
            + $"once; {late.Count} paid late before the replacement was sent: {twice} paid twice; {later.Count} paid "
            + $"after that; payout.contradicted of both after at most {slowest.TotalSeconds:0.0} s"));
        Assert.Equal(0, twice);
        Assert.True(slowest < TimeSpan.FromMinutes(1), $"{slowest}");
        await stage.DisposeAsync();
    }

    /// <summary>As many payouts of each cause as there are to be, each ended and confirmed.</summary>
    private static async Task<List<Unpaid>> FailAsync(ServiceFixture stage, int ofEach)
    {
        var accounts = new Dictionary<string, (string PayeeId, string AccountId)>();
        foreach (var cause in Causes)
        {
            accounts[cause] = await stage.RegisterAsync();
        }

        var asked = new List<Unpaid>();
        for (var at = 0; at < ofEach * Causes.Length; at++)
        {
            var cause = Causes[at % Causes.Length];
            var invoiceId = stage.NewKey(cause);
            if (cause == "refused")
            {
                await FailureReasonsTests.RefuseAsync(stage, invoiceId, "000020", "it was the test");
            }

            var answer = await stage.Api.PostAsJsonAsync(
                "/v1/payouts", Example.Payout(accounts[cause].AccountId, invoiceId, $"{100 + (at / 5)}.04"));
            asked.Add(new Unpaid(cause, invoiceId, await ServiceFixture.Answer(answer.EnsureSuccessStatusCode())));
        }

        await stage.DispatchAsync();
        await SetAsync("pending");
        foreach (var one in asked.Where(one => one.Cause != "refused"))
        {
            var status = one.Cause == "returned" ? "returned" : "failed";
            await FailureReasonsTests.MoveAsync(stage, one.InvoiceId, status);
        }

        await stage.RunAsync(TimeSpan.FromHours(2));
        await SetAsync("active");
        foreach (var one in asked)
        {
            var payout = await stage.PayoutAsync(one.InvoiceId);
            Assert.Equal((one.Cause, Source.Inquiry, null),
                (Word(payout.FailureReason!.Value), payout.ConfirmedBy, payout.Attention));
        }

        return asked;

        async Task SetAsync(string status)
        {
            PublicId.TryParse(PublicId.Account, accounts["accountInvalid"].AccountId, out var account);
            PublicId.TryParse(PublicId.Payee, accounts["payeeNotActive"].PayeeId, out var payee);
            await TestDatabase.ExecuteAsync(stage.ConnectionString, $"""
                UPDATE accounts SET status = '{status}' WHERE id = '{account}';
                UPDATE payees SET status = '{status}' WHERE id = '{payee}'
                """);
        }
    }

    /// <summary>Each is asked for twice at once.</summary>
    private static async Task<Dictionary<string, string>> ReplaceAsync(ServiceFixture stage, List<Unpaid> payouts)
    {
        var replacements = new Dictionary<string, string>();
        foreach (var one in payouts)
        {
            var answers = await Task.WhenAll(
                PayAgainTests.AgainAsync(stage, one.Payout), PayAgainTests.AgainAsync(stage, one.Payout));

            Assert.Equal(
                [HttpStatusCode.OK, HttpStatusCode.Created], answers.Select(answer => answer.StatusCode).Order());
            var (first, second) = (
                await ServiceFixture.Answer(answers[0]), await ServiceFixture.Answer(answers[1]));
            Assert.Equal(PayAgainTests.Text(first, "id"), PayAgainTests.Text(second, "id"));
            replacements[one.InvoiceId] = PayAgainTests.Text(first, "invoiceId");
        }

        return replacements;
    }

    /// <summary>Pockyt pays after all, and says so.</summary>
    /// <returns>The longest time until both payouts had their event.</returns>
    private static async Task<TimeSpan> PayAfterAllAsync(
        ServiceFixture stage, List<Unpaid> payouts, Dictionary<string, string> replacements)
    {
        await FeedAsync(stage);
        var slowest = TimeSpan.Zero;
        foreach (var one in payouts)
        {
            var began = Stopwatch.StartNew();
            await FailureReasonsTests.MoveAsync(stage, one.InvoiceId, "success", notify: true);
            var old = await stage.WhenAsync(one.InvoiceId, row => row.Attention is not null);
            var replacement = await stage.PayoutAsync(replacements[one.InvoiceId]);
            Assert.Equal((Attention.Contradiction, Attention.Contradiction), (old.Attention, replacement.Attention));
            await FeedAsync(stage);
            await using var db = await stage.OwnerDbAsync();
            var told = await db.Database.SqlQuery<Guid>($"""
                SELECT line.payout_id AS "Value" FROM feed_entries AS entry
                JOIN payout_events AS line ON line.line_no = entry.line_no
                WHERE entry.type = 'payout.contradicted' AND line.payout_id IN ({old.Id}, {replacement.Id})
                """).ToListAsync();
            Assert.Equal(new[] { old.Id, replacement.Id }.Order(), told.Order());
            slowest = Max(slowest, began.Elapsed);
        }

        return slowest;
    }

    private static async Task FeedAsync(ServiceFixture stage)
    {
        while (await stage.FeedWriter.RunOnceAsync(CancellationToken.None))
        {
        }
    }

    private static string Word(FailureReason reason) => char.ToLowerInvariant($"{reason}"[0]) + $"{reason}"[1..];

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private sealed record Unpaid(string Cause, string InvoiceId, JsonElement Payout);
}
