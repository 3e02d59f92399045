namespace PayoutService.Pockyt;

/// <summary>What signs and verifies for one merchant. It is replaced as a whole while the service runs.</summary>
internal sealed class MerchantSecrets(IEnumerable<string> tokens, IEnumerable<string> ipnSecrets)
{
    private const int MinSecretLength = 16;

    /// <summary>Without the white space that copying adds: no token has any.</summary>
    public string[] Tokens { get; } = [.. tokens.Select(token => token.Trim())];

    public string[] IpnSecrets { get; } = [.. ipnSecrets];

    public bool SameAs(MerchantSecrets other) =>
        Tokens.SequenceEqual(other.Tokens) && IpnSecrets.SequenceEqual(other.IpnSecrets);

    public IEnumerable<string> Problems(string section)
    {
        if (Tokens.Length == 0 || Tokens.Contains(""))
        {
            yield return $"{section}:Tokens needs at least one of Pockyt's API tokens, and none that is empty: "
                + "the first signs every request.";
        }

        if (IpnSecrets.Length == 0 || IpnSecrets.Any(secret => secret.Length < MinSecretLength))
        {
            yield return $"{section}:IpnSecrets needs at least one secret of {MinSecretLength} characters or more: "
                + "notices are believed only at an address made with it.";
        }
    }
}
