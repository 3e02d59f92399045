using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>Each outcome the simulator knows, from POST to its final status,
/// with the simulator's book as the judge.</summary>
[Trait("Run", "Long")]
public sealed class MagicAmountsTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_payout_ends_as_the_book_says_confirmed_and_paid_once()
    {
        (string Amount, PayoutStatus Status)[] ends =
        [
            ("500.00", PayoutStatus.Succeeded), ("500.01", PayoutStatus.Failed), ("500.02", PayoutStatus.Returned),
            ("500.03", PayoutStatus.Returned), ("500.05", PayoutStatus.Succeeded), ("500.07", PayoutStatus.Succeeded),
            ("500.08", PayoutStatus.Succeeded), ("500.09", PayoutStatus.Succeeded), ("500.10", PayoutStatus.Succeeded),
            ("500.11", PayoutStatus.Succeeded),
        ];
        var invoiceIds = new List<string>();
        foreach (var (amount, _) in ends)
        {
            invoiceIds.Add(await stage.PayAsync(amount));
        }

        await stage.RunAsync(TimeSpan.FromDays(1));

        foreach (var ((amount, status), invoiceId) in ends.Zip(invoiceIds))
        {
            var payout = await stage.PayoutAsync(invoiceId);
            Assert.Equal(
                (amount, status, Source.Inquiry, null, 1),
                (amount, payout.Status, payout.ConfirmedBy, payout.Attention, stage.Book.PayoutsOf(invoiceId).Count));
        }
    }

    [Fact]
    public async Task A_payout_without_any_news_stays_processing_is_asked_about_and_wants_attention_after_five_days()
    {
        var invoiceId = await stage.PayAsync("500.04");

        await stage.RunAsync(TimeSpan.FromDays(6));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Processing, Attention.Slow), (payout.Status, payout.Attention));
        Assert.NotNull(payout.DueAt);
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
    }

    /// <summary>The second refusal answers a send again, so it proves nothing about the first send: the payout is
    /// asked about through two waits, and sent a third time.</summary>
    [Fact]
    public async Task A_payout_refused_for_the_balance_of_which_the_first_answer_was_lost_is_paid_once()
    {
        var invoiceId = await stage.PayAsync("501.08");
        await stage.Control.PostAsJsonAsync(
            "/simulator/faults", new { call = "pay", invoiceId, answer = new { kind = "close" } });

        await stage.RunAsync(TimeSpan.FromDays(1));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Succeeded, Source.Inquiry), (payout.Status, payout.ConfirmedBy));
        Assert.Equal((3, null), (payout.SendCount, payout.Attention));
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
    }

    [Fact]
    public async Task A_payout_that_never_arrives_is_sent_four_times_at_most_and_then_wants_attention()
    {
        var invoiceId = await stage.PayAsync("500.06");

        await stage.RunAsync(TimeSpan.FromDays(1));

        var payout = await stage.PayoutAsync(invoiceId);
        Assert.Equal((PayoutStatus.Unconfirmed, Attention.NotSeen), (payout.Status, payout.Attention));
        Assert.NotNull(payout.DueAt);
        Assert.Empty(stage.Book.PayoutsOf(invoiceId));
        var requests = stage.Book.ArrivalsOf(invoiceId)
            .Select(arrival => (arrival.RequestId, arrival.VerifySign))
            .ToList();
        Assert.Equal(4, requests.Count);
        Assert.Single(requests.Distinct());
    }
}
