using PayoutService.Refunds;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Refunds;

public sealed class RefundMachineTests
{
    [Fact]
    public void The_machine_of_refunds_does_what_its_table_says()
    {
        var done =
            from status in Enum.GetValues<RefundStatus>()
            from report in Enum.GetValues<RefundReportKind>()
            let verdict = RefundMachine.Next(status, report)
            select StatusTable.Line(status.ToString(), report.ToString(), Words(verdict));

        Assert.Equal(new StatusTable("refunds").Lines, done.Order());
    }

    private static string Words(RefundVerdict verdict) => verdict switch
    {
        { IsRemoved: true } => "(removed)",
        { IsMismatch: true } => "!",
        { To: { } to } => StatusTable.Camel(to.ToString()),
        _ => "=",
    };
}
