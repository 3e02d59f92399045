using PayoutService.Views;

namespace PayoutService.Tests.Views;

public sealed class PublicIdTests
{
    private const string Known = "po_01k6r00000e0080000000000zz";

    private static readonly DateTimeOffset Start = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", "po_00000000000000000000000000")]
    [InlineData("00000000-0000-0000-0000-000000000001", "po_00000000000000000000000001")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", "po_7zzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("0199b000-0000-7000-8000-0000000003ff", Known)]
    public void An_id_is_written_and_read_back(string uuid, string text)
    {
        var id = Guid.Parse(uuid);

        var written = PublicId.Of(PublicId.Payout, id);
        var read = PublicId.TryParse(PublicId.Payout, written, out var again);

        Assert.Equal(text, written);
        Assert.True(read);
        Assert.Equal(id, again);
    }

    [Theory]
    [InlineData(PublicId.Payee)]
    [InlineData(PublicId.Account)]
    [InlineData(PublicId.Payout)]
    public void Any_id_comes_back_from_its_text(string prefix)
    {
        var chance = new Random(4217);
        var bytes = new byte[16];

        for (var time = 0; time < 1000; time++)
        {
            chance.NextBytes(bytes);
            var id = new Guid(bytes);

            Assert.True(PublicId.TryParse(prefix, PublicId.Of(prefix, id), out var again));
            Assert.Equal(id, again);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("po_")]
    [InlineData("01k6r00000e0080000000000zz")]
    [InlineData("pye_01k6r00000e0080000000000zz")]
    [InlineData("PO_01k6r00000e0080000000000zz")]
    [InlineData("po_01K6R00000E0080000000000ZZ")]
    [InlineData("po_01k6r00000e0080000000000z")]
    [InlineData("po_01k6r00000e0080000000000zzz")]
    [InlineData("po_01k6r00000e0080000000000zi")]
    [InlineData("po_01k6r00000e0080000000000zl")]
    [InlineData("po_01k6r00000e0080000000000zo")]
    [InlineData("po_01k6r00000e0080000000000zu")]
    [InlineData("po_01k6r00000e0080000000000z-")]
    [InlineData("po_01k6r00000e0080000000000z\0")]
    [InlineData(" po_01k6r00000e0080000000000z")]
    [InlineData("po_01k6r00000e0080000000000z ")]
    [InlineData("0199b000-0000-7000-8000-0000000003ff")]
    public void Anything_but_the_canonical_form_is_no_id(string? text)
    {
        var read = PublicId.TryParse(PublicId.Payout, text, out var id);

        Assert.False(read);
        Assert.Equal(Guid.Empty, id);
    }

    [Theory]
    [InlineData("po_81k6r00000e0080000000000zz")]
    [InlineData("po_g1k6r00000e0080000000000zz")]
    [InlineData("po_zzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void More_than_128_bits_are_no_second_name_of_an_id(string text)
    {
        var read = PublicId.TryParse(PublicId.Payout, text, out _);

        Assert.False(read);
    }

    [Fact]
    public void Ids_sort_by_the_time_they_were_made()
    {
        var ids = Enumerable.Range(0, 1000)
            .Select(step => PublicId.Of(PublicId.Payout, Guid.CreateVersion7(Start.AddMilliseconds(step * 977))))
            .ToList();

        var sorted = ids.Order(StringComparer.Ordinal);

        Assert.Equal(ids, sorted);
    }
}
