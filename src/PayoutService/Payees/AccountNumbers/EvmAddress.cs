using Nethereum.Util;

namespace PayoutService.Payees.AccountNumbers;

/// <summary>Addresses of Ethereum and of the chains that share its form, Polygon among them.</summary>
internal static class EvmAddress
{
    private static readonly AddressUtil Rules = new();

    /// <summary>
    /// 0x and 40 hexadecimal digits. Letters of both cases are ERC-55's checksum and must be right; letters of one case
    /// carry none.
    /// </summary>
    public static bool IsValid(string text)
    {
        if (!text.StartsWith("0x", StringComparison.Ordinal) || !Rules.IsValidEthereumAddressHexFormat(text))
        {
            return false;
        }

        var digits = text.AsSpan(2);
        var isMixed = digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F');
        return !isMixed || Rules.IsChecksumAddress(text);
    }
}
