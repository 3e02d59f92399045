using System.Text.RegularExpressions;

namespace PayoutService.Pockyt;

/// <summary>The connection to Pockyt. Section <c>Pockyt</c> of the settings.</summary>
internal sealed partial class PockytOptions
{
    /// <summary>Pockyt's address; sandbox and production differ. Required.</summary>
    public Uri? BaseUrl { get; set; }

    /// <summary>Hosts that are known to move real money.</summary>
    public string[] ProductionHosts { get; set; } = ["mapi.yuansfer.com", "mapi.pockyt.io"];

    /// <summary>Hosts that are known to move none.</summary>
    public string[] SandboxHosts { get; set; } = ["mapi.yuansferdev.com", "mapi.yuansfer.yunkeguan.com"];

    /// <summary>The address at which Pockyt reaches this service: https outside Development. Required.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>The time that one call may take once it has its connection.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time that connecting may take, and before that waiting for a connection that is free. Sends and
    /// questions never wait for one.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The number of connections to Pockyt that each merchant has for everything but sends and questions of
    /// payouts; those have as many as <c>Payouts:AtOnce</c> lets begin.</summary>
    public int MaxConnections { get; set; } = 64;

    /// <summary>The time for which nothing is claimed after five calls in a row could not even connect.</summary>
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

    /// <summary>The number of decimals of USDC that Pockyt takes: its answers show two, though the coin has
    /// six.</summary>
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

    /// <summary>Path of the call that registers a payor.</summary>
    public string PayorRegisterPath { get; set; } = "/v1/payor/register";

    /// <summary>Path of the call that takes a payor's documents; the payor's number is put behind it.</summary>
    public string PayorUploadPath { get; set; } = "/v1/payor/upload";

    /// <summary>Name of the part of a form in which a payor's document is sent. Pockyt's documents show neither it nor
    /// that it is a form: both are inferred.</summary>
    public string PayorFileMember { get; set; } = "file";

    /// <summary>The merchants this service pays for, by the name API keys use.</summary>
    public Dictionary<string, PockytMerchant> Merchants { get; set; } = [];

    /// <summary>The destination of payouts: <c>simulator</c> over plain http, as Pockyt itself is never reached, else
    /// <c>sandbox</c> or <c>production</c>. A host that nothing is said of counts as production.</summary>
    public string Environment => this switch
    {
        _ when IsHostOf(ProductionHosts) => PockytMerchant.Production,
        _ when IsHostOf(SandboxHosts) => PockytMerchant.Sandbox,
        _ when BaseUrl!.Scheme == Uri.UriSchemeHttp => "simulator",
        _ when Merchants.Values.All(merchant => merchant.Environment is PockytMerchant.Sandbox) =>
            PockytMerchant.Sandbox,
        _ => PockytMerchant.Production,
    };

    /// <summary>Problems of these settings: sentences that name the setting.</summary>
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
        else if (PublicUrl.Query.Length > 0 || PublicUrl.Fragment.Length > 0 || PublicUrl.UserInfo.Length > 0)
        {
            yield return "Pockyt:PublicUrl must have no user, query or fragment: "
                + "the paths of the notifications are put behind it.";
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

        // Its keys and secrets are published, so every reader of them could pay.
        if (development && (IsHostOf(ProductionHosts)
            || Merchants.Values.Any(merchant => merchant.Environment is PockytMerchant.Production)))
        {
            yield return "Development moves no real money: Pockyt:BaseUrl must be no production host "
                + "(Pockyt:ProductionHosts), and no merchant's Environment production.";
        }

        if (RefundQueryMember is not ("reference" or "refundReference" or ""))
        {
            yield return "Pockyt:RefundQueryMember must be reference, refundReference or empty: "
                + "it is the member of tran-query that carries a refundReference.";
        }

        if (!FormName().IsMatch(PayorFileMember))
        {
            yield return "Pockyt:PayorFileMember must be the name of a form's part: 1 to 64 letters, digits, '_', '-', "
                + "'.', '[' and ']'.";
        }

        if (Merchants.Count == 0)
        {
            yield return "Pockyt:Merchants is empty: configure at least one merchant.";
        }

        foreach (var (name, merchant) in Merchants)
        {
            foreach (var problem in merchant.Problems(Section(name), development)
                .Concat(Problems(name, merchant.Secrets, development)))
            {
                yield return problem;
            }

            if (!MerchantName().IsMatch(name))
            {
                yield return $"{Section(name)} is no usable name: "
                    + "a merchant's name has 1 to 32 of a-z, 0-9 and '-'.";
            }
        }
    }

    /// <summary>The problems of secrets for a merchant: the rules of the start and of every later change.</summary>
    public IEnumerable<string> Problems(string name, MerchantSecrets secrets, bool development) =>
        secrets.Problems(Section(name), development).Concat(MixUps(name, secrets, development));

    /// <summary>Real money sent by mistake cannot be called back, and a sandbox pays nobody: where host and merchant
    /// are both known, they must agree. Of a host in neither list, such as a simulator's, there is nothing to say.
    /// </summary>
    private IEnumerable<string> MixUps(string name, MerchantSecrets secrets, bool development)
    {
        var environment = Merchants[name].Environment;
        if (environment is PockytMerchant.Sandbox && IsHostOf(ProductionHosts))
        {
            yield return $"{Section(name)}:Environment is sandbox, "
                + "but Pockyt:BaseUrl is a production host (Pockyt:ProductionHosts).";
        }

        if (!development && secrets.Tokens.Any(PublishedTokens.Contains)
            && (environment is PockytMerchant.Production || !IsHostOf(SandboxHosts)))
        {
            yield return $"{Section(name)}:Tokens has a sandbox token that Pockyt published, "
                + "but Pockyt:BaseUrl is no sandbox host (Pockyt:SandboxHosts).";
        }

        if (environment is PockytMerchant.Production && IsHostOf(SandboxHosts))
        {
            yield return $"{Section(name)}:Environment is production, "
                + "but Pockyt:BaseUrl is a sandbox host (Pockyt:SandboxHosts).";
        }
    }

    /// <summary>A name with the root's dot at its end reaches the same host.</summary>
    private bool IsHostOf(string[] hosts) =>
        BaseUrl is { IsAbsoluteUri: true }
        && hosts.Contains(BaseUrl.IdnHost.TrimEnd('.'), StringComparer.OrdinalIgnoreCase);

    private static string Section(string name) => $"Pockyt:Merchants:{name}";

    [GeneratedRegex(@"^[A-Za-z0-9_.\[\]-]{1,64}\z")]
    private static partial Regex FormName();

    [GeneratedRegex("^[a-z0-9-]{1,32}$")]
    private static partial Regex MerchantName();
}
