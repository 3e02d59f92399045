using System.Text;
using PayoutService.Payees;

namespace PayoutService.Tests.Payees;

public sealed class Keccak256Tests
{
    [Theory]
    [InlineData("", 1, "C5D2460186F7233C927E7DB2DCC703C0E500B653CA82273B7BFAD8045D85A470")]
    [InlineData("abc", 1, "4E03657AEA45A94FC7D47BA826C8D667C0D1E6E33A64A036EC44F58FA12D6C45")]
    [InlineData("a", 135, "34367DC248BBD832F4E3E69DFAAC2F92638BD0BBD18F2912BA4EF454919CF446")]
    [InlineData("a", 136, "A6C4D403279FE3E0AF03729CAADA8374B5CA54D8065329A3EBCAEB4B60AA386E")]
    [InlineData("a", 137, "D869F639C7046B4929FC92A4D988A8B22C55FBADB802C0C66EBCD484F1915F39")]
    [InlineData("a", 300, "5B7E0E47A96F32A88B4F14CA177982790807C40E1A105742BA0FC1BABE1EF826")]
    public void A_text_has_the_hash_that_others_give_it(string text, int times, string expected)
    {
        var hash = new byte[Keccak256.HashBytes];

        Keccak256.Hash(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, times))), hash);

        Assert.Equal(expected, Convert.ToHexString(hash));
    }
}
