namespace PayoutService.Payees.AccountNumbers;

/// <summary>Checks that find a mistyped account before Pockyt has to.</summary>
internal static class UsBankNumbers
{
    /// <summary>A US routing number: nine digits whose 3-7-1 weighted sum is a multiple of ten, and of which the first
    /// two are a Federal Reserve district, a thrift (21 to 32), an electronic (61 to 72) or a traveler's check (80)
    /// number.</summary>
    public static bool IsRoutingNumber(string text)
    {
        ReadOnlySpan<int> weights = [3, 7, 1, 3, 7, 1, 3, 7, 1];
        if (text.Length != weights.Length || !text.All(char.IsAsciiDigit))
        {
            return false;
        }

        var sum = 0;
        for (var place = 0; place < weights.Length; place++)
        {
            sum += weights[place] * (text[place] - '0');
        }

        var prefix = ((text[0] - '0') * 10) + text[1] - '0';
        return sum > 0 && sum % 10 == 0 && prefix is <= 12 or (>= 21 and <= 32) or (>= 61 and <= 72) or 80;
    }

    /// <summary>A US account number: 4 to 17 digits.</summary>
    public static bool IsUsAccountNumber(string text) => text.Length is >= 4 and <= 17 && text.All(char.IsAsciiDigit);

    /// <summary>
    /// A card number of ISO/IEC 7812: 13 to 19 digits. Its check digit is not asked for, because UnionPay has cards
    /// without one.
    /// </summary>
    public static bool IsCardNumber(string text) => text.Length is >= 13 and <= 19 && text.All(char.IsAsciiDigit);
}
