using PayoutService.Payees.AccountNumbers;

namespace PayoutService.Api.Accounts;

/// <summary>Which detail of an account is held to which check. Pockyt decides which details there are.</summary>
internal static class AccountDetailValidator
{
    private const string NotIban =
        "must be an IBAN as its country registered them, with right check digits and no spaces";

    private const string NotPix = "must be a Pix key: a CPF or CNPJ without punctuation and with right check digits, "
        + "an e-mail address or a random key in lower case, or a telephone number with +55";

    /// <summary>
    /// Why a detail cannot be right, as a sentence that goes on from its name and never repeats its value; null when it
    /// can be, or when nothing is known about it.
    /// </summary>
    public static string? Reason(
        string field, string value, string accountType, string country, IReadOnlyDictionary<string, string> details)
    {
        return (accountType, country, field) switch
        {
            ("BANK_ACCOUNT", "US", "branchId") => Unless(
                UsBankNumbers.IsRoutingNumber(value),
                "must be a routing number: nine digits, the last of them checking"),
            ("BANK_ACCOUNT", "US", "bankAccountId") => Unless(
                UsBankNumbers.IsUsAccountNumber(value), "must have 4 to 17 digits"),
            ("BANK_ACCOUNT", "CN", "cardNumber") => Unless(
                UsBankNumbers.IsCardNumber(value), "must have 13 to 19 digits"),
            ("BANK_ACCOUNT", "CN", "governmentId") when Detail("governmentIdType") is "ID_CARD" => Unless(
                ChineseResidentId.IsValid(value),
                "must be a resident's number: 17 digits with a date of birth, and the right check digit or X"),
            ("BANK_ACCOUNT", "BR", "pixKey") => Unless(PixKey.KindOf(value) is not null, NotPix),
            ("BANK_ACCOUNT", "BR", "accountId") when PixKey.LooksLikeOne(value) => Unless(
                PixKey.KindOf(value) is not null, NotPix),
            ("BANK_ACCOUNT", _, "iban") => Unless(Iban.IsValid(value), NotIban),
            // These take an IBAN or a number of the country's own. What begins as the country's IBANs do must be one.
            ("BANK_ACCOUNT", _, "bankAccountId" or "accountId") when Iban.IsMeantAsOne(value, country) => Unless(
                Iban.IsValid(value), NotIban),
            ("CRYPTO", _, "walletAddress") when NobodysAddress.Is(value) =>
                "must belong to somebody: this is a contract or a program, or nobody, and what is paid there is lost",
            ("CRYPTO", _, "walletAddress") when Detail("walletChain") is "ETH - Ethereum" or "POLY - Polygon" => Unless(
                EvmAddress.IsValid(value),
                "must be 0x and 40 hexadecimal digits, its letters as the wallet shows them: their case is a checksum"),
            ("CRYPTO", _, "walletAddress") when Detail("walletChain") is "SOL - Solana" =>
                Unless(SolanaAddress.IsValid(value), "must be a Solana address: 32 bytes written in base58")
                ?? Unless(
                    SolanaAddress.IsWallet(value),
                    "must be the owner's wallet: this is the address of a token account or of a program"),
            _ => null,
        };

        string? Detail(string name) => details.GetValueOrDefault(name);
    }

    private static string? Unless(bool holds, string reason) => holds ? null : reason;
}
