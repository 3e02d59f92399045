using PayoutService.Payees.AccountNumbers;

namespace PayoutService.Tests.Payees.AccountNumbers;

public sealed class UsBankNumbersTests
{
    [Theory]
    [InlineData("021000021")]
    [InlineData("011401533")]
    [InlineData("101089292")]
    [InlineData("322271627")]
    public void A_routing_number_whose_checksum_holds_is_one(string text)
    {
        Assert.True(UsBankNumbers.IsRoutingNumber(text));
    }

    [Theory]
    [InlineData("130123459")]
    [InlineData("200123457")]
    [InlineData("330123453")]
    [InlineData("600123455")]
    [InlineData("730123451")]
    [InlineData("810123452")]
    [InlineData("990123453")]
    [InlineData("021000022")]
    [InlineData("012000021")]
    [InlineData("101089229")]
    [InlineData("000000000")]
    [InlineData("02100002")]
    [InlineData("0210000210")]
    [InlineData("")]
    [InlineData("         ")]
    [InlineData("02100002 ")]
    [InlineData("02100-021")]
    [InlineData("02100002A")]
    [InlineData("０２１０００021")]
    public void A_routing_number_that_is_mistyped_is_found(string text)
    {
        Assert.False(UsBankNumbers.IsRoutingNumber(text));
    }

    [Fact]
    public void Every_routing_number_with_one_wrong_digit_is_found()
    {
        var mistyped =
            from place in Enumerable.Range(0, 9)
            from digit in "0123456789"
            where digit != "021000021"[place]
            select $"{"021000021"[..place]}{digit}{"021000021"[(place + 1)..]}";

        Assert.DoesNotContain(mistyped, UsBankNumbers.IsRoutingNumber);
    }

    [Theory]
    [InlineData("1234", true)]
    [InlineData("7861053298", true)]
    [InlineData("12345678901234567", true)]
    [InlineData("123", false)]
    [InlineData("123456789012345678", false)]
    [InlineData("", false)]
    [InlineData("7861 053298", false)]
    [InlineData("7861-053298", false)]
    [InlineData("78610A3298", false)]
    [InlineData("７８６１０５３２９８", false)]
    public void An_account_number_has_4_to_17_digits_and_nothing_else(string text, bool isOne)
    {
        Assert.Equal(isOne, UsBankNumbers.IsUsAccountNumber(text));
    }

    [Theory]
    [InlineData("6222021234567", true)]
    [InlineData("6222021234567890123", true)]
    [InlineData("622202123456", false)]
    [InlineData("62220212345678901234", false)]
    [InlineData("", false)]
    [InlineData("6222 0212 3456 7890", false)]
    [InlineData("６２２２０２１２３４５６７", false)]
    public void A_card_number_has_13_to_19_digits_and_nothing_else(string text, bool isOne)
    {
        Assert.Equal(isOne, UsBankNumbers.IsCardNumber(text));
    }
}
