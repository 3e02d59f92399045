using PayoutService.Ops.Payouts;
using PayoutService.Payouts;

namespace PayoutService.Tests.Ops;

/// <summary>The search box takes one id, or qualifiers.</summary>
public sealed class SearchTextTests
{
    [Theory]
    [InlineData("inv-2026-0001")]
    [InlineData("po_01jh9m4c5d7f9h1k3m5p7r9t1v")]
    [InlineData("ada@example.com")]
    [InlineData("an id with spaces")]
    [InlineData("INV:77")]
    public void What_has_no_qualifier_is_an_id(string text)
    {
        var read = SearchText.Read(text, "main");

        Assert.Equal((text, null), (read.Id, read.Filter));
    }

    [Fact]
    public void Qualifiers_narrow_one_search()
    {
        var read = SearchText.Read("status:held amount:>500 amount:<1000.5 currency:USD since:2026-11-01", "main");

        Assert.Empty(read.Problems);
        Assert.Equal(
            ("main", PayoutStatus.Held, 500m, 1000.5m, "USD"),
            (read.Filter!.Merchant, read.Filter.Status, read.Filter.MoreThan, read.Filter.LessThan,
                read.Filter.Currency));
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), read.Filter.CreatedFrom);
    }

    [Fact]
    public void A_reason_of_holding_means_the_status_too()
    {
        var read = SearchText.Read("held:payeeStatus", "main");

        Assert.Equal((PayoutStatus.Held, HoldReason.PayeeStatus), (read.Filter!.Status, read.Filter.HoldReason));
    }

    [Theory]
    [InlineData("status:lost")]
    [InlineData("status:Held")]
    [InlineData("amount:500")]
    [InlineData("amount:>1e3")]
    [InlineData("since:yesterday")]
    [InlineData("payee:po_01jh9m4c5d7f9h1k3m5p7r9t1v")]
    [InlineData("colour:red")]
    [InlineData("status:held and")]
    public void What_cannot_be_read_is_named(string text)
    {
        var read = SearchText.Read(text, "main");

        Assert.StartsWith("\"", Assert.Single(read.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_searches_for_everything()
    {
        var read = SearchText.Read("  ", "main");

        Assert.Equal((null, "main", null), (read.Id, read.Filter!.Merchant, read.Filter.Status));
    }
}
