using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Tests.Support;
using PayoutService.Views.Events;

namespace PayoutService.Tests.Views.Events;

/// <summary>The types of events: which change publishes which, and that the page lists them.</summary>
public sealed class EventCatalogueTests
{
    [Fact]
    public void The_page_lists_every_type_with_its_meaning_in_the_order_of_the_code()
    {
        var page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "events.md"));

        Assert.Equal(
            EventCatalogue.All.Select(type => $"| `{type.Name}` | {type.Meaning} |"),
            page.Where(line => line.StartsWith("| `", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(EventKind.Accepted, null, PayoutStatus.Queued, "payout.accepted")]
    [InlineData(EventKind.Claimed, PayoutStatus.Queued, PayoutStatus.Submitting, "payout.sent")]
    [InlineData(EventKind.ClaimedAgain, PayoutStatus.Unconfirmed, PayoutStatus.Submitting, "payout.sent")]
    [InlineData(EventKind.Reported, PayoutStatus.Submitting, PayoutStatus.Processing, "payout.processing")]
    [InlineData(EventKind.Reported, PayoutStatus.Submitting, PayoutStatus.Queued, "payout.released")]
    [InlineData(EventKind.Reported, PayoutStatus.Submitting, PayoutStatus.Held, "payout.held")]
    [InlineData(EventKind.Reported, PayoutStatus.Processing, PayoutStatus.Failed, "payout.failed")]
    [InlineData(EventKind.Reported, PayoutStatus.Succeeded, PayoutStatus.Returned, "payout.returned")]
    [InlineData(EventKind.Reported, PayoutStatus.Processing, PayoutStatus.Processing, "payout.updated")]
    [InlineData(EventKind.LeaseEnded, PayoutStatus.Submitting, PayoutStatus.Unconfirmed, "payout.unconfirmed")]
    [InlineData(EventKind.Doubted, PayoutStatus.Held, PayoutStatus.Unconfirmed, "payout.unconfirmed")]
    [InlineData(EventKind.Cleared, PayoutStatus.Unconfirmed, PayoutStatus.Queued, "payout.released")]
    [InlineData(EventKind.Released, PayoutStatus.Held, PayoutStatus.Queued, "payout.released")]
    [InlineData(EventKind.Canceled, PayoutStatus.Held, PayoutStatus.Canceled, "payout.canceled")]
    [InlineData(EventKind.CancelRequested, PayoutStatus.Unconfirmed, PayoutStatus.Unconfirmed, "payout.updated")]
    [InlineData(EventKind.Overruled, PayoutStatus.Failed, PayoutStatus.Failed, "payout.updated")]
    [InlineData(EventKind.Resolved, PayoutStatus.Unconfirmed, PayoutStatus.Failed, "payout.failed payout.resolved")]
    public void A_change_publishes_what_it_is(EventKind kind, PayoutStatus? from, PayoutStatus to, string types) =>
        Assert.Equal(types, string.Join(' ', EventCatalogue.Of(Line(kind, from, to), null, null)));

    [Theory]
    [InlineData(null, Source.Inquiry, null, null, "payout.confirmed")]
    [InlineData(Source.Inquiry, Source.Inquiry, null, null, "payout.updated")]
    [InlineData(null, null, null, Attention.Slow, "payout.attention_opened")]
    [InlineData(null, null, Attention.Slow, Attention.Slow, "payout.updated")]
    [InlineData(null, null, Attention.Slow, null, "payout.attention_closed")]
    [InlineData(null, null, Attention.Slow, Attention.Contradiction, "payout.contradicted payout.attention_opened")]
    [InlineData(null, null, Attention.Contradiction, Attention.Mismatch, "payout.attention_opened")]
    public void A_change_publishes_what_became_of_its_confirmation_and_attention(
        Source? confirmedBefore, Source? confirmed, Attention? before, Attention? after, string types)
    {
        var line = Line(EventKind.Reported, PayoutStatus.Succeeded, PayoutStatus.Succeeded, confirmed, after);

        var earlier = Line(EventKind.Reported, null, PayoutStatus.Succeeded, confirmedBefore, before);

        Assert.Equal(types, string.Join(' ', EventCatalogue.Of(line, earlier, isBalanceLow: null)));
    }

    [Fact]
    public void Every_kind_of_line_publishes_types_of_the_list()
    {
        var ofPayouts =
            from kind in Enum.GetValues<EventKind>()
            from status in Enum.GetValues<PayoutStatus>()
            from isBalanceLow in new bool?[] { null, true, false }
            from type in EventCatalogue.Of(Line(kind, null, status), null, isBalanceLow)
            select type;
        var others =
            from kind in Enum.GetValues<HistoryKind>()
            from what in Enum.GetValues<ChangeKind>()
            from to in new[] { "active", "declined", "invalid", "removed", "succeeded", "failed", null }
            from type in EventCatalogue.Of(new HistoryEntry
            {
                Merchant = "main",
                Kind = kind,
                Id = Guid.Empty,
                Version = 1,
                At = default,
                Actor = Actor.Reconciler,
                What = what,
                To = to,
                Members = new() { ["attention"] = "slow" },
            })
            select type;

        var published = ofPayouts.Concat(others).ToHashSet();
        string[] attention =
        [
            "payout.updated", "payout.confirmed", "payout.contradicted", "payout.attention_opened",
            "payout.attention_closed", "payout.approval_requested",
        ];
        Assert.Equal(
            EventCatalogue.All.Select(type => type.Name).Order(), published.Union(attention).Order());
    }

    private static PayoutEvent Line(
        EventKind kind, PayoutStatus? from, PayoutStatus to, Source? confirmedBy = null, Attention? attention = null) =>
        new()
        {
            PayoutId = Guid.Empty,
            Version = 2,
            At = default,
            Actor = Actor.Reconciler,
            Kind = kind,
            From = from,
            To = to,
            ConfirmedBy = confirmedBy,
            Attention = attention,
        };
}
