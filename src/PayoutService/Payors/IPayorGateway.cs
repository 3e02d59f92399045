using PayoutService.Payouts;

namespace PayoutService.Payors;

/// <summary>A payor as Pockyt describes it.</summary>
/// <param name="PayorNo">Pockyt's number of it.</param>
/// <param name="Status">What the word means.</param>
/// <param name="StatusWord">Pockyt's word for its status; null when the answer had none.</param>
internal sealed record ProviderPayor(string PayorNo, PayorStatus Status, string? StatusWord);

/// <summary>A document about a payor. It is read once, on its way to Pockyt, and not kept.</summary>
internal sealed record PayorDocument(string FileName, string ContentType, Stream Content);

/// <summary>Registers payors. Whatever happens on the wire comes back as an answer, never as an exception.
/// There is no call that looks a payor up.</summary>
internal interface IPayorGateway
{
    /// <summary>The longest time that one call may take; a registration is not sent unless its lease covers
    /// it.</summary>
    TimeSpan Timeout { get; }

    /// <summary>Names that a caller's texts may not have, in whatever case: what we send ourselves.</summary>
    IReadOnlySet<string> OwnMembers { get; }

    /// <summary>Registers a payor. Only ever called once for each.</summary>
    Task<ProviderAnswer<ProviderPayor>> RegisterAsync(
        Payor payor, IReadOnlyDictionary<string, string> details, CancellationToken cancel);

    /// <summary>Hands in documents about a payor, with texts that say what they are.</summary>
    Task<ProviderAnswer<ProviderPayor>> UploadAsync(
        string merchant,
        string payorNo,
        IReadOnlyDictionary<string, string> texts,
        IReadOnlyList<PayorDocument> documents,
        CancellationToken cancel);
}
