using PayoutService.Payees.AccountNumbers;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Payees.AccountNumbers;

public sealed class SolanaAddressTests
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>Programs whose addresses Solana's documents name, and an example from its library.</summary>
    private static readonly string[] Published =
    [
        "11111111111111111111111111111111", "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
        "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb", "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
        "ComputeBudget111111111111111111111111111111", "So11111111111111111111111111111111111111112",
        "14grJpemFaf88c8tiVb77W7TYg2W3ir6pfkKz3YjhhZ5",
    ];

    [Fact]
    public void Published_addresses_are_addresses()
    {
        Assert.All(Published, text => Assert.True(SolanaAddress.IsValid(text)));
    }

    /// <summary>The two public keys are those of RFC 8032, 7.1; the last is derived from the wallet before it as
    /// token accounts are, so that it is on no curve.</summary>
    [Theory]
    [InlineData("FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z", true)]
    [InlineData("586Z7H2vpX9qNhN2T4e9Utugie3ogjbxzGaMtM3E6HR5", true)]
    [InlineData("14grJpemFaf88c8tiVb77W7TYg2W3ir6pfkKz3YjhhZ5", true)]
    [InlineData("9SxZUsf8GiEwdYvALA5UqFaKKGMZvwbH16yNFULncuHa", false)]
    [InlineData("0OIl", false)]
    public void A_wallet_is_a_point_of_the_curve_and_a_token_account_is_none(string text, bool isWallet)
    {
        Assert.Equal(isWallet, SolanaAddress.IsWallet(text));
    }

    [Fact]
    public void Text_of_32_bytes_is_one_and_of_any_other_number_is_none()
    {
        var chance = new Random(1);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = new byte[chance.Next(28, 37)];
            chance.NextBytes(bytes.AsSpan(chance.Next(4)));

            Assert.Equal(bytes.Length == 32, SolanaAddress.IsValid(Base58(bytes)));
        }
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(31, false)]
    [InlineData(33, false)]
    public void The_lowest_and_the_highest_number_count_by_their_bytes(int length, bool isOne)
    {
        Assert.Equal(isOne, SolanaAddress.IsValid(Base58(new byte[length])));
        Assert.Equal(isOne, SolanaAddress.IsValid(Base58([.. Enumerable.Repeat(byte.MaxValue, length)])));
    }

    [Fact]
    public void Characters_that_base58_leaves_out_are_found_wherever_they_stand()
    {
        var mistyped =
            from text in Published
            from place in Enumerable.Range(0, text.Length)
            from character in "0OIl+/="
            select $"{text[..place]}{character}{text[(place + 1)..]}";

        Assert.DoesNotContain(mistyped, SolanaAddress.IsValid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFH")]
    [InlineData("0xde709f2102306220921060314715629080e2fb77")]
    [InlineData("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")]
    public void Other_numbers_and_addresses_are_none(string text)
    {
        Assert.False(SolanaAddress.IsValid(text));
    }

    [Fact]
    public void What_no_address_has_is_found_wherever_it_stands()
    {
        var mistyped = Published.SelectMany(Typos.WithForeign).Where(text => text.Any(c => !Alphabet.Contains(c)));

        Assert.DoesNotContain(mistyped, SolanaAddress.IsValid);
    }

    [Fact]
    public void Any_text_is_answered()
    {
        Assert.DoesNotContain(Typos.Noise(), SolanaAddress.IsValid);
        Assert.All(
            Typos.Noise(Alphabet).Where(SolanaAddress.IsValid), text => Assert.InRange(text.Length, 32, 44));
    }

    /// <summary>Base58 the long way.</summary>
    private static string Base58(byte[] bytes)
    {
        var text = "";
        var number = new System.Numerics.BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        for (; number > 0; number /= 58)
        {
            text = Alphabet[(int)(number % 58)] + text;
        }

        return new string('1', bytes.TakeWhile(value => value == 0).Count()) + text;
    }
}
