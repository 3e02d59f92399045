namespace PayoutService.Payouts;

/// <summary>
/// The currencies we know and their decimals: ISO 4217 (SIX, list one) of January 2026, from which ANG (2025) and BGN
/// (2026) are withdrawn, plus USDC. Kept by hand because .NET's culture data has the
/// wrong number of decimals for a dozen of them.
/// </summary>
internal static class Currency
{
    private static readonly Dictionary<string, int> DecimalsByCode = Table(
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (2, "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
            + "CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
            + "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
            + "MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
            + "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG "
            + "YER ZAR ZMW ZWG"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (6, "USDC"));

    /// <summary>The currency's decimals, or null when we do not know the currency.</summary>
    public static int? Decimals(string code) => DecimalsByCode.TryGetValue(code, out var decimals) ? decimals : null;

    /// <summary>The currencies that have so many decimals.</summary>
    public static string[] OfDecimals(int decimals) =>
        [.. DecimalsByCode.Where(currency => currency.Value == decimals).Select(currency => currency.Key)];

    private static Dictionary<string, int> Table(params (int Decimals, string Codes)[] rows) => rows
        .SelectMany(row => row.Codes.Split(' ').Select(code => (code, row.Decimals)))
        .ToDictionary(pair => pair.code, pair => pair.Decimals, StringComparer.Ordinal);
}
