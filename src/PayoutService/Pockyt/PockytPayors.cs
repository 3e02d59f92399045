using System.Text.Json;
using PayoutService.Payors;
using PayoutService.Payouts;
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

    public async Task<ProviderAnswer<ProviderPayor>> RegisterAsync(
        Payor payor, IReadOnlyDictionary<string, string> details, CancellationToken cancel) => Read(
        await client.CallAsync(
            payor.Merchant,
            options.PayorRegisterPath,
            Members(details),
            clock.GetUtcNow(),
            new CallSubject(RequestId: payor.Id),
            cancel),
        body => Payor(body).Text("payorNo") is { Length: > 0 } payorNo ? Told(payorNo, Payor(body)) : null);

    public async Task<ProviderAnswer<ProviderPayor>> UploadAsync(
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

    private static ProviderAnswer<ProviderPayor> Read(
        PockytAnswer answer, Func<JsonElement, ProviderPayor?> payload) =>
        ProviderAnswers.Of(answer, PockytCall.Payor, payload);

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
