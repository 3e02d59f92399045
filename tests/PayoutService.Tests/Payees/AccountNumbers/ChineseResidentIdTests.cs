using PayoutService.Payees.AccountNumbers;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Payees.AccountNumbers;

public sealed class ChineseResidentIdTests
{
    /// <summary>The standard's two examples, and the one it calculates.</summary>
    private static readonly string[] Published =
        ["11010519491231002X", "440524188001010014", "34052419800101001X"];

    [Fact]
    public void The_standards_examples_are_numbers()
    {
        Assert.All(Published, text => Assert.True(ChineseResidentId.IsValid(text)));
    }

    [Fact]
    public void Every_mistyped_digit_is_found()
    {
        var last = Published.SelectMany(text => "0123456789X".Where(c => c != text[17]).Select(c => text[..17] + c));

        Assert.DoesNotContain(Published.SelectMany(Typos.OneCharacter).Concat(last), ChineseResidentId.IsValid);
    }

    /// <summary>Modulo 11-2 weighs places that are ten apart alike, and no others.</summary>
    [Fact]
    public void Digits_that_changed_places_are_found()
    {
        var swapped =
            from text in Published
            from apart in Enumerable.Range(1, 17).Except([10])
            from typo in Typos.Swaps(text, apart)
            select typo;

        Assert.DoesNotContain(swapped, ChineseResidentId.IsValid);
    }

    [Theory]
    [InlineData("20000229", true)]
    [InlineData("19000229", false)]
    [InlineData("19990229", false)]
    [InlineData("19990230", false)]
    [InlineData("19991301", false)]
    [InlineData("19990001", false)]
    [InlineData("19990100", false)]
    [InlineData("18000101", true)]
    [InlineData("17991231", false)]
    [InlineData("20991231", true)]
    [InlineData("21000101", false)]
    [InlineData("00000000", false)]
    public void The_date_of_birth_is_a_day_that_was(string date, bool isOne)
    {
        var number = WithCheckCharacter($"110105{date}002");

        Assert.Equal(isOne, ChineseResidentId.IsValid(number));
    }

    [Theory]
    [InlineData("")]
    [InlineData("11010519491231002x")]
    [InlineData("11010549123100")]
    [InlineData("110105491231002")]
    [InlineData("1101051949123100X2")]
    [InlineData("X1010519491231002X")]
    public void Other_writings_are_none(string text)
    {
        Assert.False(ChineseResidentId.IsValid(text));
    }

    [Fact]
    public void No_region_begins_with_0()
    {
        Assert.True(ChineseResidentId.IsValid(WithCheckCharacter("11010519491231002")));
        Assert.False(ChineseResidentId.IsValid(WithCheckCharacter("01010519491231002")));
    }

    [Fact]
    public void What_no_number_has_is_found_wherever_it_stands()
    {
        Assert.DoesNotContain(Published.SelectMany(Typos.WithForeign), ChineseResidentId.IsValid);
    }

    [Fact]
    public void Any_text_is_answered()
    {
        Assert.DoesNotContain(Typos.Noise(), ChineseResidentId.IsValid);
        Assert.DoesNotContain(Typos.Noise("0123456789X"), ChineseResidentId.IsValid);
    }

    /// <summary>The standard's weights, from the left.</summary>
    private static string WithCheckCharacter(string digits)
    {
        int[] weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        return digits + "10X98765432"[digits.Zip(weights).Sum(pair => (pair.First - '0') * pair.Second) % 11];
    }
}
