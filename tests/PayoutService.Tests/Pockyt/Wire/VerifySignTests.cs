using System.Text;
using PayoutService.Pockyt.Wire;
using PockytSimulator.Calls;

namespace PayoutService.Tests.Pockyt.Wire;

/// <summary>Two implementations that share no code, one table: what Pockyt published and what follows.</summary>
public sealed class VerifySignTests
{
    /// <summary>Sandbox tokens that Pockyt prints in its own documents and samples.</summary>
    private const string TokenA = "5cbfb079f15b150122261c8537086d77a";
    private const string TokenB = "17cfc0170ef1c017b4a929d233d6e65e";

    /// <summary>A payout's members with no optional ones.</summary>
    private const string Pay = """
        accountToken=2010305228303182765718
        amount=12.34
        currency=USD
        customerNo=2000305228303182610217
        invoiceId=inv-0001
        ipnUrl=https://example.com/webhooks
        merchantNo=202333
        storeNo=301854
        timestamp=2025-01-02T03:04:05Z
        """;

    private const string Notice = """
        accountToken=2010305228303182765718
        amount=12.34
        currency=USD
        invoiceId=inv-0001
        paymentTime=2025-01-02T03:10:00Z
        status=success
        transactionNo=305588797074336092
        vendor=BANK_ACCOUNT
        """;

    private const string Update = """
        city=hometown
        country=USA
        countryCode=US
        customerNo=2000305228303182610217
        dateOfBirth=1999-01-01
        firstName=John
        lastName=Doe
        merchantNo=202333
        phone=123456789
        profileType=INDIVIDUAL
        state=NY
        storeNo=301854
        street=123 main St
        timestamp=2023-02-13T12:37:58Z
        zip=10006
        """;

    private static readonly Vector[] Vectors =
    [
        new("G1", TokenA, "b6bfd66531ae7c9499115c7480a2c8aa", Members("""
            amount=1.00
            callbackUrl=https://wx.yuansfer.yunkeguan.com/wx
            currency=USD
            goodsInfo=[{"goods_name":"Yuansfer","quantity":"1"}]
            ipnUrl=https://wx.yuansfer.yunkeguan.com/wx
            merchantNo=200043
            reference=seq_1525922323
            storeNo=300014
            terminal=ONLINE
            timeout=120
            vendor=alipay
            """)),
        new("G2", TokenA, "435d01c5d5fa88cfe8168fbfbf732519", Members("""
            amount=0.01
            currency=USD
            reference=test1666247277861
            settleCurrency=USD
            status=success
            time=20221020142817
            transactionNo=305680500880311923
            """)),
        new("G3", TokenA, "0df745088d7202a6d186596acdc82c6a", Members("""
            merchantNo=200043
            storeNo=300014
            transactionNo=297553638300708562
            """)),
        new("G4", TokenA, "dd81f7781603bec48ae2c6a9ac758bf2", Members("""
            currency=USD
            merchantNo=200043
            refundAmount=0.01
            refundReference=refund2020101305
            settleCurrency=USD
            storeNo=300014
            transactionNo=297553638301777927
            """)),
        new("G4b", TokenA, "f38965887c5676e2fb19d951251eb613", Members("""
            merchantNo=200043
            storeNo=300014
            transactionNo=297553636764407286
            paymentBarcode=286498530672949108
            vendor=alipay
            """)),
        new("G5", TokenB, "d81e8e6f33ecdbff1985dbf0210572ce", Members("""
            customerNo=2000305228303182610217
            merchantNo=202333
            storeNo=301854
            timestamp=2023-02-13T12:35:14Z
            """)),
        new("G6", TokenB, "cb74eb92eebadc97445d559bc5501012", Members(Update, ("street2", ""))),
        new("G7", TokenB, "4b57c4ab6f2f71e7fd7cc6046fa5e78c", Members("""
            customerNo=2000305228303182610217
            merchantNo=202333
            storeNo=301854
            timestamp=2023-02-13T11:53:58Z
            """)),
        new("G8", TokenB, "8b11e8f0d7f2a412f020f266110b57ba", Members("""
            accountToken=2010305228303182765718
            amount=500
            currency=USD
            customerNo=2000305228303182610217
            description=thank you
            invoiceId=9aae4c685d824c5da746f97620c59eb5
            ipnUrl=https://example.com/webhooks
            merchantNo=202333
            note=Payouts, Thanks
            storeNo=301854
            subject=Payouts
            timestamp=2023-02-13T11:58:58Z
            """)),
        new("G9", TokenB, "b091c63b56948c2066d4410e71a25d99", Members("""
            amount=10.00
            currency=USD
            invoiceId=20210118101801
            paymentTime=2021-01-18T02:19:05Z
            receiver=sb-lfgk83666547@business.example.com
            status=success
            transactionNo=303768502875460668
            vendor=PAYPAL
            """)),
        new("G10", TokenB, "05a150f56706f9a435748eb986c2daad", Members("""
            customerNo=2000305228289295850180
            merchantNo=202333
            storeNo=301854
            timestamp=2022-10-10T18:25:52Z
            """)),
        new("G11", TokenB, "141803fb1e21ff977d7fa5f68067860a", Members(
            """
            city=北京
            country=中国
            countryCode=CN
            customerCode=1667198337
            dateOfBirth=1999-01-01
            email=1667198337@grigora.io
            firstName=三
            governmentId=110101199003074493
            governmentIdType=ID_CARD
            lastName=张
            merchantNo=202333
            phone=1234567890
            profileType=INDIVIDUAL
            state=北京
            storeNo=301854
            street=长城
            zip=100000
            """,
            ("street2", ""))),
        new("G12", TokenB, "0df90da9e26240fe3d8cfdaef2e66e9b", Members(
            """
            city=北京
            company=支付宝
            country=中国
            countryCode=CN
            customerCode=1667198337
            dateOfBirth=1999-01-01
            email=91310115768225450T.1@grigora.io
            firstName=白
            governmentId=91310115768225450T
            governmentIdType=BUSINESS_REGISTRATION_CERT
            lastName=李
            merchantNo=202333
            profileType=BUSINESS
            state=北京
            storeNo=301854
            street=长城
            timestamp=2022-11-08T07:02:42Z
            zip=100000
            """,
            ("street2", ""))),
        new("G13", TokenB, "41af5995afd170329ed0a268fac3e0a1", Members("""
            invoiceId=85cfabefaebc265c87da15a0504656b4
            merchantNo=202333
            storeNo=301854
            timestamp=2022-10-18T21:16:32Z
            transactionNo=305448035595256529
            """)),
        new("C1", TokenB, "4b6af52b3f6040e8d994e06db9300fe6", Members(Pay)),
        new("C1b", TokenB, "4289fcf301672a0a3092815109489032", Members(Pay, ("amount", "12.340"))),
        new("C2", TokenB, "362a875e8b95f3ac507bcdf8dff76bb2", Members("""
            city=北京市
            country=中国
            countryCode=CN
            dateOfBirth=2001-01-01
            email=zhang.san@example.com
            firstName=三
            governmentId=140421200101017700
            governmentIdType=ID_CARD
            lastName=张
            merchantNo=202333
            profileType=INDIVIDUAL
            state=北京
            storeNo=301854
            street=中南海
            timestamp=2025-01-02T03:04:05Z
            zip=100000
            """)),
        new("C3", TokenB, "6c55da2f9b9f4ae1390a8e2d8e47b90d", Members(
            Pay, ("note", "a&b=c+d %20 \"q\" 'z' "), ("ipnUrl", "https://example.com/hook?x=1&y=%2F"))),
        new("C4", TokenB, "4b6af52b3f6040e8d994e06db9300fe6", Members(
            Pay, ("description", ""), ("note", null), ("subject", ""))),
        new("C5", TokenB, "972c6fe8251728197cfc68cedfed59dd", Members(Pay, ("merGroupNo", "100001"))),
        new("C6", TokenB, "b07376284e4d8d8f953fa71562b83d21", Members(Notice)),
        new("C7", TokenB, "a2ce6ad7d86fcbe926c1f298309f7a21", Members(Notice, ("status", "failed"))),
        new("C8", TokenB, "6c0b87f8d522e2bd3007cb33a1fa2b34", Members(Notice, ("status", "returned"))),
        new("C9 without timestamp", TokenB, "8787f1cadb0d5a35e176691340a1a2a5", Members("""
            invoiceId=inv-0001
            merchantNo=202333
            storeNo=301854
            """)),
        new("C9 with timestamp", TokenB, "ee92965706cfd82f132d2444917f3876", Members("""
            invoiceId=inv-0001
            merchantNo=202333
            storeNo=301854
            timestamp=2025-01-02T03:04:05Z
            """)),
        new("C10", TokenB, "be48d967a5873dbf0b8c908c4978786b", Members("""
            currency=USD
            merchantNo=202333
            storeNo=301854
            timestamp=2025-01-02T03:04:05Z
            """)),
        new("C11", TokenB, "414bca497035d108cbadc67e2a62552b", Members("""
            accountStatus=ACTIVATED
            accountTag=1a52692711
            accountToken=2010305228303182765718
            accountType=BANK_ACCOUNT
            country=US
            currency=USD
            customerNo=2000305228303182610217
            """)),
        new("C12", TokenB, "9cbe395331415f7be7c37d1e9d2781ae", Members("""
            accountCountry=US
            accountCurrency=USD
            accountTag=tag-1
            accountType=BANK_ACCOUNT
            bankAccountId=7861053298
            bankAccountPurpose=CHECKING
            branchId=101089292
            clientIp=127.0.0.1
            customerNo=2000305228303182610217
            ipnUrl=https://example.com/webhooks
            merchantNo=202333
            storeNo=301854
            timestamp=2025-01-02T03:04:05Z
            """)),
    ];

    private static readonly Dictionary<string, Implementation> Implementations = new()
    {
        ["service"] = new(
            VerifySign.Of,
            (members, token, given) => VerifySign.Verifies(members, token, given)),
        ["simulator"] = new(
            (members, token) => PockytSignature.Of(members!, token),
            (members, token, given) => PockytSignature.Matches(
                new Dictionary<string, string>(members!) { [PockytSignature.Member] = given }, token)),
    };

    public static TheoryData<string, string> Everything
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var vector in Vectors)
            {
                foreach (var implementation in Implementations.Keys)
                {
                    rows.Add(vector.Name, implementation);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Signs_as_Pockyt_does(string vector, string implementation)
    {
        var (_, token, signature, members) = Vectors.Single(known => known.Name == vector);

        var signed = Implementations[implementation].Sign(members, token);

        Assert.Equal(signature, signed);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Verifies_what_Pockyt_signed(string vector, string implementation)
    {
        var (_, token, signature, members) = Vectors.Single(known => known.Name == vector);

        var verified = Implementations[implementation].Verify(members, token, signature);

        Assert.True(verified);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Refuses_what_another_token_signed(string vector, string implementation)
    {
        var (_, token, signature, members) = Vectors.Single(known => known.Name == vector);
        var other = token == TokenA ? TokenB : TokenA;

        var verified = Implementations[implementation].Verify(members, other, signature);

        Assert.False(verified);
    }

    [Theory]
    [InlineData("service")]
    [InlineData("simulator")]
    public void An_empty_member_that_was_signed_all_the_same_does_not_verify(string implementation)
    {
        const string WithStreet2 = "f760dbd01ae827b62bcc696b002a9e7c";

        var verified = Implementations[implementation].Verify(Members(Update, ("street2", "")), TokenB, WithStreet2);

        Assert.False(verified);
    }

    [Theory]
    [InlineData("service")]
    [InlineData("simulator")]
    public void The_order_of_a_culture_does_not_verify(string implementation)
    {
        const string CultureOrder = "5269ed100f625a2c90371513801028b8";

        var verified = Implementations[implementation].Verify(
            Members(Pay, ("merGroupNo", "100001")), TokenB, CultureOrder);

        Assert.False(verified);
    }

    [Theory]
    [InlineData("B07376284E4D8D8F953FA71562B83D21")]
    [InlineData("b07376284e4d8d8f953fa71562b83d2")]
    [InlineData("b07376284e4d8d8f953fa71562b83d210")]
    [InlineData(" b07376284e4d8d8f953fa71562b83d21")]
    [InlineData("b07376284e4d8d8f953fa71562b83d21 ")]
    [InlineData("b07376284e4d8d8f953fa71562b83d21\n")]
    [InlineData("b07376284e4d8d8f953fa71562b83d21\0")]
    [InlineData("b07376284e4d8d8f953fa71562b83d22")]
    [InlineData("c07376284e4d8d8f953fa71562b83d21")]
    [InlineData("")]
    public void A_signature_in_any_other_form_is_refused(string signature)
    {
        Assert.All(Implementations.Values, implementation =>
            Assert.False(implementation.Verify(Members(Notice), TokenB, signature)));
    }

    [Theory]
    [InlineData("amount", "12.35")]
    [InlineData("amount", "12.340")]
    [InlineData("status", "failed")]
    [InlineData("status", "Success")]
    [InlineData("status", "success ")]
    [InlineData("invoiceId", "inv-0002")]
    [InlineData("vendor", null)]
    [InlineData("note", "one more")]
    [InlineData("Status", "success")]
    public void A_changed_a_missing_and_an_additional_member_are_refused(string name, string? value)
    {
        var changed = Members(Notice, (name, value));

        Assert.All(Implementations.Values, implementation =>
            Assert.False(implementation.Verify(changed, TokenB, "b07376284e4d8d8f953fa71562b83d21")));
    }

    [Fact]
    public void The_signature_itself_is_no_part_of_what_is_signed()
    {
        var withSignature = Members(Notice, (VerifySign.Member, "b07376284e4d8d8f953fa71562b83d21"));

        Assert.All(Implementations.Values, implementation =>
            Assert.Equal("b07376284e4d8d8f953fa71562b83d21", implementation.Sign(withSignature, TokenB)));
    }

    [Fact]
    public void Both_implementations_agree_on_whatever_chance_brings()
    {
        var chance = new Random(20250102);
        var names = Vectors.SelectMany(vector => vector.Members.Keys).Distinct().ToArray();

        for (var time = 0; time < 500; time++)
        {
            var members = chance.GetItems(names, 12).Distinct().ToDictionary(name => name, _ => AnyText(chance));

            Assert.Equal(
                Implementations["simulator"].Sign(members, TokenB), Implementations["service"].Sign(members, TokenB));
        }
    }

    private static string? AnyText(Random chance)
    {
        var text = new StringBuilder();
        for (var length = chance.Next(0, 12); length > 0; length--)
        {
            text.Append("aZ09 &=%+\"'/:é中😀"[chance.Next(0, 15)]);
        }

        return text.ToString();
    }

    /// <summary>One <c>name=value</c> a line, and more that a line cannot hold; null takes a member away.</summary>
    private static Dictionary<string, string?> Members(string lines, params (string Name, string? Value)[] more)
    {
        var members = lines.ReplaceLineEndings("\n").Split('\n')
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], string? (pair) => pair[1]);
        foreach (var (name, value) in more)
        {
            members[name] = value;
        }

        return members;
    }

    private sealed record Vector(
        string Name, string Token, string VerifySign, IReadOnlyDictionary<string, string?> Members);

    private sealed record Implementation(
        Func<IEnumerable<KeyValuePair<string, string?>>, string, string> Sign,
        Func<IEnumerable<KeyValuePair<string, string?>>, string, string, bool> Verify);
}
