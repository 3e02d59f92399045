using System.Security.Cryptography;
using System.Text;

namespace PayoutService.Tests.Support;

/// <summary>Requests that are right, to be bent by the tests that need a wrong one.</summary>
public static class Example
{
    private static readonly string[] Everything =
    [
        "payouts:read", "payouts:write", "payees:read", "payees:write", "refunds:write", "events:read", "events:write",
        "ops", "approve",
    ];

    /// <summary>The keys of Development, a second merchant with a key of its own, and a key of the first one that may
    /// only read.</summary>
    public static readonly string[] OtherMerchant =
    [
        "--Pockyt:Merchants:other:MerchantNo=202333",
        "--Pockyt:Merchants:other:StoreNo=301854",
        "--Pockyt:Merchants:other:Tokens:0=17cfc0170ef1c017b4a929d233d6e65e",
        "--Pockyt:Merchants:other:IpnSecrets:0=another-notice-secret",
        .. Key(0, "main", "dev-key", Everything), "--ApiKeys:0:Name=dev",
        .. Key(1, "other", "other-key", [.. Everything.Except(["ops", "approve"])]),
        .. Key(2, "main", "reader-key", "payouts:read"),
        .. Key(3, "main", "dev-key-2", Everything), "--ApiKeys:3:Name=dev-2",
        .. Key(4, "main", "dev-key-3", Everything), "--ApiKeys:4:Name=dev-3", "--ApiKeys:4:Owner=DEV",
        .. Key(5, "main", "ops-key", "ops"), .. Key(6, "main", "watch-key", "ops:read"),
        .. Key(7, "main", "payees-reader-key", "payees:read"), .. Key(8, "main", "approve-key", "approve"),
        .. Key(9, "main", "approve-key-2", "approve"),
    ];

    /// <summary>All settings that Production needs.</summary>
    public static string[] Production =>
    [
        "--environment=Production",
        "--urls=http://127.0.0.1:0",
        "--ConnectionStrings:Payouts=Host=unused",
        "--FingerprintKey=fingerprints-of-a-test",
        "--Events:Keys:0=webhooks-of-a-test",
        "--Pockyt:BaseUrl=https://pockyt.example",
        "--Pockyt:PublicUrl=https://payouts.example",
        "--Pockyt:Merchants:main:MerchantNo=1",
        "--Pockyt:Merchants:main:StoreNo=2",
        "--Pockyt:Merchants:main:Environment=sandbox",
        "--Pockyt:Merchants:main:Tokens:0=0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "--Pockyt:Merchants:main:IpnSecrets:0=0123456789abcdef",
        .. Key(0, "main", "a-real-key", "payouts:read"),
    ];

    public static Dictionary<string, object?> Payee(string customerCode) => new()
    {
        ["customerCode"] = customerCode,
        ["firstName"] = "Ada",
        ["lastName"] = "Lovelace",
        ["email"] = $"{customerCode}@example.com",
        ["dateOfBirth"] = "1990-12-10",
        ["countryCode"] = "US",
        ["country"] = "USA",
        ["state"] = "NY",
        ["city"] = "Hometown",
        ["street"] = "123 Main St",
        ["zip"] = "10006",
        ["phone"] = "+1 212 555 0100",
    };

    public static Dictionary<string, object?> Account(string accountTag) => new()
    {
        ["accountTag"] = accountTag,
        ["accountType"] = "BANK_ACCOUNT",
        ["country"] = "US",
        ["currency"] = "USD",
        ["details"] = new Dictionary<string, string>
        {
            ["bankAccountId"] = "7861053298",
            ["branchId"] = "101089292",
            ["bankAccountPurpose"] = "CHECKING",
        },
    };

    public static Dictionary<string, object?> Payout(
        string accountId, string invoiceId, string amount = "500.00") => new()
        {
            ["accountId"] = accountId,
            ["amount"] = amount,
            ["currency"] = "USD",
            ["invoiceId"] = invoiceId,
        };

    public static Dictionary<string, object?> Refund(
        string refundReference, string reference, string amount = "10.00") => new()
        {
            ["refundReference"] = refundReference,
            ["reference"] = reference,
            ["amount"] = amount,
            ["currency"] = "USD",
        };

    public static Dictionary<string, object?> Payor(string payorCode) => new()
    {
        ["payorCode"] = payorCode,
        ["details"] = new Dictionary<string, string>
        {
            ["businessName"] = $"Business of {payorCode}",
            ["email"] = $"{payorCode}@example.com",
            ["representative.lastName"] = "Babbage",
            ["bankAccountId"] = "7861053298",
        },
    };

    /// <summary>A form with files and texts.</summary>
    public static MultipartFormDataContent Form(
        IEnumerable<(string Name, byte[] Bytes)> files, params (string Name, string Value)[] texts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, bytes) in files)
        {
            form.Add(new ByteArrayContent(bytes), "document", name);
        }

        foreach (var (name, value) in texts)
        {
            form.Add(new StringContent(value), name);
        }

        return form;
    }

    /// <summary>The settings of an API key.</summary>
    public static string[] Key(int at, string merchant, string key, params string[] scopes) =>
    [
        $"--ApiKeys:{at}:Name={key}",
        $"--ApiKeys:{at}:Merchant={merchant}",
        $"--ApiKeys:{at}:Sha256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}",
        .. scopes.Select((scope, place) => $"--ApiKeys:{at}:Scopes:{place}={scope}"),
    ];
}
