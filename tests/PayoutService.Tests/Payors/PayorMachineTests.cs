using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Payors;

public sealed class PayorMachineTests
{
    private static readonly ProviderAnswer<ProviderPayor>[] Answers =
    [
        new ProviderAnswer<ProviderPayor>.Done(new("302", PayorStatus.Approved, "approved")),
        new ProviderAnswer<ProviderPayor>.NotFound("000021", "not found"),
        new ProviderAnswer<ProviderPayor>.Refused("000021", "refused"),
        new ProviderAnswer<ProviderPayor>.NotSent("no connection"),
        new ProviderAnswer<ProviderPayor>.Unclear("timeout"),
    ];

    [Fact]
    public void The_machine_of_payors_does_what_its_table_says()
    {
        var done =
            from status in Enum.GetValues<PayorStatus>()
            from answer in Answers
            select StatusTable.Line(
                status.ToString(), answer.GetType().Name, Words(PayorMachine.Next(status, answer)));

        Assert.Equal(new StatusTable("payors").Lines, done.Order());
    }

    private static string Words(PayorVerdict verdict) => verdict switch
    {
        PayorVerdict.IsRemoved => "(removed)",
        PayorVerdict.BecomesUnconfirmed => "unconfirmed",
        PayorVerdict.Learns => "learns",
        _ => "=",
    };
}
