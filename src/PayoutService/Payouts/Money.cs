using System.Globalization;

namespace PayoutService.Payouts;

/// <summary>An amount in a currency's smallest unit, so that nothing is ever rounded.</summary>
/// <param name="Minor">Cents for USD, yen for JPY.</param>
/// <param name="Currency">ISO 4217 code, or USDC.</param>
public readonly record struct Money(long Minor, string Currency)
{
    /// <summary>The largest number of digits an amount may have:
    /// 12 before the point and 6 behind it fit a bigint.</summary>
    private const int MaxWhole = 12;

    /// <summary>Reads a positive amount written as plain decimal text; says why not otherwise.</summary>
    public static bool TryParse(string text, string currency, out Money money, out string reason)
    {
        money = default;
        if (Payouts.Currency.Decimals(currency) is not { } decimals)
        {
            reason = "the currency is not one we know";
            return false;
        }

        if (!TryReadDigits(text, out var whole, out var fraction))
        {
            reason = "must be a decimal number written as text, such as \"12.34\": digits, at most one point, "
                + "no sign, no exponent, no leading zeros, no spaces";
            return false;
        }

        fraction = fraction.TrimEnd('0');
        if (fraction.Length > decimals)
        {
            reason = $"{currency} allows at most {decimals} decimal places";
            return false;
        }

        var digits = string.Concat(whole, fraction, new string('0', decimals - fraction.Length));
        money = new Money(long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture), currency);
        reason = "must be greater than zero";
        return money.Minor > 0;
    }

    /// <summary>True when the amount can be written with so many decimals.</summary>
    public bool Fits(int decimals)
    {
        var spare = (Payouts.Currency.Decimals(Currency) ?? 0) - decimals;
        return spare <= 0 || Minor % (long)Math.Pow(10, spare) == 0;
    }

    /// <summary>The amount as text with exactly the currency's decimals: <c>500.00</c>.</summary>
    public override string ToString()
    {
        var decimals = Payouts.Currency.Decimals(Currency) ?? 0;
        var digits = Minor.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return decimals == 0 ? digits : $"{digits[..^decimals]}.{digits[^decimals..]}";
    }

    private static bool TryReadDigits(string text, out string whole, out string fraction)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        whole = point < 0 ? text : text[..point];
        fraction = point < 0 ? "" : text[(point + 1)..];
        return whole.Length is > 0 and <= MaxWhole
            && (whole.Length == 1 || whole[0] != '0')
            && (point < 0 || fraction.Length is > 0 and <= 6)
            && whole.All(char.IsAsciiDigit)
            && fraction.All(char.IsAsciiDigit);
    }
}
