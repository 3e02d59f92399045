using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Pockyt.Translation;
using PayoutService.Storage.Calls;
using PayoutService.Telemetry;

namespace PayoutService.Pockyt.Wire;

/// <summary>The outcome of one call to Pockyt.</summary>
/// <param name="Outcome">What is kept of it for people.</param>
/// <param name="Result">Pockyt's code, or why there was none.</param>
internal abstract record PockytAnswer(CallOutcome Outcome, string Result)
{
    /// <summary>Pockyt answered in its own words.</summary>
    /// <param name="Code">ret_code.</param>
    /// <param name="Message">ret_msg; varies and decides nothing where the code does.</param>
    /// <param name="Body">The whole answer.</param>
    internal sealed record Said(string Code, string Message, JsonElement Body)
        : PockytAnswer(CallOutcome.Answered, Code)
    {
        /// <summary>Pockyt accepted the call.</summary>
        public bool Ok => Code == "000100";
    }

    /// <summary>Provably no byte of the request's body left us.</summary>
    internal sealed record NotSent(string Why) : PockytAnswer(CallOutcome.NotSent, Why);

    /// <summary>The request may have arrived, and the answer says nothing we can rely on.</summary>
    internal sealed record Unclear(string Why) : PockytAnswer(CallOutcome.Unclear, Why)
    {
        /// <summary>No answer came in time.</summary>
        public bool IsSilence { get; init; }
    }
}

/// <summary>The object of one call to Pockyt.</summary>
/// <param name="PayoutId">The payout that it is about.</param>
/// <param name="RequestId">Pockyt-Request-ID, for calls that must not be executed twice.</param>
internal readonly record struct CallSubject(Guid? PayoutId = null, Guid? RequestId = null)
{
    public static readonly CallSubject None;
}

/// <summary>
/// Calls Pockyt: signs, posts once, reads one answer. Never retries, never follows a redirect, and turns whatever
/// happens on the wire into an answer.
/// </summary>
internal sealed class PockytClient : IDisposable
{
    /// <summary>Pockyt's answers are under 2 KiB; more is not an answer.</summary>
    private const int MaxAnswerBytes = 256 * 1024;

    private readonly PockytOptions options;
    private readonly Dictionary<(string Merchant, bool IsPayout), Lane> lanes;
    private readonly CircuitBreaker breaker;
    private readonly Oddities oddities;
    private readonly CallLog calls;
    private readonly TimeProvider clock;

    public PockytClient(
        PockytOptions options, PayoutRules rules, Oddities oddities, CallLog calls, TimeProvider clock)
    {
        this.options = options;
        this.oddities = oddities;
        this.calls = calls;
        this.clock = clock;
        breaker = new CircuitBreaker(options.BreakDuration, clock);

        // One for the sends and the questions that the workers may have under way, so that none of them waits while its
        // lease runs; another for the rest, of which callers may ask for any number.
        lanes = options.Merchants.Keys
            .SelectMany(merchant => new[] { (merchant, IsPayout: true), (merchant, IsPayout: false) })
            .ToDictionary(
                key => key, key => new Lane(options, key.IsPayout ? 2 * rules.AtOnce : options.MaxConnections));
    }

    /// <summary>How many calls may begin now: none while Pockyt does not answer, then one that
    /// tries.</summary>
    public int FreeSlots => breaker.FreeSlots;

    /// <summary>Since when Pockyt does not answer; null: it does, as far as we know.</summary>
    public DateTimeOffset? AwaySince => breaker.AwaySince;

    /// <summary>Calls Pockyt as a merchant.</summary>
    /// <param name="merchant">The merchant's name in the settings.</param>
    /// <param name="path">The call's path.</param>
    /// <param name="members">The call's own members; null and empty ones are not sent.</param>
    /// <param name="timestamp">The time that is signed.</param>
    /// <param name="about">What it is about.</param>
    /// <param name="cancel">Gives the call up; what it did is then unclear.</param>
    public async Task<PockytAnswer> CallAsync(
        string merchant,
        string path,
        IEnumerable<KeyValuePair<string, string?>> members,
        DateTimeOffset timestamp,
        CallSubject about,
        CancellationToken cancel)
    {
        using var content = SignedContent.Json(Sign(options.Merchants[merchant], members, timestamp));
        return await SendAsync(merchant, path, content, about, cancel);
    }

    /// <summary>Calls Pockyt as a merchant with files: the signed members and the files are the parts of a
    /// form.</summary>
    /// <param name="merchant">The merchant's name in the settings.</param>
    /// <param name="path">The call's path.</param>
    /// <param name="members">The call's own members; null and empty ones are not sent.</param>
    /// <param name="files">The files; the caller keeps and closes them.</param>
    /// <param name="timestamp">The time that is signed.</param>
    /// <param name="cancel">Gives the call up; what it did is then unclear.</param>
    public async Task<PockytAnswer> UploadAsync(
        string merchant,
        string path,
        IEnumerable<KeyValuePair<string, string?>> members,
        IReadOnlyList<SignedFile> files,
        DateTimeOffset timestamp,
        CancellationToken cancel)
    {
        using var content = SignedContent.Form(Sign(options.Merchants[merchant], members, timestamp), files);
        return await SendAsync(merchant, path, content, CallSubject.None, cancel);
    }

    public void Dispose()
    {
        foreach (var lane in lanes.Values)
        {
            lane.Dispose();
        }
    }

    private async Task<PockytAnswer> SendAsync(
        string merchant, string path, SignedContent content, CallSubject about, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        var answer = await SendInLaneAsync(merchant, path, content, about, cancel);
        var result = answer is PockytAnswer.Said said ? said.Ok ? "ok" : "refused" : Metrics.Word(answer.Outcome);
        Metrics.Called(OperationOf(path), result, clock.GetElapsedTime(began));
        return answer;
    }

    /// <summary>The path without the payor's number, which would be a label of any number of values.</summary>
    private string OperationOf(string path) =>
        path.StartsWith($"{options.PayorUploadPath}/", StringComparison.Ordinal) ? options.PayorUploadPath : path;

    private async Task<PockytAnswer> SendInLaneAsync(
        string merchant, string path, SignedContent content, CallSubject about, CancellationToken cancel)
    {
        var isPayout = path == options.PayPath || path == options.InquiryPath;
        var lane = lanes[(merchant, isPayout)];
        if (!await lane.EnterAsync(isPayout ? TimeSpan.Zero : options.ConnectTimeout, cancel))
        {
            // It says nothing about Pockyt, so the breaker does not hear of it.
            return new PockytAnswer.NotSent("All connections of the merchant are in use.");
        }

        try
        {
            return await SendAsync(lane.Http, merchant, path, content, about, cancel);
        }
        finally
        {
            lane.Leave();
        }
    }

    private async Task<PockytAnswer> SendAsync(
        HttpClient http,
        string merchant,
        string path,
        SignedContent content,
        CallSubject about,
        CancellationToken cancel)
    {
        if (!breaker.TryBegin())
        {
            return new PockytAnswer.NotSent("Pockyt does not answer; calls pause for a moment.");
        }

        PockytAnswer? answer = null;
        var (at, began) = (clock.GetUtcNow(), clock.GetTimestamp());
        try
        {
            answer = await PostAsync(http, path, content, about.RequestId, cancel);
        }
        finally
        {
            breaker.End(
                answered: answer is not (PockytAnswer.NotSent or PockytAnswer.Unclear { IsSilence: true }));
        }

        calls.Add(new ProviderCall
        {
            Id = Guid.CreateVersion7(at),
            Merchant = merchant,
            PayoutId = about.PayoutId,
            RequestId = about.RequestId,
            Operation = OperationOf(path),
            At = at,
            LatencyMs = (int)clock.GetElapsedTime(began).TotalMilliseconds,
            Outcome = answer.Outcome,
            Result = answer.Result,
        });
        return answer;
    }

    private async Task<PockytAnswer> PostAsync(
        HttpClient http, string path, SignedContent content, Guid? requestId, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (requestId is { } id)
        {
            request.Headers.Add("Pockyt-Request-ID", id.ToString());
        }

        // It begins here, when there is a connection to be had.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(options.Timeout);
        try
        {
            using var response = await http.SendAsync(request, patience.Token);
            var body = await response.Content.ReadAsByteArrayAsync(patience.Token);
            return Read(response.StatusCode, body);
        }
        catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException or IOException)
        {
            // The request may have arrived even though its answer did not, unless its body was never begun.
            var isLate = broken is OperationCanceledException;
            var why = isLate
                ? "No answer in time."
                : $"The connection failed ({(broken as HttpRequestException)?.HttpRequestError}).";
            return content.NeverBegins()
                ? new PockytAnswer.NotSent(why)
                : new PockytAnswer.Unclear(why) { IsSilence = isLate && !cancel.IsCancellationRequested };
        }
    }

    private PockytAnswer Read(HttpStatusCode status, byte[] body)
    {
        var code = (int)status;
        if (code is >= 300 and < 400)
        {
            return new PockytAnswer.Unclear($"HTTP {code}: a redirect, which is not followed.");
        }

        // Pockyt's own words come with 200 or 400. With these, the author of the body may not know what was executed.
        if (code is 408 or 429 or >= 500)
        {
            return new PockytAnswer.Unclear($"HTTP {code}: an outage, whatever the body says.");
        }

        try
        {
            var json = body.AsMemory(body.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0);
            var root = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false }).RootElement;

            // Some answers come wrapped as {"status": 200, "resultBody": {...}}.
            if (root.Member("resultBody") is { ValueKind: JsonValueKind.Object } inner)
            {
                root = inner;
            }

            if (!root.HasPlainTexts())
            {
                return new PockytAnswer.Unclear($"HTTP {code}: an answer with a text that cannot be kept.");
            }

            if (root.Text("ret_code")?.Trim() is not { } ret)
            {
                return new PockytAnswer.Unclear($"HTTP {code}: an answer without ret_code.");
            }

            if (!Oddities.IsKnown(ret))
            {
                oddities.Saw(Oddities.UnknownCode);
            }

            return new PockytAnswer.Said(ret, (root.Text("ret_msg") ?? root.Text("retMsg") ?? "").Trim(), root);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            oddities.Saw(Oddities.NoJson);
            return new PockytAnswer.Unclear($"HTTP {code}: an answer that is not JSON.");
        }
    }

    private static Dictionary<string, string> Sign(
        PockytMerchant merchant, IEnumerable<KeyValuePair<string, string?>> members, DateTimeOffset timestamp)
    {
        // Ours come last and win: callers and Pockyt's lists name some of the others.
        Dictionary<string, string> signed = [];
        foreach (var (name, value) in members
            .Append(new("merchantNo", merchant.MerchantNo))
            .Append(new("storeNo", merchant.StoreNo))
            .Append(new("timestamp", timestamp.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)))
            .Where(member => !string.IsNullOrEmpty(member.Value)))
        {
            signed[name] = value!;
        }

        signed[VerifySign.Member] = VerifySign.Of(signed!, merchant.Tokens[0]);
        return signed;
    }

    /// <summary>Connections of one merchant that nobody else can take: as many as calls may use them at once.</summary>
    private sealed class Lane(PockytOptions options, int calls) : IDisposable
    {
        private readonly SemaphoreSlim free = new(calls);

        /// <summary>It never waits for a connection itself, and its time-out would count that.</summary>
        public HttpClient Http { get; } = new(new SocketsHttpHandler
        {
            // Ids of our traces are nobody else's.
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            AllowAutoRedirect = false,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            UseCookies = false,
            UseProxy = false,
        })
        {
            BaseAddress = options.BaseUrl,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };

        public Task<bool> EnterAsync(TimeSpan patience, CancellationToken cancel) => free.WaitAsync(patience, cancel);

        public void Leave() => free.Release();

        public void Dispose()
        {
            Http.Dispose();
            free.Dispose();
        }
    }
}
