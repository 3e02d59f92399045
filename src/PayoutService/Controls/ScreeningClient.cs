using System.Diagnostics;
using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using PayoutService.Payees;
using PayoutService.Storage.Holds;
using PayoutService.Views;
using StandardWebhooks;

namespace PayoutService.Controls;

/// <summary>Asks the address that a merchant names whether a payee and its account are clean. The request is signed as
/// webhooks are. Whatever is not a clear answer is an error, and never means clean.</summary>
internal sealed class ScreeningClient : IDisposable
{
    private const int MostRead = 4 * 1024;
    private const int MostSaid = 200;

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(10);

    private readonly TimeProvider clock;
    private readonly HttpClient http;

    public ScreeningClient(TimeProvider clock)
    {
        this.clock = clock;
        http = new HttpClient(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = Enough,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Asks once.</summary>
    public async Task<(ScreeningAnswer Answer, string Said)> AskAsync(
        ControlRules rules, Payee payee, Account account)
    {
        var at = clock.GetUtcNow();
        var id = $"scr_{Guid.CreateVersion7(at):n}";
        var body = JsonSerializer.Serialize(
            new
            {
                id,
                type = "screening.requested",
                timestamp = at,
                merchant = payee.Merchant,
                payee = new
                {
                    id = PublicId.Of(PublicId.Payee, payee.Id),
                    payee.CustomerCode,
                    payee.ProfileType,
                    payee.FirstName,
                    payee.LastName,
                    payee.Email,
                    payee.CountryCode,
                    payee.Version,
                },
                account = new
                {
                    id = PublicId.Of(PublicId.Account, account.Id),
                    account.AccountTag,
                    account.AccountType,
                    account.Country,
                    account.Currency,
                    account.Last4,
                    account.Version,
                },
            },
            JsonSerializerOptions.Web);
        using var enough = new CancellationTokenSource(Enough);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, rules.ScreeningUrl)
            {
                Content = new StringContent(body, Encoding.UTF8, MediaTypeNames.Application.Json),
            };
            request.Headers.Add("webhook-id", id);
            request.Headers.Add("webhook-timestamp", $"{at.ToUnixTimeSeconds()}");
            request.Headers.Add("webhook-signature", new StandardWebhook(rules.ScreeningSecret).Sign(id, at, body));
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, enough.Token);
            var status = (int)answer.StatusCode;
            return status == StatusCodes.Status200OK
                ? Read(await BeginningAsync(answer, enough.Token))
                : Error(string.Create(CultureInfo.InvariantCulture, $"The screening answered {status}."));
        }
        catch (OperationCanceledException)
        {
            return Error($"The screening did not answer within {Enough.TotalSeconds:0} s.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return Error("The screening cannot be reached.");
        }
    }

    public void Dispose() => http.Dispose();

    private static (ScreeningAnswer Answer, string Said) Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var answer = Text(document.RootElement, "answer");
            var said = Text(document.RootElement, "reference") is { Length: > 0 } reference
                ? $"The screening answered {answer}: {Clean(reference)}." : $"The screening answered {answer}.";
            return answer switch
            {
                "clean" => (ScreeningAnswer.Clean, said),
                "hit" => (ScreeningAnswer.Hit, said),
                "error" => (ScreeningAnswer.Error, said),
                _ => Error("The screening's answer is none of clean, hit and error."),
            };
        }
        catch (JsonException)
        {
            return Error("The screening's answer cannot be read.");
        }
    }

    private static string? Text(JsonElement answer, string member) =>
        answer.ValueKind is JsonValueKind.Object && answer.TryGetProperty(member, out var value)
            && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static string Clean(string text) => string.Concat(
        text.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Take(MostSaid));

    private static (ScreeningAnswer Answer, string Said) Error(string said) => (ScreeningAnswer.Error, said);

    private static async Task<byte[]> BeginningAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var buffer = new byte[MostRead];
        await using var stream = await answer.Content.ReadAsStreamAsync(cancel);
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return buffer[..read];
    }
}
