using PayoutService.Payees.AccountNumbers;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Payees.AccountNumbers;

public sealed class PixKeyTests
{
    private static readonly string[] Cpfs = ["52998224725", "11144477735"];
    private static readonly string[] Cnpjs = ["00000000000191", "11222333000181", "12ABC34501DE35"];

    [Theory]
    [InlineData("52998224725", nameof(PixKeyKind.Cpf))]
    [InlineData("39053344705", nameof(PixKeyKind.Cpf))]
    [InlineData("11144477735", nameof(PixKeyKind.Cpf))]
    [InlineData("12345678909", nameof(PixKeyKind.Cpf))]
    [InlineData("00000000191", nameof(PixKeyKind.Cpf))]
    [InlineData("00000000000191", nameof(PixKeyKind.Cnpj))]
    [InlineData("33000167000101", nameof(PixKeyKind.Cnpj))]
    [InlineData("11222333000181", nameof(PixKeyKind.Cnpj))]
    [InlineData("12ABC34501DE35", nameof(PixKeyKind.Cnpj))]
    [InlineData("pix@bcb.gov.br", nameof(PixKeyKind.Email))]
    [InlineData("fulano_da_silva.recebedor@example.com", nameof(PixKeyKind.Email))]
    [InlineData("+5510998765432", nameof(PixKeyKind.Phone))]
    [InlineData("+5561912345678", nameof(PixKeyKind.Phone))]
    [InlineData("+551132345678", nameof(PixKeyKind.Phone))]
    [InlineData("123e4567-e89b-12d3-a456-426655440000", nameof(PixKeyKind.Random))]
    [InlineData("c4249323-b4ca-43f2-8139-8232aab09b93", nameof(PixKeyKind.Random))]
    public void A_key_is_known_by_its_form(string text, string kind)
    {
        Assert.Equal(kind, PixKey.KindOf(text)?.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345678901")]
    [InlineData("12345678901234")]
    [InlineData("529.982.247-25")]
    [InlineData("00.000.000/0001-91")]
    [InlineData("12abc34501de35")]
    [InlineData("12ABC34501DEA5")]
    [InlineData("11987654321")]
    [InlineData("5511987654321")]
    [InlineData("+5501998765432")]
    [InlineData("+5511087654321")]
    [InlineData("+551098765432")]
    [InlineData("+55109987654321")]
    [InlineData("+5511887654321")]
    [InlineData("+551112345678")]
    [InlineData("+55 11 98765-4321")]
    [InlineData("+12125550100")]
    [InlineData("@bcb.gov.br")]
    [InlineData("pix@")]
    [InlineData("pix@bcb")]
    [InlineData("pix@bcb..br")]
    [InlineData("pix@bcb.gov.br.")]
    [InlineData("pix@-bcb.gov.br")]
    [InlineData("pix@bcb-.gov.br")]
    [InlineData(".pix@bcb.gov.br")]
    [InlineData("pix.@bcb.gov.br")]
    [InlineData("p..x@bcb.gov.br")]
    [InlineData("pix@@bcb.gov.br")]
    [InlineData("Pix@bcb.gov.br")]
    [InlineData("pix@bcb.gov.br\n")]
    [InlineData("123E4567-E89B-12D3-A456-426655440000")]
    [InlineData("123e4567e89b12d3a456426655440000")]
    [InlineData("{23e4567-e89b-12d3-a456-42665544000}")]
    [InlineData("123e4567-e89b-12d3-a456-42665544000g")]
    [InlineData("123e4567-e89b-12d3-a4564-26655440000")]
    public void What_the_directory_would_not_know_is_no_key(string text)
    {
        Assert.Null(PixKey.KindOf(text));
    }

    [Fact]
    public void The_same_digit_all_along_is_no_ones_number()
    {
        Assert.DoesNotContain("0123456789", digit => PixKey.KindOf(new string(digit, 11)) is not null);
        Assert.DoesNotContain("0123456789", digit => PixKey.KindOf(new string(digit, 14)) is not null);
    }

    /// <summary>Modulo 11 sees every wrong digit of numbers whose check digits are not 0, as these.</summary>
    [Fact]
    public void Every_mistyped_digit_of_a_CPF_or_CNPJ_is_found()
    {
        Assert.DoesNotContain(Cpfs.SelectMany(Typos.OneCharacter), IsKey);
        Assert.DoesNotContain(Cnpjs.SelectMany(Typos.OneCharacter).Where(SeenByModulo11), IsKey);

        // A letter and the eleventh after it are one to modulo 11, and no rule of the register tells them apart.
        static bool SeenByModulo11(string typo) =>
            !Cnpjs.Any(text => text.Zip(typo).All(pair => (pair.First - pair.Second) % 11 == 0));
    }

    [Fact]
    public void Neighbouring_digits_of_a_CPF_or_CNPJ_that_changed_places_are_found()
    {
        Assert.DoesNotContain(Cpfs.Concat(Cnpjs).SelectMany(text => Typos.Swaps(text)), IsKey);
    }

    [Fact]
    public void An_address_has_77_characters_at_most()
    {
        var local = new string('a', 65);

        Assert.Equal(PixKeyKind.Email, PixKey.KindOf($"{local}@example.com"));
        Assert.Null(PixKey.KindOf($"{local}a@example.com"));
    }

    [Fact]
    public void What_no_key_has_is_found_wherever_it_stands()
    {
        var inAddress = Typos.WithForeign("pix@bcb.gov.br")
            .Where(text => text.Any(character => !char.IsAsciiLetter(character) && !"@.-_'%/".Contains(character)));
        var inOthers = Cpfs.Concat(Cnpjs)
            .Concat(["+5510998765432", "123e4567-e89b-12d3-a456-426655440000"]).SelectMany(Typos.WithForeign);

        Assert.DoesNotContain(inAddress.Concat(inOthers), IsKey);
    }

    [Fact]
    public void Any_text_is_answered()
    {
        Assert.DoesNotContain(Typos.Noise(), IsKey);
        Assert.DoesNotContain(Typos.Noise("0123456789+-"), IsKey);
        Assert.All(Typos.Noise("ab-.@").Where(IsKey), text => Assert.Equal(PixKeyKind.Email, PixKey.KindOf(text)));
    }

    [Theory]
    [InlineData("+55", true)]
    [InlineData("pix@", true)]
    [InlineData("123E4567-E89B-12D3-A456-426655440000", true)]
    [InlineData("0001234567-8", false)]
    [InlineData("52998224725", false)]
    [InlineData("", false)]
    public void A_text_looks_like_a_key_when_no_account_number_is_written_so(string text, bool looks)
    {
        Assert.Equal(looks, PixKey.LooksLikeOne(text));
    }

    private static bool IsKey(string text) => PixKey.KindOf(text) is not null;
}
