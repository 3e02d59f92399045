namespace PayoutService.Payees.AccountNumbers;

/// <summary>Addresses of a right form that nobody can own: what is paid there is lost.</summary>
internal static class NobodysAddress
{
    /// <summary>Addresses at which nobody can spend: where tokens are burnt, Circle's published contracts of USDC on
    /// Ethereum and Polygon (native and bridged), Solana's system program, and the mint of USDC there.</summary>
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "0x0000000000000000000000000000000000000000",
        "0x000000000000000000000000000000000000dead",
        "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
        "0x3c499c542cef5e3811e1192ce70d8cc03d5c3359",
        "0x2791bca1f2de4661ed88a30c99a7a9449aa84174",
        "11111111111111111111111111111111",
        "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGkZwyTDt1v",
    };

    public static bool Is(string address) => Known.Contains(address);
}
