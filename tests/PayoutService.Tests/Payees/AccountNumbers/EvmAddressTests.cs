using PayoutService.Payees.AccountNumbers;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Payees.AccountNumbers;

public sealed class EvmAddressTests
{
    /// <summary>ERC-55's own examples.</summary>
    private static readonly string[] Mixed =
    [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    private static readonly string[] OneCase =
    [
        "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    ];

    [Fact]
    public void The_standards_examples_are_addresses()
    {
        Assert.All(Mixed.Concat(OneCase), text => Assert.True(EvmAddress.IsValid(text)));
    }

    [Fact]
    public void Letters_of_one_case_carry_no_checksum()
    {
        Assert.All(Mixed, text => Assert.True(EvmAddress.IsValid("0x" + text[2..].ToLowerInvariant())));
        Assert.All(Mixed, text => Assert.True(EvmAddress.IsValid("0x" + text[2..].ToUpperInvariant())));
        Assert.True(EvmAddress.IsValid("0x1234567890123456789012345678901234567890"));
    }

    [Fact]
    public void Every_letter_in_the_wrong_case_is_found()
    {
        var mistyped =
            from text in Mixed
            from place in Enumerable.Range(2, 40)
            where char.IsAsciiLetter(text[place])
            select $"{text[..place]}{(char)(text[place] ^ 0x20)}{text[(place + 1)..]}";

        Assert.DoesNotContain(mistyped, EvmAddress.IsValid);
    }

    /// <summary>The standard promises to miss one in 4000 on average. Of these it misses none.</summary>
    [Fact]
    public void Mistyped_and_swapped_digits_are_found()
    {
        var mistyped = Mixed.SelectMany(Typos.OneCharacter).Concat(Mixed.SelectMany(text => Typos.Swaps(text)));

        Assert.DoesNotContain(mistyped, EvmAddress.IsValid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0xde709f2102306220921060314715629080e2fb7")]
    [InlineData("0xde709f2102306220921060314715629080e2fb777")]
    [InlineData("de709f2102306220921060314715629080e2fb77")]
    [InlineData("00de709f2102306220921060314715629080e2fb77")]
    [InlineData("0Xde709f2102306220921060314715629080e2fb77")]
    [InlineData("0xge709f2102306220921060314715629080e2fb77")]
    [InlineData("0XDE709F2102306220921060314715629080E2FB77")]
    [InlineData("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5D")]
    public void Other_writings_are_none(string text)
    {
        Assert.False(EvmAddress.IsValid(text));
    }

    [Fact]
    public void What_no_address_has_is_found_wherever_it_stands()
    {
        Assert.DoesNotContain(Mixed.Concat(OneCase).SelectMany(Typos.WithForeign), EvmAddress.IsValid);
    }

    [Fact]
    public void Any_text_is_answered()
    {
        Assert.DoesNotContain(Typos.Noise(), EvmAddress.IsValid);
        Assert.DoesNotContain(Typos.Noise("0x0123456789abcdefABCDEF"), EvmAddress.IsValid);
    }
}
