using System.Net;
using PockytSimulator.Control;
using PockytSimulator.Scheduling;
using PockytSimulator.State;

namespace PockytSimulator.Notices;

/// <summary>
/// Delivers notices. Only HTTP 200 with the body "success" counts; anything else is tried again, a bounded number
/// of times by the simulator's clock.
/// </summary>
internal sealed class NoticeSender(
    SimulatorSettings settings,
    SimulatorClock clock,
    MerchantRegistry merchants,
    Scheduler agenda,
    Faults faults,
    NoticeLog log,
    ConsoleNarrator narrator,
    Journal journal)
    : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
    })
    {
        Timeout = TimeSpan.FromSeconds(10),
        // An acknowledgement is seven bytes; a longer answer is no acknowledgement.
        MaxResponseContentBufferSize = 64 * 1024,
    };

    /// <summary>
    /// The first attempt for a notice that is owed; further ones follow by themselves. Null when a fault put it off.
    /// </summary>
    public Task<NoticeLine?> SendAsync(Notice notice, CancellationToken stopping) =>
        AttemptAsync(notice, attempt: 1, FaultFor(notice), stopping);

    /// <summary>A further attempt when it is due.</summary>
    public void SendAt(DateTimeOffset dueAt, Notice notice, int attempt) => agenda.Add(
        dueAt - clock.GetUtcNow(), later => AttemptAsync(notice, attempt, FaultFor(notice), later));

    /// <summary>One attempt, untouched by faults and never repeated.</summary>
    public Task<NoticeLine> SendOnceAsync(Notice notice, CancellationToken stopping) =>
        PostAsync(notice, attempt: 1, stopping);

    public void Dispose() => _client.Dispose();

    private async Task<NoticeLine?> AttemptAsync(
        Notice notice, int attempt, FaultScript? fault, CancellationToken stopping)
    {
        var delayMs = fault?.DelayMs ?? fault?.Answer?.DelayMs;
        if (delayMs > 0)
        {
            var answer = fault!.Answer is { } how ? how with { DelayMs = null } : null;
            var rest = fault with { DelayMs = null, Answer = answer };
            agenda.Add(TimeSpan.FromMilliseconds(delayMs.Value), later => AttemptAsync(notice, attempt, rest, later));
            return null;
        }

        var sent = Distorted(notice, fault?.Answer);
        for (var copy = 0; fault?.Answer is { Kind: "duplicate" } again && copy < (again.Copies ?? 1); copy++)
        {
            await PostAsync(sent, attempt, stopping);
        }

        var line = fault?.Answer?.Kind == "drop" ? Lost(sent, attempt) : await PostAsync(sent, attempt, stopping);
        DateTimeOffset? againAt = line.Delivered || notice.Once || attempt > settings.RetrySpacing.Count
            ? null
            : clock.GetUtcNow() + TimeSpan.FromMinutes(settings.RetrySpacing[attempt - 1]);
        journal.Record(new JournalEntry.NoticeTried(notice.No, attempt, againAt));
        if (againAt is { } dueAt)
        {
            SendAt(dueAt, notice, attempt + 1);
        }

        return line;
    }

    private FaultScript? FaultFor(Notice notice) => notice.Once ? null : faults.Take("notice", notice.InvoiceId);

    private static Notice Distorted(Notice notice, FaultAnswer? how) => how?.Kind switch
    {
        "encoding" => notice with { Encoding = how.Encoding },
        "badSignature" => notice with { Signature = NoticeSignature.Wrong },
        "extraMember" when how.Signed => notice with { Members = With(notice.Members, how.Name!, how.Value ?? "") },
        "removeMember" when how.Signed => notice with { Members = Without(notice.Members, how.Name!) },
        "extraMember" => notice with { Tampering = new Dictionary<string, string?> { [how.Name!] = how.Value ?? "" } },
        "removeMember" => notice with { Tampering = new Dictionary<string, string?> { [how.Name!] = null } },
        _ => notice,
    };

    private static Dictionary<string, string> With(
        IReadOnlyDictionary<string, string> members, string name, string value) =>
        new(members) { [name] = value };

    private static Dictionary<string, string> Without(IReadOnlyDictionary<string, string> members, string name) =>
        new(members.Where(member => member.Key != name));

    private async Task<NoticeLine> PostAsync(Notice notice, int attempt, CancellationToken stopping)
    {
        try
        {
            var token = (merchants.Find(notice.MerchantNo) ?? merchants.First).Token;
            using var content = notice.ToContent(settings.NoticeEncoding, token);
            using var answer = await _client.PostAsync(notice.Url, content, stopping);
            var body = await answer.Content.ReadAsStringAsync(stopping);
            var delivered = answer.StatusCode is HttpStatusCode.OK && body == "success";
            return Logged(notice, attempt, (int)answer.StatusCode, body, delivered);
        }
        catch (Exception failure) when (
            failure is HttpRequestException or InvalidOperationException or OperationCanceledException
            && !stopping.IsCancellationRequested)
        {
            return Logged(notice, attempt, httpStatus: null, failure.Message, delivered: false);
        }
    }

    private NoticeLine Lost(Notice notice, int attempt) =>
        Logged(notice, attempt, httpStatus: null, "dropped by a fault", delivered: false);

    private NoticeLine Logged(Notice notice, int attempt, int? httpStatus, string body, bool delivered)
    {
        var line = new NoticeLine(
            notice.InvoiceId,
            notice.Status,
            attempt,
            clock.GetUtcNow(),
            notice.Url.ToString(),
            httpStatus,
            body,
            delivered);
        log.Add(line);
        narrator.NoticeSent(line);
        return line;
    }
}
