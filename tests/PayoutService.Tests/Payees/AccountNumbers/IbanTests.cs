using PayoutService.Payees.AccountNumbers;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Payees.AccountNumbers;

public sealed class IbanTests
{
    /// <summary>The registry's example of every country, and of Brazil's bank codes with letters.</summary>
    private static readonly string[] Published = (
        "AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741 AT611904300234573201 "
        + "AZ21NABZ00000000137010001944 BA391290079401028494 BE68539007547034 BG80BNBG96611020345678 "
        + "BH67BMAG00001299123456 BI4210000100010000332045181 BR1800360305000010009795493C1 "
        + "BR6699999A03000010009795493C1 BY13NBRB3600900000002Z00AB00 CH9300762011623852957 CR05015202001026284066 "
        + "CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000 DJ2100010000000154000100186 "
        + "DK5000400440116243 DO28BAGR00000001212453611324 EE382200221020145685 EG380019000500000000263180002 "
        + "ES9121000418450200051332 FI2112345600000785 FK88SC123456789012 FO6264600001631634 "
        + "FR1420041010050500013M02606 GB29NWBK60161331926819 GE29NB0000000101904917 GI75NWBK000000007099453 "
        + "GL8964710001000206 GR1601101250000000012300695 GT82TRAJ01020000001210029690 "
        + "HN88CABF00000000000250005469 HR1210010051863000160 HU42117730161111101800000000 IE29AIBK93115212345678 "
        + "IL620108000000099999999 IQ98NBIQ850123456789012 IS140159260076545510730339 "
        + "IT60X0542811101000000123456 JO94CBJO0010000000000131000302 KW81CBKU0000000000001234560101 "
        + "KZ86125KZT5004100100 LB62099900000001001901229114 LC55HEMM000100010012001200023015 "
        + "LI21088100002324013AA LT121000011101001000 LU280019400644750000 LV80BANK0000435195001 "
        + "LY83002048000020100120361 MC5811222000010123456789030 MD24AG000225100013104168 ME25505000012345678951 "
        + "MK07250120000058984 MN121234123456789123 MR1300020001010000123456753 MT84MALT011000012345MTLCAST001S "
        + "MU17BOMM0101101030300200000MUR NI45BAPR00000013000003558124 NL91ABNA0417164300 NO9386011117947 "
        + "OM810180000001299123456 PK36SCBL0000001123456702 PL61109010140000071219812874 "
        + "PS92PALS000000000400123456702 PT50000201231234567890154 QA58DOHB00001234567890ABCDEFG "
        + "RO49AAAA1B31007593840000 RS35260005601001611379 RU0304452522540817810538091310419 "
        + "SA0380000000608010167519 SC18SSCB11010000000000001497USD SD2129010501234001 SE4550000000058398257466 "
        + "SI56263300012039086 SK3112000000198742637541 SM86U0322509800000000270100 SO211000001001000100141 "
        + "ST23000100010051845310146 SV62CENR00000000000000700025 TL380080012345678910157 TN5910006035183598478831 "
        + "TR330006100519786457841326 UA213223130000026007233566001 VA59001123000012345678 VG96VPVG0000012345678901 "
        + "XK051212012345678906 YE15CBYE0001018861234567891234").Split(' ');

    /// <summary>The registry's own notation: 4!a is four capital letters, n digits and c either.</summary>
    private static readonly string[] Structures = (
        "AD 4!n4!n12!c, AE 3!n16!n, AL 8!n16!c, AT 5!n11!n, AZ 4!a20!c, BA 3!n3!n8!n2!n, BE 3!n7!n2!n, "
        + "BG 4!a4!n2!n8!c, BH 4!a14!c, BI 5!n5!n11!n2!n, BR 8!c5!n10!n2!c, BY 4!c4!n16!c, CH 5!n12!c, CR 4!n14!n, "
        + "CY 3!n5!n16!c, CZ 4!n16!n, DE 8!n10!n, DJ 5!n5!n11!n2!n, DK 4!n9!n1!n, DO 4!c20!n, EE 2!n14!n, "
        + "EG 4!n4!n17!n, ES 4!n4!n1!n1!n10!n, FI 3!n11!n, FK 2!a12!n, FO 4!n9!n1!n, FR 5!n5!n11!c2!n, GB 4!a6!n8!n, "
        + "GE 2!a16!n, GI 4!a15!c, GL 4!n9!n1!n, GR 3!n4!n16!c, GT 4!c20!c, HN 4!a20!n, HR 7!n10!n, "
        + "HU 3!n4!n1!n15!n1!n, IE 4!a6!n8!n, IL 3!n3!n13!n, IQ 4!a3!n12!n, IS 4!n2!n6!n10!n, IT 1!a5!n5!n12!c, "
        + "JO 4!a4!n18!c, KW 4!a22!c, KZ 3!n13!c, LB 4!n20!c, LC 4!a24!c, LI 5!n12!c, LT 5!n11!n, LU 3!n13!c, "
        + "LV 4!a13!c, LY 3!n3!n15!n, MC 5!n5!n11!c2!n, MD 2!c18!c, ME 3!n13!n2!n, MK 3!n10!c2!n, MN 4!n12!n, "
        + "MR 5!n5!n11!n2!n, MT 4!a5!n18!c, MU 4!a2!n2!n12!n3!n3!a, NI 4!a20!n, NL 4!a10!n, NO 4!n6!n1!n, "
        + "OM 3!n16!c, PK 4!a16!c, PL 8!n16!n, PS 4!a21!c, PT 4!n4!n11!n2!n, QA 4!a21!c, RO 4!a16!c, RS 3!n13!n2!n, "
        + "RU 9!n5!n15!c, SA 2!n18!c, SC 4!a2!n2!n16!n3!a, SD 2!n12!n, SE 3!n16!n1!n, SI 5!n8!n2!n, SK 4!n6!n10!n, "
        + "SM 1!a5!n5!n12!c, SO 4!n3!n12!n, ST 4!n4!n11!n2!n, SV 4!a20!n, TL 3!n14!n2!n, TN 2!n3!n13!n2!n, "
        + "TR 5!n1!n16!c, UA 6!n19!c, VA 3!n15!n, VG 4!a16!n, XK 4!n10!n2!n, YE 4!a4!n18!c").Split(", ");

    [Fact]
    public void The_example_of_every_country_in_the_registry_is_one()
    {
        Assert.Equal(89, Published.Select(text => text[..2]).Distinct().Count());
        Assert.All(Published, text => Assert.True(Iban.IsValid(text)));
    }

    [Fact]
    public void Every_mistyped_digit_and_letter_is_found()
    {
        Assert.DoesNotContain(Published.SelectMany(Typos.OneCharacter), Iban.IsValid);
    }

    [Fact]
    public void Every_two_neighbours_of_a_kind_that_changed_places_are_found()
    {
        Assert.DoesNotContain(Published.SelectMany(text => Typos.Swaps(text)), Iban.IsValid);
    }

    [Fact]
    public void A_digit_for_a_letter_and_a_letter_for_a_digit_are_found_where_the_structure_has_the_other()
    {
        var mistyped =
            from text in new[] { "GB29NWBK60161331926819", "DE89370400440532013000", "SC18SSCB11010000000000001497USD" }
            from place in Enumerable.Range(0, text.Length)
            from character in char.IsDigit(text[place]) ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ" : "0123456789"
            select $"{text[..place]}{character}{text[(place + 1)..]}";

        Assert.DoesNotContain(mistyped, Iban.IsValid);
    }

    [Fact]
    public void Every_place_takes_what_the_registry_says_and_nothing_else()
    {
        var tried =
            from entry in Structures
            let text = Published.First(text => text[..2] == entry[..2])
            let kinds = string.Concat(entry[3..].Split('!').Zip(entry[3..].Split('!').Skip(1), (before, after) =>
                new string(after[0], int.Parse(before.TrimStart('n', 'a', 'c'), null))))
            from place in Enumerable.Range(0, text.Length - 4)
            from character in "7Kk"
            let changed = $"{text[4..(4 + place)]}{character}{text[(5 + place)..]}"
            select (Text: WithCheckDigits(entry[..2], changed), Fits: character switch
            {
                '7' => kinds[place] != 'a',
                'K' => kinds[place] != 'n',
                _ => false,
            });

        Assert.Equal(89, Structures.Length);
        Assert.All(tried, pair => Assert.Equal(pair.Fits, Iban.IsValid(pair.Text)));
    }

    [Theory]
    [InlineData("GB", "NWBK60161331926819", true)]
    [InlineData("GB", "NWB160161331926819", false)]
    [InlineData("GB", "NWBK6016133192681A", false)]
    [InlineData("GB", "NWBK6016133192681", false)]
    [InlineData("GB", "NWBK601613319268190", false)]
    [InlineData("FR", "20041010050500013M02606", true)]
    [InlineData("FR", "200410100A0500013M02606", false)]
    [InlineData("FR", "20041010050500013M0260A", false)]
    [InlineData("US", "NWBK60161331926819", false)]
    public void Right_check_digits_do_not_make_up_for_a_wrong_structure(string country, string account, bool isOne)
    {
        var text = WithCheckDigits(country, account);

        Assert.Equal(1, Remainder(text));
        Assert.Equal(isOne, Iban.IsValid(text));
    }

    [Theory]
    [InlineData("XX91100000000000000000")]
    [InlineData("US64SVBKUS6S3300958879")]
    [InlineData("DE68210501700012345678901")]
    [InlineData("NL91 ABNA 0417 1643 00")]
    [InlineData("nl91abna0417164300")]
    [InlineData("NL91ABNA041716430")]
    [InlineData("")]
    [InlineData("N")]
    [InlineData("NL")]
    [InlineData("NL91")]
    public void Other_countries_lengths_and_writings_are_none(string text)
    {
        Assert.False(Iban.IsValid(text));
    }

    [Theory]
    [InlineData("00", "97")]
    [InlineData("01", "98")]
    [InlineData("99", "02")]
    public void Check_digits_that_no_rule_gives_are_refused_though_their_remainder_fits(string twin, string right)
    {
        var account = Enumerable.Range(0, 97)
            .Select(number => $"{number:D18}").First(number => Remainder($"DE{right}{number}") == 1);

        Assert.True(Iban.IsValid($"DE{right}{account}"));
        Assert.Equal(1, Remainder($"DE{twin}{account}"));
        Assert.False(Iban.IsValid($"DE{twin}{account}"));
    }

    [Fact]
    public void What_no_account_number_has_is_found_wherever_it_stands()
    {
        Assert.DoesNotContain(Published.SelectMany(Typos.WithForeign), Iban.IsValid);
    }

    [Fact]
    public void Any_text_is_answered()
    {
        Assert.DoesNotContain(Typos.Noise(), Iban.IsValid);
        Assert.DoesNotContain(Typos.Noise("DEGBNL0123456789A"), Iban.IsValid);
    }

    [Theory]
    [InlineData("DE89", false)]
    [InlineData("DE89 3704", true)]
    [InlineData("DE893", true)]
    [InlineData("DEX93", false)]
    [InlineData("DE8X3", false)]
    [InlineData("de893", false)]
    [InlineData("JP893", false)]
    [InlineData("", false)]
    public void A_text_looks_like_one_by_its_country_and_two_digits(string text, bool looks)
    {
        Assert.Equal(looks, Iban.LooksLikeOne(text));
    }

    private static string WithCheckDigits(string country, string account) =>
        $"{country}{98 - Remainder($"{country}00{account}"):D2}{account}";

    /// <summary>ISO 7064 mod 97-10 the long way.</summary>
    private static int Remainder(string text)
    {
        var digits = string.Concat((text[4..] + text[..4]).Select(character =>
            char.IsDigit(character) ? $"{character}" : $"{char.ToUpperInvariant(character) - 'A' + 10}"));
        return (int)(System.Numerics.BigInteger.Parse(digits, null) % 97);
    }
}
