using PayoutService.Api.Accounts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Accounts;

public sealed class AccountDetailValidatorTests
{
    private const string Bank = "BANK_ACCOUNT";
    private const string Crypto = "CRYPTO";
    private const string Evm = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    private const string Solana = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

    [Theory]
    [InlineData("branchId", "101089292", Bank, "US")]
    [InlineData("bankAccountId", "7861053298", Bank, "US")]
    [InlineData("cardNumber", "6222021234567890123", Bank, "CN")]
    [InlineData("governmentId", "11010519491231002X", Bank, "CN", "governmentIdType", "ID_CARD")]
    [InlineData("pixKey", "pix@bcb.gov.br", Bank, "BR")]
    [InlineData("accountId", "pix@bcb.gov.br", Bank, "BR")]
    [InlineData("iban", "DE89370400440532013000", Bank, "DE")]
    [InlineData("bankAccountId", "DE89370400440532013000", Bank, "DE")]
    [InlineData("walletAddress", Evm, Crypto, "US", "walletChain", "ETH - Ethereum")]
    [InlineData("walletAddress", Evm, Crypto, "US", "walletChain", "POLY - Polygon")]
    [InlineData("walletAddress", Solana, Crypto, "US", "walletChain", "SOL - Solana")]
    public void A_detail_that_can_be_right_has_no_reason(
        string field, string value, string type, string country, string other = "note", string word = "")
    {
        Assert.Null(Reason(field, value, type, country, other, word));
    }

    [Theory]
    [InlineData("routing number", "branchId", "101089229", Bank, "US")]
    [InlineData("4 to 17 digits", "bankAccountId", "7861-053298", Bank, "US")]
    [InlineData("13 to 19 digits", "cardNumber", "6222 0212 3456 7890", Bank, "CN")]
    [InlineData("resident", "governmentId", "110105194912310020", Bank, "CN", "governmentIdType", "ID_CARD")]
    [InlineData("Pix", "pixKey", "12345678901", Bank, "BR")]
    [InlineData("Pix", "accountId", "Pix@bcb.gov.br", Bank, "BR")]
    [InlineData("IBAN", "iban", "DE89370400440532013001", Bank, "DE")]
    [InlineData("IBAN", "bankAccountId", "DE89 3704 0044 0532 0130 00", Bank, "DE")]
    [InlineData("IBAN", "accountId", "DE89370400440532013001", Bank, "DE")]
    [InlineData("hexadecimal", "walletAddress", Solana, Crypto, "US", "walletChain", "ETH - Ethereum")]
    [InlineData("hexadecimal", "walletAddress", Solana, Crypto, "US", "walletChain", "POLY - Polygon")]
    [InlineData(
        "lost", "walletAddress", "0x0000000000000000000000000000000000000000", Crypto, "US", "walletChain",
        "ETH - Ethereum")]
    [InlineData(
        "lost", "walletAddress", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", Crypto, "US", "walletChain",
        "ETH - Ethereum")]
    [InlineData(
        "lost", "walletAddress", "11111111111111111111111111111111", Crypto, "US", "walletChain",
        "SOL - Solana")]
    [InlineData(
        "lost", "walletAddress", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGkZwyTDt1v", Crypto, "US", "walletChain",
        "SOL - Solana")]
    [InlineData("base58", "walletAddress", Evm, Crypto, "US", "walletChain", "SOL - Solana")]
    [InlineData(
        "owner's wallet", "walletAddress", "9SxZUsf8GiEwdYvALA5UqFaKKGMZvwbH16yNFULncuHa", Crypto, "US", "walletChain",
        "SOL - Solana")]
    public void A_detail_that_cannot_be_right_has_a_reason_that_does_not_repeat_it(
        string part, string field, string value, string type, string country, string other = "note", string word = "")
    {
        var reason = Reason(field, value, type, country, other, word);

        Assert.StartsWith("must ", reason, StringComparison.Ordinal);
        Assert.Contains(part, reason, StringComparison.Ordinal);
        Assert.DoesNotContain(value, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("branchId", "1234", Bank, "CN")]
    [InlineData("branchId", "1234", Crypto, "US")]
    [InlineData("bankAccountId", "53201300-X", Bank, "DE")]
    [InlineData("bankAccountId", "FR7630006000011234567890180", Bank, "DE")]
    [InlineData("bankAccountId", "JP12345", Bank, "JP")]
    [InlineData("cardNumber", "1", Bank, "HK")]
    [InlineData("governmentId", "1", Bank, "CN")]
    [InlineData("governmentId", "1", Bank, "CN", "governmentIdType", "PASSPORT")]
    [InlineData("governmentId", "1", Bank, "BR", "governmentIdType", "ID_CARD")]
    [InlineData("accountId", "0001234567-8", Bank, "BR")]
    [InlineData("pixKey", "1", Bank, "PT")]
    [InlineData("walletAddress", "1", Crypto, "US")]
    [InlineData("walletAddress", "1", Crypto, "US", "walletChain", "BTC - Bitcoin")]
    [InlineData("walletAddress", "1", Bank, "US", "walletChain", "SOL - Solana")]
    [InlineData("bankAccountName", "", Bank, "US")]
    [InlineData("", "", "", "")]
    public void What_nothing_is_known_about_is_left_to_Pockyt(
        string field, string value, string type, string country, string other = "note", string word = "")
    {
        Assert.Null(Reason(field, value, type, country, other, word));
    }

    [Theory]
    [InlineData("nl91abna0417164301", "NL")]
    [InlineData("de89370400440532013001", "DE")]
    [InlineData("De89 3704 0044 0532 0130 00", "DE")]
    [InlineData("GB2LABBY09012857201707", "GB")]
    public void What_was_meant_as_an_IBAN_must_be_one(string value, string country)
    {
        Assert.NotNull(Reason("bankAccountId", value, Bank, country, "note", ""));
        Assert.NotNull(Reason("accountId", value, Bank, country, "note", ""));
    }

    [Fact]
    public void Any_text_is_answered()
    {
        var checkedDetails =
            from text in Typos.Noise(count: 500)
            from field in new[] { "branchId", "bankAccountId", "cardNumber", "pixKey", "accountId", "iban" }
            from country in new[] { "US", "CN", "BR", "DE" }
            select Record.Exception(() => Reason(field, text, Bank, country, field, text));

        Assert.All(checkedDetails, Assert.Null);
    }

    private static string? Reason(
        string field, string value, string type, string country, string other, string word) =>
        AccountDetailValidator.Reason(
            field, value, type, country, new Dictionary<string, string> { [field] = value, [other] = word });
}
