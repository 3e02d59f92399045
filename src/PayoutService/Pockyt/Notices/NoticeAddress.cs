using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PayoutService.Pockyt.Notices;

/// <summary>
/// The address Pockyt is told to send its notices to. Its last segment is a capability: only who was given the address
/// can make a notice that is read at all, because a signature of MD5 alone is not enough to move money.
/// </summary>
internal sealed class NoticeAddress(PockytOptions options)
{
    public const string PayoutPattern = "/webhooks/pockyt/{merchant}/payouts/{invoiceId}/{capability}";
    public const string AccountPattern = "/webhooks/pockyt/{merchant}/accounts/{accountId}/{capability}";

    public const string DepositPattern = "/webhooks/pockyt/{merchant}/deposits/{capability}";

    private const string Payouts = "payout-v1";
    private const string Accounts = "account-v1";
    private const string Deposits = "deposit-v1";

    /// <summary>192 bits cannot be guessed and keep the address short.</summary>
    private const int CapabilityBytes = 24;

    public string OfPayout(string merchant, string invoiceId) =>
        $"{Root(merchant)}/payouts/{invoiceId}/{Capability(Secret(merchant), Payouts, merchant, invoiceId)}";

    /// <summary>By our id of the account: its tag is unique only within its payee.</summary>
    public string OfAccount(string merchant, Guid accountId) =>
        $"{Root(merchant)}/accounts/{accountId:N}/{Capability(Secret(merchant), Accounts, merchant, $"{accountId:N}")}";

    /// <summary>Of a merchant's deposits: it is not told in a call, so somebody registers it in Pockyt's portal.
    /// </summary>
    public string OfDeposits(string merchant) =>
        $"{Root(merchant)}/deposits/{Capability(Secret(merchant), Deposits, merchant, "")}";

    public bool IsDepositCapability(string merchant, string capability) =>
        IsCapability(Deposits, merchant, "", capability);

    public bool IsPayoutCapability(string merchant, string invoiceId, string capability) =>
        IsCapability(Payouts, merchant, invoiceId, capability);

    public bool IsAccountCapability(string merchant, string accountId, string capability) =>
        IsCapability(Accounts, merchant, accountId, capability);

    private bool IsCapability(string kind, string merchant, string key, string capability) =>
        options.Merchants.TryGetValue(merchant, out var known)
        && known.IpnSecrets.Aggregate(false, (right, secret) => right | FixedTimeEquals(
            Capability(secret, kind, merchant, key), capability));

    private string Root(string merchant) =>
        $"{options.PublicUrl!.ToString().TrimEnd('/')}/webhooks/pockyt/{merchant}";

    private string Secret(string merchant) => options.Merchants[merchant].IpnSecrets[0];

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
