namespace PayoutService.Pockyt;

/// <summary>Tokens that sign and verify for one merchant. They are replaced as a whole while the service
/// runs.</summary>
internal sealed class MerchantSecrets(IEnumerable<string> tokens, IEnumerable<string> ipnSecrets)
{
    /// <summary>Without the white space that copying adds: no token has any.</summary>
    public string[] Tokens { get; } = [.. tokens.Select(token => token.Trim())];

    public string[] IpnSecrets { get; } = [.. ipnSecrets];

    public bool SameAs(MerchantSecrets other) =>
        Tokens.SequenceEqual(other.Tokens) && IpnSecrets.SequenceEqual(other.IpnSecrets);

    public IEnumerable<string> Problems(string section, bool development)
    {
        if (Tokens.Length == 0 || Tokens.Contains(""))
        {
            yield return $"{section}:Tokens needs at least one of Pockyt's API tokens, and none that is empty: "
                + "the first signs every request.";
        }

        else if (!development && Tokens.Any(token => Secret.Weakness(token, development) is not null))
        {
            yield return $"{section}:Tokens has one that is none of Pockyt's: they have 32 characters.";
        }

        if (IpnSecrets.Length == 0)
        {
            yield return $"{section}:IpnSecrets needs at least one secret of {Secret.MinLength} characters or more: "
                + "notifications are believed only at an address made with it.";
        }

        foreach (var weakness in IpnSecrets.Select(secret => Secret.Weakness(secret, development)).OfType<string>())
        {
            yield return $"{section}:IpnSecrets has one that {weakness}.";
        }
    }
}
