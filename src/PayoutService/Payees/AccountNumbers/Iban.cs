namespace PayoutService.Payees.AccountNumbers;

/// <summary>International bank account numbers as they are sent: capital letters and digits, without spaces.</summary>
internal static class Iban
{
    /// <summary>
    /// What stands after the check digits, by country: so many digits (n), capital letters (a) or either (c). This is
    /// the registry's release 102 of June 2026, with the letters that release 103 lets into Brazil's bank codes.
    /// </summary>
    private static readonly Dictionary<(char, char), string> Structures = Table(
        "AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR8c15n2c BY4c4n16c CH5n12c CR18n "
        + "CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n GB4a14n GE2a16n "
        + "GI4a15c GL14n GR7n16c GT24c HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c "
        + "KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c LV4a13c LY21n MC10n11c2n MD20c ME18n MK3n10c2n MN16n MR23n "
        + "MT4a5n18c MU4a19n3a NI4a20n NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n "
        + "RU14n15c SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n TL19n TN20n TR6n16c "
        + "UA6n19c VA18n VG4a16n XK16n YE4a4n18c");

    /// <summary>ISO 13616: the length and the structure its country registered, and ISO 7064 mod 97-10.</summary>
    public static bool IsValid(string text) =>
        LooksLikeOne(text) && HasStructure(text) && HasCheckDigits(text);

    /// <summary>True when a text begins as an IBAN does: a country of the registry and two digits.</summary>
    public static bool LooksLikeOne(string text) =>
        text.Length > 4 && Structures.ContainsKey((text[0], text[1]))
        && char.IsAsciiDigit(text[2]) && char.IsAsciiDigit(text[3]);

    /// <summary>True when a text was meant as an IBAN of a country, in whatever letter case and with whatever spaces:
    /// it begins as they do, or has their country and their length.</summary>
    public static bool IsMeantAsOne(string text, string country)
    {
        var bare = string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return bare.Length > 4
            && bare.StartsWith(country, StringComparison.Ordinal)
            && Structures.TryGetValue((bare[0], bare[1]), out var structure)
            && (LooksLikeOne(bare) || bare.Length == structure.Length);
    }

    private static bool HasStructure(string text)
    {
        var structure = Structures[(text[0], text[1])];
        if (text.Length != structure.Length)
        {
            return false;
        }

        for (var place = 0; place < structure.Length; place++)
        {
            var isDigit = char.IsAsciiDigit(text[place]) && structure[place] != 'a';
            var isLetter = char.IsAsciiLetterUpper(text[place]) && structure[place] != 'n';
            if (!isDigit && !isLetter)
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasCheckDigits(string text)
    {
        // Check digits are 98 less a remainder, so these three cannot be, though their remainders are those of others.
        if (text.AsSpan(2, 2) is "00" or "01" or "99")
        {
            return false;
        }

        var remainder = 0;
        for (var step = 0; step < text.Length; step++)
        {
            // The first four characters are counted last, and a letter is two digits: A is 10.
            var character = text[(step + 4) % text.Length];
            remainder = char.IsAsciiDigit(character)
                ? ((remainder * 10) + character - '0') % 97
                : ((remainder * 100) + character - 'A' + 10) % 97;
        }

        return remainder == 1;
    }

    /// <summary>Spells the structures out, one letter a place, country and check digits included.</summary>
    private static Dictionary<(char, char), string> Table(string structures) =>
        structures.Split(' ').ToDictionary(entry => (entry[0], entry[1]), entry => "aann" + Spelled(entry[2..]));

    private static string Spelled(string parts)
    {
        var kind = parts.IndexOfAny(['n', 'a', 'c']);
        return kind < 0
            ? ""
            : new string(parts[kind], int.Parse(parts[..kind], null)) + Spelled(parts[(kind + 1)..]);
    }
}
