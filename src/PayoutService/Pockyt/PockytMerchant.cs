namespace PayoutService.Pockyt;

/// <summary>One Pockyt merchant, or one store of it.</summary>
internal sealed class PockytMerchant
{
    public const string Sandbox = "sandbox";
    public const string Production = "production";

    /// <summary>One reference, so that no reader sees one list of before a change and the other of after it.</summary>
    private volatile MerchantSecrets secrets = new([], []);

    public string MerchantNo { get; set; } = "";

    public string StoreNo { get; set; } = "";

    /// <summary>The environment of its tokens: sandbox or production. Only Development may leave it out.</summary>
    public string Environment { get; set; } = "";

    /// <summary>Pockyt's API tokens: the first signs requests, all verify notices, so that one can be replaced while
    /// payouts are in flight.</summary>
    public string[] Tokens
    {
        get => secrets.Tokens;
        set => secrets = new(value, secrets.IpnSecrets);
    }

    /// <summary>Secrets behind the notice addresses: the first makes them, all verify them. At least 16 characters
    /// each.</summary>
    public string[] IpnSecrets
    {
        get => secrets.IpnSecrets;
        set => secrets = new(secrets.Tokens, value);
    }

    /// <summary>True when a payout that Pockyt does not know for 45 minutes is sent again by itself. Leave it off until
    /// Pockyt's de-duplication is verified in your sandbox.</summary>
    public bool ResendAfterNotSeen { get; set; }

    internal MerchantSecrets Secrets => secrets;

    /// <summary>From now on signs and verifies with these.</summary>
    /// <returns>Whether they are others than before.</returns>
    public bool Use(MerchantSecrets told)
    {
        var isNew = !secrets.SameAs(told);
        secrets = told;
        return isNew;
    }

    public IEnumerable<string> Problems(string section, bool development)
    {
        if (MerchantNo.Length == 0)
        {
            yield return $"{section}:MerchantNo is missing.";
        }

        if (StoreNo.Length == 0)
        {
            yield return $"{section}:StoreNo is missing.";
        }

        if (Environment is not (Sandbox or Production) && !(development && Environment.Length == 0))
        {
            yield return $"{section}:Environment must be {Sandbox} or {Production}.";
        }
    }
}
