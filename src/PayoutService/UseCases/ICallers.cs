using System.Net;

namespace PayoutService.UseCases;

/// <summary>The holder of an API key who uses the operator pages.</summary>
/// <param name="Name">The name of the key: the actor in the history.</param>
/// <param name="Owner">The person behind it.</param>
/// <param name="Merchant">The merchant that it sees, or <see cref="AllMerchants"/>.</param>
/// <param name="KeyHash">SHA-256 of the key, by which it is found again.</param>
/// <param name="MayAct">It has the scope ops; else it only watches.</param>
/// <param name="MayApprove">It has the scope approve.</param>
/// <param name="MayPay">It has the scopes ops and payouts:write: it may upload and confirm batches.</param>
internal sealed record Caller(
    string Name,
    string Owner,
    string Merchant,
    string KeyHash,
    bool MayAct,
    bool MayApprove = false,
    bool MayPay = false)
{
    /// <summary>The merchant of a key that sees them all.</summary>
    public const string AllMerchants = "*";

    /// <summary>The claim that names the merchant, of every caller.</summary>
    public const string MerchantClaim = "merchant";
}

/// <summary>The rights of an API key.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owner">The person behind it.</param>
/// <param name="Merchant">The merchant that it is for, or <see cref="Caller.AllMerchants"/>.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="NotAfter">When it ends; empty: it does not.</param>
internal sealed record Grant(
    string Name, string Owner, string Merchant, IReadOnlyList<string> Scopes, string NotAfter);

/// <summary>Recognizes those who may use the operator pages: keys of the scopes ops:read and ops.</summary>
internal interface ICallers
{
    /// <summary>The caller with a key; null when it is not known, has ended, or lacks the scopes.</summary>
    Caller? Find(string key);

    /// <summary>The same by the hash of the key.</summary>
    Caller? FindByHash(string keyHash);

    /// <summary>Every API key there is, and what it may do.</summary>
    IReadOnlyList<Grant> Keys { get; }

    /// <summary>The people who may approve payouts of a merchant.</summary>
    IReadOnlyList<string> ApproversOf(string merchant);

    /// <summary>The person behind an API key, by the name of the key; the name itself when there is no such key.
    /// </summary>
    string OwnerOf(string keyName);

    /// <summary>Counts a wrong key.</summary>
    /// <returns>How long its source has to wait after too many; null: not at all.</returns>
    TimeSpan? CountFailure(IPAddress? source);
}
