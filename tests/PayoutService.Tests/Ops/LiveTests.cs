using System.Net;
using System.Text.RegularExpressions;
using PayoutService.Ops.Live;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Ops;

/// <summary>An open page hears how much has happened since it was read: a number, never rows.</summary>
public sealed class LiveTests : OpsTests
{
    [Fact]
    public async Task An_open_page_hears_how_many_events_came_since_it_was_read()
    {
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await Stage.AdvanceAsync(LiveChanges.Interval);
        var page = await Browser.OpenAsync("/ops");
        var before = long.Parse(Regex.Match(page.Html, "data-live=\"(\\d+)\"").Groups[1].Value, null);
        using var answer = await OpenAsync();
        using var numbers = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var first = await NextAsync(numbers);

        await Stage.PayAsync();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await Stage.AdvanceAsync(LiveChanges.Interval);
        var next = await NextAsync(numbers);

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal((before, before + 1), (first, next));
    }

    [Fact]
    public async Task A_page_that_hears_nothing_new_still_hears_every_ten_seconds_that_it_is_live()
    {
        using var answer = await OpenAsync();
        using var numbers = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var first = await NextAsync(numbers);

        var next = NextAsync(numbers);
        for (var second = 0; second < 11 && !next.IsCompleted; second++)
        {
            await Stage.AdvanceAsync(LiveChanges.Interval);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        Assert.Equal(first, await next.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task All_open_pages_together_ask_the_database_once_a_second()
    {
        var changes = Stage.Get<LiveChanges>();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await Stage.AdvanceAsync(LiveChanges.Interval);
        var before = await changes.CountAsync(["main"]);
        await Stage.PayAsync();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);

        var within = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => changes.CountAsync(["main"])));
        await Stage.AdvanceAsync(LiveChanges.Interval);
        var after = await changes.CountAsync(["main"]);

        Assert.All(within, count => Assert.Equal(before, count));
        Assert.Equal(before + 1, after);
    }

    [Fact]
    public async Task Nobody_hears_numbers_without_a_session()
    {
        using var nobody = new Operator(OpsStage.AddressOf(Stage));

        using var answer = await nobody.Http.GetAsync("/ops/live", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
    }

    private static async Task<long> NextAsync(StreamReader numbers)
    {
        while (await numbers.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) is { } line)
        {
            if (line.StartsWith("data: ", Ordinal))
            {
                return long.Parse(line["data: ".Length..], null);
            }
        }

        throw new EndOfStreamException();
    }

    private Task<HttpResponseMessage> OpenAsync() =>
        Browser.Http.GetAsync("/ops/live", HttpCompletionOption.ResponseHeadersRead);
}
