using System.Text.RegularExpressions;

namespace PayoutService.Pockyt;

/// <summary>How to reach Pockyt, and as whom. Section <c>Pockyt</c> of the settings.</summary>
internal sealed partial class PockytOptions
{
    /// <summary>Where Pockyt answers; sandbox and production differ. Required.</summary>
    public Uri? BaseUrl { get; set; }

    /// <summary>Where Pockyt reaches this service with its notices: https outside Development. Required.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>How long one call may take in all.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long connecting may take.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many connections to Pockyt may be open at once.</summary>
    public int MaxConnections { get; set; } = 64;

    /// <summary>How long nothing is claimed after five calls in a row could not even connect.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Path of the call that sends a payout.</summary>
    public string PayPath { get; set; } = "/v3/payouts/pay";

    /// <summary>Path of the call that asks what became of a payout. Pockyt's present documents name the call without
    /// its path; this is the path of its earlier ones.</summary>
    public string InquiryPath { get; set; } = "/v3/payouts/inquiry";

    /// <summary>Path of the call that tells what Pockyt wants to know of an account.</summary>
    public string RequirementsPath { get; set; } = "/v3/payee/account/configurations";

    /// <summary>Path of the call that adds a PayPal account. Pockyt's documents do not show it: by analogy.</summary>
    public string PayPalPath { get; set; } = "/v3/payee/account/create/paypal";

    /// <summary>Path of the call that adds a Venmo account, by the same analogy.</summary>
    public string VenmoPath { get; set; } = "/v3/payee/account/create/venmo";

    /// <summary>How many decimals of USDC Pockyt takes: its answers show two, though the coin has six.</summary>
    public int UsdcDecimals { get; set; } = 2;

    /// <summary>Path of the call that gives money back to somebody who paid the merchant.</summary>
    public string RefundPath { get; set; } = "/app-data-search/v3/refund";

    /// <summary>Path of the call that looks up a payment or a refund; payouts have one of their own.</summary>
    public string TranQueryPath { get; set; } = "/app-data-search/v3/tran-query";

    /// <summary>By which member of tran-query a refund is looked up by its refundReference: reference or
    /// refundReference. Pockyt's documents do not say it; reference is inferred from the answer's transactionType.
    /// Empty: a refund is looked up only by its own transaction number, and without one it is left to a human.
    /// </summary>
    public string RefundQueryMember { get; set; } = "reference";

    /// <summary>The merchants this service pays for, by the name API keys use.</summary>
    public Dictionary<string, PockytMerchant> Merchants { get; set; } = [];

    /// <summary>What is wrong with these settings: sentences that name the setting.</summary>
    public IEnumerable<string> Problems(bool development)
    {
        if (BaseUrl is not { IsAbsoluteUri: true })
        {
            yield return "Pockyt:BaseUrl is missing: "
                + "set it to Pockyt's host, for example https://mapi.yuansferdev.com.";
        }

        if (PublicUrl is not { IsAbsoluteUri: true })
        {
            yield return "Pockyt:PublicUrl is missing: "
                + "set it to the https address under which Pockyt reaches this service.";
        }
        else if (!development && PublicUrl.Scheme != Uri.UriSchemeHttps)
        {
            yield return "Pockyt:PublicUrl must be an https address outside Development: "
                + "Pockyt's notices travel over it.";
        }

        if (!development && BaseUrl is { IsAbsoluteUri: true } && BaseUrl.Scheme != Uri.UriSchemeHttps)
        {
            yield return "Pockyt:BaseUrl must be an https address outside Development.";
        }

        if (RefundQueryMember is not ("reference" or "refundReference" or ""))
        {
            yield return "Pockyt:RefundQueryMember must be reference, refundReference or empty: "
                + "it is the member of tran-query that carries a refundReference.";
        }

        if (Merchants.Count == 0)
        {
            yield return "Pockyt:Merchants is empty: configure at least one merchant.";
        }

        foreach (var (name, merchant) in Merchants)
        {
            foreach (var problem in merchant.Problems($"Pockyt:Merchants:{name}"))
            {
                yield return problem;
            }

            if (!MerchantName().IsMatch(name))
            {
                yield return $"Pockyt:Merchants:{name} is no usable name: "
                    + "a merchant's name has 1 to 32 of a-z, 0-9 and '-'.";
            }
        }
    }

    [GeneratedRegex("^[a-z0-9-]{1,32}$")]
    private static partial Regex MerchantName();
}

/// <summary>One Pockyt merchant.</summary>
internal sealed class PockytMerchant
{
    private string token = "";

    public string MerchantNo { get; set; } = "";

    public string StoreNo { get; set; } = "";

    /// <summary>The API token that signs requests and verifies notices. A secret.</summary>
    public string Token
    {
        get => token;
        set => token = value.Trim();
    }

    /// <summary>Secrets behind the notice addresses: the first makes them, all verify them, so that one can be replaced
    /// while payouts are in flight. At least 16 characters each.</summary>
    public string[] IpnSecrets { get; set; } = [];

    /// <summary>Whether a payout that Pockyt does not know for 45 minutes is sent again by itself. Leave it off until
    /// Pockyt's de-duplication is verified in your sandbox.</summary>
    public bool ResendAfterNotSeen { get; set; }

    public IEnumerable<string> Problems(string section)
    {
        if (MerchantNo.Length == 0)
        {
            yield return $"{section}:MerchantNo is missing.";
        }

        if (StoreNo.Length == 0)
        {
            yield return $"{section}:StoreNo is missing.";
        }

        if (token.Length == 0)
        {
            yield return $"{section}:Token is missing: Pockyt's API token signs every request.";
        }

        if (IpnSecrets.Length == 0 || IpnSecrets.Any(secret => secret.Length < 16))
        {
            yield return $"{section}:IpnSecrets needs at least one secret of 16 characters or more: "
                + "notices are believed only at an address made with it.";
        }
    }
}
