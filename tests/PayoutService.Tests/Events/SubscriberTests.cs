using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Events;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Events;

/// <summary>Tests with a subscriber to whom a deliverer posts when the test says so.</summary>
public abstract class SubscriberTests : IAsyncLifetime
{
    /// <summary>A notice comes after the answer, so that a payout's life is always the same.</summary>
    private protected ServiceFixture Stage { get; } = new ServiceFixture().WithPockyt("NoticeDelay", "00:01:00");

    private protected Subscriber Subscriber { get; private set; } = null!;

    private protected Deliverer Deliverer { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Stage.InitializeAsync();
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        Subscriber = await Subscriber.StartAsync();
        Deliverer = Stage.Make<Deliverer>();
    }

    public async Task DisposeAsync()
    {
        Deliverer.Dispose();
        await Subscriber.DisposeAsync();
        await Stage.DisposeAsync();
    }

    private protected static bool IsOf(Received one, string invoiceId) =>
        one.Object.TryGetProperty("invoiceId", out var key) && key.GetString() == invoiceId;

    private protected static string LinkOf(JsonElement endpoint) =>
        $"/v1/webhook-endpoints/{endpoint.GetProperty("id").GetString()}";

    private protected List<int> VersionsOf(string invoiceId) =>
    [
        .. Subscriber.Received.Where(one => IsOf(one, invoiceId))
            .Select(one => one.Object.GetProperty("version").GetInt32()),
    ];

    private protected async Task<JsonElement> CreateAsync(string? url = null)
    {
        var answer = await Stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = url ?? Subscriber.Url });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await ServiceFixture.Answer(answer);
    }

    private protected async Task<JsonElement> EndpointAsync(JsonElement endpoint) =>
        await ServiceFixture.Answer(await Stage.Api.GetAsync(LinkOf(endpoint)));

    private protected async Task<List<JsonElement>> DeliveriesAsync()
    {
        var endpoints = await ServiceFixture.Answer(await Stage.Api.GetAsync("/v1/webhook-endpoints"));
        var link = LinkOf(Assert.Single(endpoints.GetProperty("data").EnumerateArray()));
        var page = await ServiceFixture.Answer(await Stage.Api.GetAsync($"{link}/deliveries?limit=200"));
        return [.. page.GetProperty("data").EnumerateArray()];
    }

    private protected async Task DeliverAsync()
    {
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await Deliverer.RunOnceAsync(CancellationToken.None);
        await Deliverer.WhenIdleAsync();
    }
}
