using PayoutService.Payouts;

namespace PayoutService.Tests.Payouts;

public sealed class MoneyTests
{
    [Theory]
    [InlineData("500", "USD", 50000)]
    [InlineData("500.00", "USD", 50000)]
    [InlineData("12.3", "USD", 1230)]
    [InlineData("0.01", "USD", 1)]
    [InlineData("0.1", "USD", 10)]
    [InlineData("999999999999.99", "USD", 99999999999999)]
    [InlineData("5", "JPY", 5)]
    [InlineData("999999999999", "JPY", 999999999999)]
    [InlineData("1.234", "KWD", 1234)]
    [InlineData("0.000001", "USDC", 1)]
    [InlineData("999999999999.999999", "USDC", 999999999999999999)]
    public void An_amount_is_read_to_the_last_digit(string text, string currency, long minor)
    {
        var read = Money.TryParse(text, currency, out var money, out _);

        Assert.True(read);
        Assert.Equal(new Money(minor, currency), money);
    }

    [Theory]
    [InlineData(50000, "USD", "500.00")]
    [InlineData(1, "USD", "0.01")]
    [InlineData(10, "USD", "0.10")]
    [InlineData(99999999999999, "USD", "999999999999.99")]
    [InlineData(5, "JPY", "5")]
    [InlineData(1234, "KWD", "1.234")]
    [InlineData(1, "USDC", "0.000001")]
    [InlineData(999999999999999999, "USDC", "999999999999.999999")]
    public void An_amount_is_written_with_exactly_the_decimals_of_its_currency(long minor, string currency, string text)
    {
        var written = new Money(minor, currency).ToString();

        Assert.Equal(text, written);
        Assert.True(Money.TryParse(written, currency, out var again, out _) && again.Minor == minor);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1e3")]
    [InlineData("1E+2")]
    [InlineData("0.1e-30")]
    [InlineData("-5.00")]
    [InlineData("-0.00")]
    [InlineData("+5")]
    [InlineData("00500")]
    [InlineData("00")]
    [InlineData("01.00")]
    [InlineData("500.")]
    [InlineData(".5")]
    [InlineData(".")]
    [InlineData(" 5.00")]
    [InlineData("5.00 ")]
    [InlineData("5 000")]
    [InlineData("5.00\n")]
    [InlineData("5.00\0")]
    [InlineData("5,00")]
    [InlineData("1,000.00")]
    [InlineData("1.000.00")]
    [InlineData("$5")]
    [InlineData("5 USD")]
    [InlineData("(5)")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("∞")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("５.00")]
    [InlineData("٥")]
    [InlineData("5․00")]
    [InlineData("1000000000000")]
    [InlineData("1000000000000.00")]
    [InlineData("9223372036854775808")]
    [InlineData("1.2345678901234567890")]
    [InlineData("0.1000000000000000000000000000000001")]
    public void What_is_not_plain_decimal_text_is_refused(string text)
    {
        var read = Money.TryParse(text, "USD", out _, out var reason);

        Assert.False(read);
        Assert.StartsWith("must be a decimal number written as text", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "USD")]
    [InlineData("0.0", "USD")]
    [InlineData("0.00", "USD")]
    [InlineData("0", "JPY")]
    [InlineData("0.000000", "USDC")]
    public void Nothing_is_not_an_amount(string text, string currency)
    {
        var read = Money.TryParse(text, currency, out _, out var reason);

        Assert.False(read);
        Assert.Equal("must be greater than zero", reason);
    }

    [Theory]
    [InlineData("500.00", "JPY", "500")]
    [InlineData("5.000", "USD", "5.00")]
    [InlineData("0.010000", "USD", "0.01")]
    public void Zeros_behind_the_last_decimal_place_are_the_same_number(string text, string currency, string shown)
    {
        var read = Money.TryParse(text, currency, out var money, out _);

        Assert.True(read);
        Assert.Equal(shown, money.ToString());
    }

    [Theory]
    [InlineData("5.001", "USD", "USD allows at most 2 decimal places")]
    [InlineData("5.0010", "USD", "USD allows at most 2 decimal places")]
    [InlineData("5.50", "JPY", "JPY allows at most 0 decimal places")]
    [InlineData("1.2345", "KWD", "KWD allows at most 3 decimal places")]
    public void Excess_decimals_are_refused_and_never_rounded(string text, string currency, string why)
    {
        var read = Money.TryParse(text, currency, out _, out var reason);

        Assert.False(read);
        Assert.Equal(why, reason);
    }

    [Fact]
    public void Seven_decimals_are_too_many_for_any_currency()
    {
        var read = Money.TryParse("1.0000001", "USDC", out _, out _);

        Assert.False(read);
    }

    [Fact]
    public void An_amount_in_a_currency_we_do_not_know_is_refused()
    {
        var read = Money.TryParse("5.00", "XXX", out _, out var reason);

        Assert.False(read);
        Assert.Equal("the currency is not one we know", reason);
    }
}
