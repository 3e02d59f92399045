using PayoutService.Payouts;

namespace PayoutService.Tests.Payouts;

public sealed class CurrencyTests
{
    [Theory]
    [InlineData("USD", 2)]
    [InlineData("CNY", 2)]
    [InlineData("PHP", 2)]
    [InlineData("IDR", 2)]
    [InlineData("KRW", 0)]
    [InlineData("HKD", 2)]
    [InlineData("THB", 2)]
    [InlineData("MYR", 2)]
    [InlineData("GBP", 2)]
    [InlineData("BDT", 2)]
    [InlineData("PKR", 2)]
    [InlineData("BRL", 2)]
    [InlineData("EUR", 2)]
    [InlineData("JPY", 0)]
    [InlineData("ISK", 0)]
    [InlineData("UGX", 0)]
    [InlineData("VND", 0)]
    [InlineData("CLP", 0)]
    [InlineData("PYG", 0)]
    [InlineData("XAF", 0)]
    [InlineData("RWF", 0)]
    [InlineData("MGA", 2)]
    [InlineData("HUF", 2)]
    [InlineData("AFN", 2)]
    [InlineData("LAK", 2)]
    [InlineData("RSD", 2)]
    [InlineData("KWD", 3)]
    [InlineData("BHD", 3)]
    [InlineData("OMR", 3)]
    [InlineData("JOD", 3)]
    [InlineData("TND", 3)]
    [InlineData("IQD", 3)]
    [InlineData("LYD", 3)]
    [InlineData("USDC", 6)]
    public void A_currency_has_the_decimals_that_ISO_4217_gives_it(string code, int decimals)
    {
        var known = Currency.Decimals(code);

        Assert.Equal(decimals, known);
    }

    [Theory]
    [InlineData("usd")]
    [InlineData("Usd")]
    [InlineData("US")]
    [InlineData("USDD")]
    [InlineData("USDT")]
    [InlineData("XXX")]
    [InlineData("XTS")]
    [InlineData("XAU")]
    [InlineData("")]
    [InlineData(" USD")]
    [InlineData("USD ")]
    [InlineData("USD\n")]
    [InlineData("U\0D")]
    [InlineData("ＵＳＤ")]
    [InlineData("UЅD")]
    [InlineData("AED AFN")]
    public void A_currency_is_known_by_its_exact_code_only(string code)
    {
        var known = Currency.Decimals(code);

        Assert.Null(known);
    }
}
