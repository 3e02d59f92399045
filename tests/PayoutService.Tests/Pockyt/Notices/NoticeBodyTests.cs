using System.Text;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Wire;

namespace PayoutService.Tests.Pockyt.Notices;

public sealed class NoticeBodyTests
{
    private const string Token = "17cfc0170ef1c017b4a929d233d6e65e";
    private const string VerifySignOfGenuine = "b07376284e4d8d8f953fa71562b83d21";

    private const string Form =
        "accountToken=2010305228303182765718&amount=12.34&currency=USD&invoiceId=inv-0001"
        + "&paymentTime=2025-01-02T03%3A10%3A00Z&status=success&transactionNo=305588797074336092&vendor=BANK_ACCOUNT"
        + "&verifySign=b07376284e4d8d8f953fa71562b83d21";

    private static readonly Dictionary<string, string> Genuine = new()
    {
        ["accountToken"] = "2010305228303182765718",
        ["amount"] = "12.34",
        ["currency"] = "USD",
        ["invoiceId"] = "inv-0001",
        ["paymentTime"] = "2025-01-02T03:10:00Z",
        ["status"] = "success",
        ["transactionNo"] = "305588797074336092",
        ["vendor"] = "BANK_ACCOUNT",
        ["verifySign"] = VerifySignOfGenuine,
    };

    public static TheoryData<string> DocumentedMembers => [.. Genuine.Keys];

    [Fact]
    public void A_genuine_notice_as_JSON_is_read_verified_and_as_documented()
    {
        var notice = Parse(Json(Genuine));

        Assert.True(notice!.IsSignedWith(Token));
        Assert.True(notice.IsAsDocumented);
        Assert.All(Genuine, member => Assert.Equal(member.Value, notice.Member(member.Key)));
    }

    [Fact]
    public void A_genuine_notice_as_a_form_is_read_verified_and_as_documented()
    {
        var notice = Parse(Form);

        Assert.True(notice!.IsSignedWith(Token));
        Assert.True(notice.IsAsDocumented);
        Assert.All(Genuine, member => Assert.Equal(member.Value, notice.Member(member.Key)));
    }

    [Fact]
    public void JSON_and_form_of_one_notice_are_one_signed_text()
    {
        var json = Parse(Json(Genuine))!.SignedText;
        var form = Parse(Form)!.SignedText;

        Assert.Equal(json, form);
        Assert.StartsWith("accountToken=2010305228303182765718&amount=12.34&", form, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" \r\n\t")]
    [InlineData("")]
    public void Space_around_JSON_does_not_matter(string space)
    {
        var notice = Parse(space + Json(Genuine) + space);

        Assert.True(notice!.IsSignedWith(Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("hello")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("[{\"verifySign\":\"x\"}]")]
    [InlineData("{}")]
    [InlineData("{")]
    [InlineData("{\"status\":\"success\"")]
    [InlineData("{\"status\":\"success\",}")]
    [InlineData("{\"status\":\"success\"}{\"status\":\"failed\"}")]
    [InlineData("{\"status\":\"success\"} x")]
    [InlineData("{'status':'success'}")]
    [InlineData("{\"status\":\"success\" /* paid */}")]
    [InlineData("{status:\"success\"}")]
    [InlineData("<xml/>")]
    [InlineData("status=success&amount=12.34")]
    public void What_is_neither_an_object_of_JSON_nor_a_signed_form_is_not_read(string body)
    {
        Assert.Null(Parse(body));
    }

    [Theory]
    [InlineData("{\"status\":\"success\",\"status\":\"success\"}")]
    [InlineData("{\"status\":\"success\",\"status\":\"failed\"}")]
    [InlineData("{\"status\":\"success\",\"\\u0073tatus\":\"failed\"}")]
    [InlineData("status=success&verifySign=x&status=success")]
    [InlineData("status=success&verifySign=x&status=failed")]
    [InlineData("status=success&verifySign=x&%73tatus=failed")]
    [InlineData("status=success&verifySign=x&verifySign=y")]
    public void A_member_that_comes_twice_is_not_read(string body)
    {
        Assert.Null(Parse(body));
    }

    [Theory]
    [InlineData("{\"status\":{\"word\":\"success\"}}")]
    [InlineData("{\"status\":[\"success\"]}")]
    [InlineData("{\"status\":[]}")]
    public void A_nested_value_is_not_read(string body)
    {
        Assert.Null(Parse(body));
    }

    [Fact]
    public void Ten_thousand_levels_are_not_read_and_break_nothing()
    {
        var body = string.Concat(Enumerable.Repeat("{\"a\":", 10_000));

        Assert.Null(Parse(body));
    }

    [Fact]
    public void A_flood_of_members_is_not_read()
    {
        var members = Enumerable.Range(0, 65).Select(number => $"m{number}").ToList();

        var json = Parse(Json(members.ToDictionary(name => name, _ => "x")));
        var form = Parse(string.Join('&', members.Select(name => $"{name}=x")) + "&verifySign=x");

        Assert.Null(json);
        Assert.Null(form);
    }

    [Fact]
    public void A_byte_order_mark_is_not_read()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Json(Genuine))];

        Assert.Null(NoticeBody.Parse(body));
    }

    [Fact]
    public void UTF_16_is_not_read()
    {
        var body = Encoding.Unicode.GetBytes(Json(Genuine));

        Assert.Null(NoticeBody.Parse(body));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xE4, 0xBD })]
    public void Bytes_that_are_not_UTF_8_are_not_read(byte[] bytes)
    {
        byte[] json = [.. Encoding.UTF8.GetBytes("{\"vendor\":\""), .. bytes, .. Encoding.UTF8.GetBytes("\"}")];
        byte[] form = [.. Encoding.UTF8.GetBytes("verifySign=x&vendor="), .. bytes];

        Assert.Null(NoticeBody.Parse(json));
        Assert.Null(NoticeBody.Parse(form));
    }

    [Fact]
    public void A_number_is_verified_as_it_was_written_but_is_not_as_documented()
    {
        var body = Json(Signed(("amount", "60.00"))).Replace("\"60.00\"", "60.00", StringComparison.Ordinal);

        var notice = Parse(body);

        Assert.Equal("60.00", notice!.Member("amount"));
        Assert.True(notice.IsSignedWith(Token));
        Assert.False(notice.IsAsDocumented);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("null")]
    [InlineData("1e3")]
    public void A_value_that_is_not_text_is_never_as_documented(string value)
    {
        var body = Json(Genuine).Replace("\"BANK_ACCOUNT\"", value, StringComparison.Ordinal);

        var notice = Parse(body);

        Assert.NotNull(notice);
        Assert.False(notice.IsAsDocumented);
    }

    [Fact]
    public void A_null_counts_as_empty_when_verified()
    {
        var body = Json(Genuine)[..^1] + ",\"note\":null}";

        var notice = Parse(body);

        Assert.True(notice!.IsSignedWith(Token));
        Assert.False(notice.IsAsDocumented);
    }

    [Theory]
    [InlineData("note", "hello")]
    [InlineData("note", "")]
    [InlineData("Status", "failed")]
    [InlineData("STATUS", "success")]
    [InlineData("status ", "failed")]
    [InlineData("", "x")]
    public void One_more_member_is_not_as_documented_even_when_it_is_signed(string name, string value)
    {
        var notice = Parse(Json(Signed((name, value))));

        Assert.True(notice!.IsSignedWith(Token));
        Assert.False(notice.IsAsDocumented);
    }

    [Theory]
    [InlineData("amount", "07.04")]
    [InlineData("amount", "1.0E7")]
    [InlineData("amount", "-1")]
    [InlineData("amount", "1.")]
    [InlineData("amount", "1,000.00")]
    public void An_amount_in_another_spelling_is_not_as_documented(string name, string value)
    {
        var notice = Parse(Json(new(Genuine) { [name] = value }));

        Assert.False(notice!.IsAsDocumented);
    }

    [Fact]
    public void A_value_of_nine_thousand_letters_is_not_as_documented()
    {
        var notice = Parse(Json(new(Genuine) { ["vendor"] = new string('A', 9000) }));

        Assert.False(notice!.IsAsDocumented);
    }

    [Fact]
    public void In_a_form_a_member_in_two_letter_cases_is_not_read()
    {
        Assert.Null(Parse(Form + "&Status=failed"));
    }

    [Theory]
    [MemberData(nameof(DocumentedMembers))]
    public void One_member_less_is_not_as_documented_even_when_the_rest_is_signed(string name)
    {
        var members = Signed();
        members.Remove(name);
        if (name != VerifySign.Member)
        {
            members[VerifySign.Member] = VerifySign.Of(members!, Token);
        }

        var notice = Parse(Json(members));

        Assert.Equal(name != VerifySign.Member, notice!.IsSignedWith(Token));
        Assert.False(notice.IsAsDocumented);
    }

    [Theory]
    [MemberData(nameof(DocumentedMembers))]
    public void An_empty_member_is_not_as_documented(string name)
    {
        var notice = Parse(Json(Signed((name, ""))));

        Assert.False(notice!.IsAsDocumented);
    }

    [Theory]
    [InlineData("BANK&status=failed")]
    [InlineData("BANK&")]
    [InlineData("BANK=ACCOUNT")]
    [InlineData("BANK\r\nACCOUNT")]
    [InlineData("BANK\0ACCOUNT")]
    [InlineData("BANK\u007fACCOUNT")]
    [InlineData("BANK\u0085ACCOUNT")]
    public void A_value_that_could_be_partitioned_otherwise_is_not_as_documented(string vendor)
    {
        var notice = Parse(Json(Signed(("vendor", vendor))));

        Assert.True(notice!.IsSignedWith(Token));
        Assert.False(notice.IsAsDocumented);
    }

    [Fact]
    public void A_notice_partitioned_otherwise_verifies_and_is_still_not_as_documented()
    {
        // Two members in one: the signed text is the same, and so is the signature.
        var members = new Dictionary<string, string>(Genuine)
        {
            ["transactionNo"] = "305588797074336092&vendor=BANK_ACCOUNT",
        };
        members.Remove("vendor");

        var notice = Parse(Json(members));

        Assert.True(notice!.IsSignedWith(Token));
        Assert.False(notice.IsAsDocumented);
    }

    [Theory]
    [InlineData("2025-01-02T03:10:00Z", true)]
    [InlineData("1970-01-01T00:00:00Z", true)]
    [InlineData("2999-12-31T23:59:59Z", true)]
    [InlineData("2025-01-02T03:10:00", false)]
    [InlineData("2025-01-02T03:10:00+00:00", false)]
    [InlineData("2025-01-02T03:10:00.000Z", false)]
    [InlineData("2025-01-02 03:10:00Z", false)]
    [InlineData("2025-01-02T03:10:00z", false)]
    [InlineData("2025-02-30T03:10:00Z", false)]
    [InlineData("2025-01-02T24:10:00Z", false)]
    [InlineData("20250102031000", false)]
    [InlineData("yesterday", false)]
    public void The_time_of_payment_is_data_and_no_gate_but_must_be_a_time(string time, bool documented)
    {
        var notice = Parse(Json(Signed(("paymentTime", time))));

        Assert.Equal(documented, notice!.IsAsDocumented);
    }

    [Theory]
    [InlineData("amount", "1000.00")]
    [InlineData("status", "failed")]
    [InlineData("invoiceId", "inv-0002")]
    [InlineData("verifySign", "B07376284E4D8D8F953FA71562B83D21")]
    [InlineData("verifySign", "b07376284e4d8d8f953fa71562b83d2")]
    [InlineData("verifySign", "b07376284e4d8d8f953fa71562b83d21 ")]
    [InlineData("verifySign", "")]
    public void A_notice_that_was_changed_is_not_signed(string name, string value)
    {
        var changed = new Dictionary<string, string>(Genuine) { [name] = value };

        var notice = Parse(Json(changed));

        Assert.False(notice!.IsSignedWith(Token));
    }

    [Fact]
    public void A_notice_without_a_signature_is_not_signed()
    {
        var members = new Dictionary<string, string>(Genuine);
        members.Remove(VerifySign.Member);

        var notice = Parse(Json(members));

        Assert.False(notice!.IsSignedWith(Token));
    }

    [Fact]
    public void A_notice_that_another_token_signed_is_not_signed_with_ours()
    {
        var notice = Parse(Json(Genuine));

        Assert.False(notice!.IsSignedWith("5cbfb079f15b150122261c8537086d77a"));
    }

    [Theory]
    [InlineData("+", " ")]
    [InlineData("%2B", "+")]
    [InlineData("%26", "&")]
    [InlineData("%E4%B8%AD", "中")]
    public void A_form_is_verified_over_its_decoded_values(string written, string read)
    {
        var members = Signed(("vendor", $"BANK{read}ACCOUNT"));
        var body = string.Join('&', members.Select(member =>
            $"{member.Key}={(member.Key == "vendor" ? Uri.EscapeDataString(member.Value) : member.Value)}"));
        body = body.Replace(Uri.EscapeDataString(read), written, StringComparison.Ordinal);

        var notice = Parse(body);

        Assert.Equal($"BANK{read}ACCOUNT", notice!.Member("vendor"));
        Assert.True(notice.IsSignedWith(Token));
    }

    private static NoticeBody? Parse(string body) => NoticeBody.Parse(Encoding.UTF8.GetBytes(body));

    private static string Json(Dictionary<string, string> members) =>
        System.Text.Json.JsonSerializer.Serialize(members);

    /// <summary>The genuine notice with these members, signed by Pockyt; an empty signature stays empty.</summary>
    private static Dictionary<string, string> Signed(params (string Name, string Value)[] changes)
    {
        var members = new Dictionary<string, string>(Genuine);
        foreach (var (name, value) in changes)
        {
            members[name] = value;
        }

        if (members[VerifySign.Member].Length > 0)
        {
            members[VerifySign.Member] = VerifySign.Of(members!, Token);
        }

        return members;
    }
}
