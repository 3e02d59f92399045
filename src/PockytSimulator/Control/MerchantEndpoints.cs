using Microsoft.AspNetCore.Http.HttpResults;
using PockytSimulator.Scheduling;

namespace PockytSimulator.Control;

internal static class MerchantEndpoints
{
    public static void MapMerchants(this IEndpointRouteBuilder control)
    {
        control.MapGet("/merchants", List);
        control.MapPost("/merchants/{merchantNo}/token", Rotate);
    }

    private static Ok<MerchantList> List(MerchantRegistry merchants) => TypedResults.Ok(
        new MerchantList([.. merchants.All.SelectMany(
            merchant => merchant.StoreNos.Select(storeNo => new MerchantView(merchant.No, storeNo)))]));

    private static Results<Ok<Rotated>, NotFound> Rotate(
        string merchantNo, TokenOrder order, MerchantRegistry merchants, SimulatorClock clock)
    {
        if (merchants.Find(merchantNo) is not { } merchant)
        {
            return TypedResults.NotFound();
        }

        var oldUntil = clock.GetUtcNow().AddSeconds(order.KeepOldForSeconds);
        merchants.Rotate(merchant, order.Token, oldUntil);
        return TypedResults.Ok(new Rotated(merchantNo, oldUntil));
    }

    private sealed record MerchantList(IReadOnlyList<MerchantView> Merchants);

    private sealed record MerchantView(string MerchantNo, string StoreNo);

    internal sealed record TokenOrder(string Token, double KeepOldForSeconds = 0);

    private sealed record Rotated(string MerchantNo, DateTimeOffset OldTokenUntil);
}
