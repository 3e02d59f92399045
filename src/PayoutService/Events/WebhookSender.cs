using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using PayoutService.Storage.Events;
using PayoutService.Telemetry;
using PayoutService.UseCases;
using PayoutService.Views;
using PayoutService.Views.Events;
using StandardWebhooks;

namespace PayoutService.Events;

/// <summary>Posts events to endpoints, signed as Standard Webhooks 1.0.0 says. A call is one request: nothing here
/// repeats it.</summary>
internal sealed class WebhookSender : IWebhookGateway, IDisposable
{
    private const int MostRead = 4 * 1024;

    private readonly EventRules rules;
    private readonly WebhookSecrets secrets;
    private readonly TimeProvider clock;
    private readonly JsonSerializerOptions json;
    private readonly HttpClient http;

    public WebhookSender(
        EventRules rules, WebhookSecrets secrets, TimeProvider clock, IOptions<JsonOptions> json)
    {
        this.rules = rules;
        this.secrets = secrets;
        this.clock = clock;
        this.json = json.Value.SerializerOptions;
        http = new HttpClient(new SocketsHttpHandler
        {
            // Ids of our traces are nobody else's.
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = rules.Timeout,

            // A name is looked up again after this time.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = (context, cancel) => WebhookAddresses.ConnectAsync(context.DnsEndPoint, rules, cancel),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public string SecretOf(WebhookEndpoint endpoint) => secrets.Of(endpoint);

    public string? Problem(string url) =>
        !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Host.Length == 0
            || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
            ? "must be an address such as https://example.com/webhooks"
        : address.Scheme == Uri.UriSchemeHttp && !rules.AllowHttp ? "must begin with https://"
        : address.UserInfo.Length > 0 ? "must not have a user name or a password"
        : address.Fragment.Length > 0 ? "must not have a fragment"
        : IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && !WebhookAddresses.IsAllowed(ip, rules)
            ? "must not be a private or reserved address"
        : null;

    /// <summary>Posts an event to an endpoint, once.</summary>
    public Task<WebhookAnswer> SendAsync(WebhookEndpoint endpoint, FeedEvent told, CancellationToken cancel)
    {
        var published = PublishedEvent.Of(told);
        return PostAsync(endpoint, published.Id, JsonSerializer.Serialize(published, json), cancel);
    }

    public Task<WebhookAnswer> TestAsync(WebhookEndpoint endpoint, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var id = $"evt_test_{Guid.CreateVersion7(now):n}";
        var test = new
        {
            id,
            type = "endpoint.test",
            timestamp = now,
            sequence = 0,
            data = new { @object = new { id = PublicId.Of(PublicId.Endpoint, endpoint.Id), endpoint.Url } },
        };
        return PostAsync(endpoint, id, JsonSerializer.Serialize(test, json), cancel);
    }

    public void Dispose() => http.Dispose();

    private async Task<WebhookAnswer> PostAsync(
        WebhookEndpoint endpoint, string id, string body, CancellationToken cancel)
    {
        var (at, began) = (clock.GetUtcNow(), clock.GetTimestamp());
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        enough.CancelAfter(rules.Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url)
            {
                Content = new StringContent(body, Encoding.UTF8, MediaTypeNames.Application.Json),
            };
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("PayoutService", "1"));
            request.Headers.Add("webhook-id", id);
            request.Headers.Add("webhook-timestamp", $"{at.ToUnixTimeSeconds()}");
            request.Headers.Add("webhook-signature", string.Join(' ', secrets.SigningOf(endpoint)
                .Select(secret => new StandardWebhook(secret).Sign(id, at, body))));
            using var answer = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, enough.Token);
            var text = await BeginningAsync(answer, enough.Token);
            var status = (int)answer.StatusCode;
            return Answer(
                status,
                answer.IsSuccessStatusCode ? null
                    : status is >= 300 and < 400 ? $"It answered {status}; redirects are not followed."
                    : $"It answered {status}.",
                text);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Answer(null, $"It did not answer within {rules.Timeout.TotalSeconds:0} s.", null);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or WebhookRefusedException)
        {
            return Answer(null, (broken.InnerException as WebhookRefusedException ?? broken).Message, null);
        }

        WebhookAnswer Answer(int? status, string? error, string? text)
        {
            var elapsed = clock.GetElapsedTime(began);
            Metrics.Delivered(error is null ? "delivered" : status is null ? "noAnswer" : "refused", elapsed);
            return new(at, (int)elapsed.TotalMilliseconds, status, error, text);
        }
    }

    /// <summary>The beginning of an answer, as text that PostgreSQL takes.</summary>
    private static async Task<string?> BeginningAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var buffer = new byte[MostRead];
        await using var stream = await answer.Content.ReadAsStreamAsync(cancel);
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return read == 0 ? null : Encoding.UTF8.GetString(buffer, 0, read).Replace('\0', '\uFFFD');
    }
}
