using System.Text.Json;
using PayoutService.Payors;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;

namespace PayoutService.Pockyt;

/// <summary>
/// Registers payors at Pockyt and hands in their documents. Pockyt's documents show the two paths, the number that is
/// answered and the statuses; under which name an answer carries them is not shown, so the likely ones are tried.
/// </summary>
internal sealed class PockytPayors(PockytClient client, PockytOptions options, TimeProvider clock) : IPayorGateway
{
    public TimeSpan Timeout => options.Timeout;

    public IReadOnlySet<string> OwnMembers { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "merchantNo", "storeNo", "merGroupNo", "timestamp", VerifySign.Member, "payorNo", "ipnUrl",
        options.PayorFileMember,
    };

    public async Task<PayorAnswer> RegisterAsync(
        Payor payor, IReadOnlyDictionary<string, string> details, CancellationToken cancel) => Read(
        await client.CallAsync(
            payor.Merchant, options.PayorRegisterPath, Members(details), clock.GetUtcNow(), payor.Id, cancel),
        body => Payor(body).Text("payorNo") is { Length: > 0 } payorNo ? Told(payorNo, Payor(body)) : null);

    public async Task<PayorAnswer> UploadAsync(
        string merchant,
        string payorNo,
        IReadOnlyDictionary<string, string> texts,
        IReadOnlyList<PayorDocument> documents,
        CancellationToken cancel) => Read(
        await client.UploadAsync(
            merchant,
            $"{options.PayorUploadPath}/{Uri.EscapeDataString(payorNo)}",
            Members(texts),
            [.. documents.Select(document => new SignedFile(
                options.PayorFileMember, document.FileName, document.ContentType, document.Content))],
            clock.GetUtcNow(),
            cancel),
        body => (Payor(body).Text("payorNo") ?? payorNo) == payorNo ? Told(payorNo, Payor(body)) : null);

    private static PayorAnswer Read(PockytAnswer answer, Func<JsonElement, ProviderPayor?> payload) => answer switch
    {
        PockytAnswer.Said { Ok: true } said => payload(said.Body) is { } told
            ? new PayorAnswer.Done(told)
            : new PayorAnswer.Unclear("Success without the payor that was meant."),
        PockytAnswer.Said said when IsRefusal(said) =>
            new PayorAnswer.Refused(said.Code, PayoutTranslation.Message(said)),
        PockytAnswer.Said said =>
            new PayorAnswer.Unclear($"{PayoutTranslation.Clean(said.Code)}: {PayoutTranslation.Message(said)}"),
        PockytAnswer.NotSent(var why) => new PayorAnswer.NotSent(why),
        PockytAnswer.Unclear(var why) => new PayorAnswer.Unclear(why),
        _ => new PayorAnswer.Unclear("No answer."),
    };

    /// <summary>Certainly not executed. A complaint about a duplicate is none: the earlier one exists, and only a human
    /// can find its number.</summary>
    private static bool IsRefusal(PockytAnswer.Said said) => !PayoutTranslation.Speaks(said, "duplicate") && said.Code switch
    {
        "000010" or "000020" or "000021" or "000022" or "000023" or "000030" => true,
        "000000" => PayoutTranslation.Speaks(said, "data error"),
        _ => false,
    };

    /// <summary>The part of an answer that is about the payor; an upload's answer may have none.</summary>
    private static JsonElement Payor(JsonElement body) =>
        body.Member("result") is { ValueKind: JsonValueKind.Object } result ? result
        : body.Member("payor") is { ValueKind: JsonValueKind.Object } payor ? payor
        : body;

    private static ProviderPayor Told(string payorNo, JsonElement payor)
    {
        var word = PayoutTranslation.Clean(payor.Text("status") ?? payor.Text("payorStatus"));
        return new ProviderPayor(PayoutTranslation.Clean(payorNo)!, StatusOf(word), word);
    }

    private static PayorStatus StatusOf(string? word) => word?.Trim().ToLowerInvariant() switch
    {
        "saved" => PayorStatus.Saved,
        "submitted" => PayorStatus.Submitted,
        "approved" => PayorStatus.Approved,
        "effective" => PayorStatus.Effective,
        "declined" => PayorStatus.Declined,
        _ => PayorStatus.Unknown,
    };

    private static IEnumerable<KeyValuePair<string, string?>> Members(IReadOnlyDictionary<string, string> texts) =>
        texts.Select(text => KeyValuePair.Create(text.Key, (string?)text.Value));
}
