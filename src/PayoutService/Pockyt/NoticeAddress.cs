using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PayoutService.Pockyt;

/// <summary>
/// The address Pockyt is told to send its notices to. Its last segment is a capability: only who was given the address
/// can make a notice that is read at all, because a signature of MD5 alone is not enough to move money.
/// </summary>
internal sealed class NoticeAddress(PockytOptions options)
{
    public const string PayoutPattern = "/webhooks/pockyt/{merchant}/payouts/{invoiceId}/{capability}";

    /// <summary>192 bits cannot be guessed and keep the address short.</summary>
    private const int CapabilityBytes = 24;

    public string OfPayout(string merchant, string invoiceId)
    {
        var capability = Capability(options.Merchants[merchant].IpnSecrets[0], "payout-v1", merchant, invoiceId);
        var root = options.PublicUrl!.ToString().TrimEnd('/');
        return $"{root}/webhooks/pockyt/{merchant}/payouts/{invoiceId}/{capability}";
    }

    public bool IsPayoutCapability(string merchant, string invoiceId, string capability) =>
        options.Merchants.TryGetValue(merchant, out var known)
        && known.IpnSecrets.Aggregate(false, (right, secret) => right | FixedTimeEquals(
            Capability(secret, "payout-v1", merchant, invoiceId), capability));

    private static string Capability(string secret, string kind, string merchant, string key)
    {
        var mac = HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(secret),
            Encoding.UTF8.GetBytes($"{kind}|{merchant}|{key}"));
        return Base64Url.EncodeToString(mac.AsSpan(0, CapabilityBytes));
    }

    private static bool FixedTimeEquals(string right, string told) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(right), Encoding.UTF8.GetBytes(told));
}
