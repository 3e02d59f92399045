using System.Net;
using System.Text.Json;
using PayoutService.Storage.Events;
using PayoutService.Tests.Support;
using PayoutService.Views;
using PayoutService.Views.Events;

namespace PayoutService.Tests.Api.Events;

/// <summary>The feed, as callers read it.</summary>
public sealed class EventEndpointsTests(EventEndpointsTests.Stage world) : IClassFixture<EventEndpointsTests.Stage>
{
    private readonly ServiceFixture stage = world.Fixture;

    private static readonly string[] Life =
    [
        "payout.accepted 1 queued no", "payout.sent 2 submitting unknown", "payout.processing 3 processing inFlight",
        "payout.succeeded 4 succeeded unknown", "payout.confirmed 5 succeeded yes",
    ];

    [Fact]
    public async Task A_payouts_life_is_told_as_it_was_however_late_it_is_read()
    {
        var invoiceId = await stage.PayAsync("500.00");
        await stage.RunAsync(TimeSpan.FromHours(1));
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);

        var first = await BodyAsync($"/v1/events?limit=1000&payoutId={await IdAsync(invoiceId)}");
        await stage.RunAsync(TimeSpan.FromHours(1));
        var again = await BodyAsync($"/v1/events?limit=1000&payoutId={await IdAsync(invoiceId)}");

        Assert.Equal(first, again);
        var data = JsonDocument.Parse(first).RootElement.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(Life, data.Select(InWords));
        var told = data[^1].GetProperty("data").GetProperty("object");
        var shown = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts/{await IdAsync(invoiceId)}"));
        foreach (var member in told.EnumerateObject().Where(member => member.Name is not "provider"))
        {
            Assert.Equal($"{member.Name} {member.Value}", $"{member.Name} {shown.GetProperty(member.Name)}");
        }

        Assert.Equal(
            told.GetProperty("provider").GetProperty("transactionNo").GetString(),
            shown.GetProperty("provider").GetProperty("transactionNo").GetString());
    }

    [Fact]
    public async Task Each_event_is_found_by_its_id_by_its_own_merchant_only()
    {
        var invoiceId = await stage.PayAsync();
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var page = await PageAsync("/v1/events?limit=1000");

        Assert.All(page.Data, one => Assert.Matches("^evt_[0-9a-hjkmnp-tv-z]{40}$", one.GetProperty("id").GetString()));
        foreach (var one in page.Data)
        {
            var id = one.GetProperty("id").GetString();
            Assert.Equal($"{one}", $"{await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/events/{id}"))}");
        }

        var last = page.Data[^1].GetProperty("id").GetString()!;
        using var stranger = stage.Client("other-key");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/v1/events/{last}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound, (await stage.Api.GetAsync($"/v1/events/{last[..^1]}z")).StatusCode);
        Assert.Contains(invoiceId, $"{page.Data[^1]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_who_goes_on_after_its_cursor_misses_nothing_and_sees_nothing_twice()
    {
        await stage.PayAsync();
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        List<long> read = [];
        var cursor = "0";
        while (true)
        {
            var page = await PageAsync($"/v1/events?limit=2&after={cursor}");
            cursor = page.Next;
            read.AddRange(page.Data.Select(one => one.GetProperty("sequence").GetInt64()));
            if (page.Data.Count == 0)
            {
                break;
            }
        }

        var newest = (await stage.Get<FeedReader>().BoundsAsync("main")).Newest;
        Assert.Equal(Enumerable.Range(1, (int)newest).Select(no => (long)no), read);
        Assert.Equal($"{newest}", cursor);
        Assert.Equal($"{newest}", (await PageAsync("/v1/events?after=latest")).Next);
    }

    [Fact]
    public async Task A_filter_shows_its_types_only_and_goes_on_where_it_looked()
    {
        await stage.PayAsync();
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);

        var page = await PageAsync("/v1/events?type=payout.accepted,payee.created&limit=1000");

        Assert.Equal(
            ["payee.created", "payout.accepted"],
            page.Data.Select(one => one.GetProperty("type").GetString()).Distinct().Order());
    }

    [Fact]
    public async Task Who_waits_is_answered_as_soon_as_there_is_something_and_else_at_the_end()
    {
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        var none = await PageAsync("/v1/events?after=latest&wait=1");
        var waiting = PageAsync($"/v1/events?after={none.Next}&wait=30");
        var invoiceId = await stage.PayAsync();
        Assert.False(waiting.IsCompleted);
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);

        var page = await waiting.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Empty(none.Data);
        Assert.Contains(invoiceId, $"{Assert.Single(page.Data)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_of_what_is_not_kept_any_more_is_refused_with_the_oldest_there_is()
    {
        var alone = new ServiceFixture();
        await alone.InitializeAsync();
        await alone.PayAsync();
        await alone.FeedWriter.RunOnceAsync(CancellationToken.None);
        await alone.AdvanceAsync(TimeSpan.FromDays(91));
        await alone.PayAsync();
        await alone.FeedWriter.RunOnceAsync(CancellationToken.None);

        var refused = await alone.Api.GetAsync("/v1/events?after=0");
        var problem = await ServiceFixture.Answer(refused);
        var oldest = problem.GetProperty("oldest").GetString();
        var kept = await ServiceFixture.Answer(await alone.Api.GetAsync($"/v1/events?after={oldest}"));
        var fromTheOldest = await ServiceFixture.Answer(await alone.Api.GetAsync("/v1/events"));

        Assert.Equal((HttpStatusCode.Gone, "cursor-expired"),
            (refused.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Equal($"{kept}", $"{fromTheOldest}");
        Assert.Single(kept.GetProperty("data").EnumerateArray());
        await alone.DisposeAsync();
    }

    [Theory]
    [InlineData("after=01", "after")]
    [InlineData("after=-1", "after")]
    [InlineData("after=999999999", "after")]
    [InlineData("after=now", "after")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("type=payout.paid", "type")]
    [InlineData("type=", "type")]
    [InlineData("payoutId=inv-1", "payoutId")]
    [InlineData("wait=31", "wait")]
    [InlineData("wait=-1", "wait")]
    [InlineData("since=1", "since")]
    public async Task What_a_reader_asks_wrongly_is_named(string query, string field)
    {
        var answer = await stage.Api.GetAsync($"/v1/events?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await ServiceFixture.Answer(answer)).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task Nothing_private_is_told()
    {
        await stage.PayAsync();
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);

        var body = await BodyAsync("/v1/events?limit=1000");

        Assert.DoesNotContain("@", body, StringComparison.Ordinal);
        Assert.All(
            new[] { "description", "note", "subject", "metadata", "message", "email", "firstName", "lastName" },
            name => Assert.DoesNotContain($"\"{name}\"", body, StringComparison.Ordinal));
    }

    /// <summary>A notice comes after the answer, so that a payout's life is always the same.</summary>
    public sealed class Stage : IAsyncLifetime
    {
        public ServiceFixture Fixture { get; } = new ServiceFixture().WithPockyt("NoticeDelay", "00:01:00");

        public Task InitializeAsync() => Fixture.InitializeAsync();

        public Task DisposeAsync() => Fixture.DisposeAsync();
    }

    private static string InWords(JsonElement told)
    {
        var payout = told.GetProperty("data").GetProperty("object");
        return $"{told.GetProperty("type")} {payout.GetProperty("version")} {payout.GetProperty("status")} "
            + $"{payout.GetProperty("moneyMoved")}";
    }

    private async Task<string> IdAsync(string invoiceId) =>
        PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id);

    private async Task<string> BodyAsync(string path) =>
        await (await stage.Api.GetAsync(path)).EnsureSuccessStatusCode().Content.ReadAsStringAsync();

    private async Task<(List<JsonElement> Data, string Next)> PageAsync(string path)
    {
        var page = JsonDocument.Parse(await BodyAsync(path)).RootElement;
        Assert.All(page.GetProperty("data").EnumerateArray(), one => Assert.True(
            EventCatalogue.IsKnown(one.GetProperty("type").GetString()!)));
        return ([.. page.GetProperty("data").EnumerateArray()], page.GetProperty("nextCursor").GetString()!);
    }
}
