using System.Net.Http.Headers;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>The traces of a payout, as a collector receives them.</summary>
[Trait("Run", "Long")]
public sealed class TracesTests
{
    private const string Theirs = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task What_follows_from_a_request_is_linked_to_its_trace_and_not_nested_in_it()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var simulator = PockytSimulator.Simulator.Build([], builder =>
            builder.Configuration["urls"] = "http://127.0.0.1:0");
        await simulator.StartAsync();
        using var service = await StartAsync(simulator.Urls.First(), collector, "1");

        var invoiceId = await service.PayAsync("12.34");
        await service.WhenAsync(invoiceId, payout => payout.GetProperty("moneyMoved").GetString() is "yes");
        string[] names = ["claim payouts", "send payout", "ask about payout"];
        var spans = await collector.WhenAsync(spans => names.All(name => spans.Any(span => span.Name == name))
            && spans.Any(span => IsNotification(span) && span.Links.Count > 0));

        var request = Assert.Single(spans, span => span.Name.StartsWith("POST /v1/payouts", StringComparison.Ordinal));
        var link = $"{request.TraceId}-{request.SpanId}";
        ReceivedSpan[] following =
        [
            .. names.Select(name => spans.First(span => span.Name == name)),
            spans.First(span => IsNotification(span) && span.Links.Count > 0),
        ];
        Assert.All(following, span =>
        {
            Assert.Equal([link], span.Links);
            Assert.Empty(span.ParentId);
        });
        Assert.Equal(5, following.Append(request).Select(span => span.TraceId).Distinct().Count());
        Assert.All(following[1..], span => Assert.StartsWith("po_", span.Tags["payoutId"], StringComparison.Ordinal));
        Assert.Contains(spans, span => span.Name == "ask about payout" && span.Tags["status"] == "succeeded"
            && span.Tags.GetValueOrDefault("confirmedBy") == "inquiry");
        Assert.Contains(spans, span => span.ParentId == following[1].SpanId && span.Name == "POST");
        string[] secrets = ["verifySign", "dev-key", "7861053298", "/payouts/process-12-34/"];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, collector.Everything, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_whose_key_is_known_says_whether_its_request_is_traced()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var service = await StartAsync("http://127.0.0.1:9", collector, "0");
        foreach (var (key, trace, flags) in new[]
        {
            ("dev-key", Theirs, "01"), ("dev-key", "1af7651916cd43dd8448eb211c80319c", "00"),
            ("wrong-key", "2af7651916cd43dd8448eb211c80319c", "01"),
        })
        {
            using var call = new HttpRequestMessage(HttpMethod.Get, "/v1/payouts");
            call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            call.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-{flags}");
            await service.Api.SendAsync(call);
        }

        await service.StopAsync();

        Assert.Equal([Theirs], collector.Spans.Select(span => span.TraceId).Distinct());
    }

    private static bool IsNotification(ReceivedSpan span) =>
        span.Name.StartsWith("POST /webhooks/pockyt/{merchant}/payouts/", StringComparison.Ordinal);

    private static async Task<ServiceProcess> StartAsync(string pockyt, OtlpReceiver collector, string ratio) =>
        await ServiceProcess.StartAsync(
            await TestDatabase.CreateAsync(),
            pockyt,
            $"--Telemetry:OtlpEndpoint={collector.Url}",
            $"--Telemetry:TraceRatio={ratio}",
            "--OTEL_BSP_SCHEDULE_DELAY=200");
}
