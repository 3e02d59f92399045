using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payors;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage.Payors;

/// <summary>Answers to a registration that come when nobody expects them any more.</summary>
public sealed class PayorStoreTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private PayorStore Store => stage.Get<PayorStore>();

    [Fact]
    public async Task An_answer_that_comes_after_somebody_ruled_that_there_is_no_payor_is_not_lost()
    {
        var payor = await BeginAsync();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(91));
        var ruled = await Store.ResolveAsync("main", payor.PayorCode, payorNo: null, Actor.ApiKey("test"));

        await Store.RecordAsync(payor, Done("P10000001"), Actor.ApiKey("test"));

        Assert.IsType<PayorResolved.Removed>(ruled);
        Assert.Equal("P10000001", (await stage.PayorAsync(payor.PayorCode))!.PayorNo);
    }

    [Fact]
    public async Task A_number_that_somebody_ruled_is_never_overwritten()
    {
        var payor = await BeginAsync();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(91));
        await Store.ResolveAsync("main", payor.PayorCode, "P20000001", Actor.ApiKey("test"));

        await Store.RecordAsync(payor, Done("P20000002"), Actor.ApiKey("test"));
        await Store.RecordAsync(payor, new ProviderAnswer<ProviderPayor>.Refused("000023", "no"), Actor.ApiKey("test"));
        await Store.RecordAsync(payor, new ProviderAnswer<ProviderPayor>.Unclear("late"), Actor.ApiKey("test"));

        var row = (await stage.PayorAsync(payor.PayorCode))!;
        Assert.Equal(("P20000001", PayorStatus.Unknown), (row.PayorNo, row.Status));
    }

    [Fact]
    public async Task An_answer_without_a_status_leaves_the_one_that_was_heard()
    {
        var payor = await BeginAsync();
        await Store.RecordAsync(payor, Done("P30000001"), Actor.ApiKey("test"));

        await Store.RefreshAsync(
            "main", new ProviderPayor("P30000001", PayorStatus.Unknown, StatusWord: null), Actor.ApiKey("test"));

        var row = (await stage.PayorAsync(payor.PayorCode))!;
        Assert.Equal((PayorStatus.Submitted, "SUBMITTED"), (row.Status, row.ProviderStatus));
    }

    private static ProviderAnswer<ProviderPayor>.Done Done(string payorNo) =>
        new(new ProviderPayor(payorNo, PayorStatus.Submitted, "SUBMITTED"));

    private async Task<Payor> BeginAsync()
    {
        var begun = await Store.BeginAsync(
            "main", stage.NewKey("payor"), [], notAtPockyt: false, Actor.ApiKey("test"));
        return Assert.IsType<BeginResult<Payor>.New>(begun).Row;
    }
}
