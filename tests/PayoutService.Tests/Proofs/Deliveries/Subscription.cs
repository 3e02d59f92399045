using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Proofs.Deliveries;

/// <summary>A subscriber of a run, and all that it received.</summary>
internal sealed class Subscription : IAsyncDisposable
{
    private readonly ServiceFixture stage;
    private readonly Subscriber subscriber;
    private readonly Random random;
    private readonly string[] types;
    private string id = "";
    private string begin = "";

    private Subscription(ServiceFixture stage, Subscriber subscriber, string[] types, int seed)
    {
        this.stage = stage;
        this.subscriber = subscriber;
        this.types = types;
        random = new Random(seed);
        subscriber.Before = _ =>
        {
            Sender?.Post();
            return Task.CompletedTask;
        };
        subscriber.Answer = Answer;
    }

    /// <summary>What arrived, and how it was answered.</summary>
    public List<(Received One, int Status)> Log { get; } = [];

    /// <summary>The process whose requests arrive now.</summary>
    public CrashPoint? Sender { get; set; }

    /// <summary>It answers everything with success.</summary>
    public bool IsWell { get; set; }

    private string Link => $"/v1/webhook-endpoints/{id}";

    public static async Task<Subscription> BeginAsync(ServiceFixture stage, string[] types, int seed)
    {
        var subscription = new Subscription(stage, await Subscriber.StartAsync(), types, seed);
        var feed = await ServiceFixture.Answer(await stage.Api.GetAsync("/v1/events?after=latest"));
        subscription.begin = feed.GetProperty("nextCursor").GetString()!;
        var made = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync(
            "/v1/webhook-endpoints", new { url = subscription.subscriber.Url, eventTypes = types }));
        subscription.id = made.GetProperty("id").GetString()!;
        return subscription;
    }

    public async Task SetAsync(string status) =>
        (await stage.Api.PatchAsJsonAsync(Link, new { status })).EnsureSuccessStatusCode();

    /// <summary>The events that it has to have, in the order of the feed.</summary>
    public async Task<List<JsonElement>> EventsAsync()
    {
        List<JsonElement> events = [];
        var (cursor, isMore) = (begin, true);
        while (isMore)
        {
            var page = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/events?limit=1000&after={cursor}"));
            var data = page.GetProperty("data").EnumerateArray().ToList();
            events.AddRange(data.Where(IsWanted));
            (cursor, isMore) = (page.GetProperty("nextCursor").GetString()!, data.Count > 0);
        }

        return events;
    }

    /// <summary>What is wrong with what it received.</summary>
    public IEnumerable<string> Judge(List<JsonElement> events)
    {
        var byId = events.ToDictionary(IdOf);
        var before = events.GroupBy(ObjectOf).SelectMany(line => line.Select(
            (told, at) => (Id: IdOf(told), Earlier: line.Take(at).Select(IdOf).ToList())))
            .ToDictionary(told => told.Id, told => told.Earlier);
        HashSet<string> has = [];
        foreach (var (one, status) in Log)
        {
            if (!byId.TryGetValue(one.Id, out var told))
            {
                yield return $"{id} received {one.Type} {one.Id}, which is no event for it";
                continue;
            }

            if (one.Body != told.GetRawText())
            {
                yield return $"{id} received {one.Body} and the feed says {told.GetRawText()}";
            }

            foreach (var missing in before[one.Id].Where(earlier => !has.Contains(earlier)))
            {
                yield return $"{id} received {one.Type} {one.Id} before {byId[missing]}";
            }

            if (status is >= 200 and < 300)
            {
                has.Add(one.Id);
            }
        }

        foreach (var missing in events.Where(told => !has.Contains(IdOf(told))))
        {
            yield return $"{id} never had {missing}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stage.Api.DeleteAsync(Link);
        await subscriber.DisposeAsync();
    }

    private static string IdOf(JsonElement told) => told.GetProperty("id").GetString()!;

    private static string ObjectOf(JsonElement told)
    {
        var about = told.GetProperty("data").GetProperty("object");
        return about.TryGetProperty("id", out var key) || about.TryGetProperty("payorCode", out key)
            ? key.GetString()! : told.GetProperty("type").GetString()!;
    }

    private bool IsWanted(JsonElement told) =>
        ObjectOf(told) != id && (types is [] || types.Contains(told.GetProperty("type").GetString()));

    private int Answer(Received one)
    {
        lock (Log)
        {
            var status = IsWell ? 200 : random.Next(12) switch
            {
                0 => 500,
                1 => 503,
                2 => 0,
                3 when random.Next(10) is 0 => 410,
                _ => 204,
            };
            Log.Add((one, status));
            return status;
        }
    }
}
