using System.Text.RegularExpressions;
using PayoutService.Workers;

namespace PayoutService.Tests.Ops;

/// <summary>Reports and charts of the operator pages.</summary>
public sealed class ReportPagesTests : OpsTests
{
    [Fact]
    public async Task The_report_has_a_line_for_each_day_and_status_and_a_file_of_the_same()
    {
        await LiveAsync();

        var page = await Browser.OpenAsync("/ops/reports?by=status&by=rail");
        var link = page.Links.Single(one => one.StartsWith("/ops/reports.csv", Ordinal));
        var file = await (await Browser.Http.GetAsync(link)).Content.ReadAsStringAsync();

        Assert.Contains("The counts are up to date.", page.Text, Ordinal);
        Assert.Contains("succeeded BANK_ACCOUNT USD 1 500.00 500.00", page.Text, Ordinal);
        Assert.Contains("queued BANK_ACCOUNT USD 1 3.00 0.00", page.Text, Ordinal);
        Assert.Contains("line,,USD,succeeded,BANK_ACCOUNT,1,500.00,500.00,0.00,", file, Ordinal);
        Assert.Contains("total,,USD,,,2,503.00,500.00,3.00,", file, Ordinal);
    }

    [Fact]
    public async Task A_report_that_cannot_be_made_says_why()
    {
        var page = await Browser.OpenAsync("/ops/reports?from=2026-11-31");

        Assert.Contains("from must be a day such as 2026-12-31.", page.Text, Ordinal);
    }

    [Fact]
    public async Task Charts_are_drawn_with_their_figures_beneath_and_small_ones_on_the_board()
    {
        await LiveAsync();

        using var calls = Stage.Make<CallWriter>();
        await calls.RunOnceAsync(CancellationToken.None);

        var charts = await Browser.OpenAsync("/ops/charts");
        var board = await Browser.OpenAsync("/ops");

        Assert.Equal(5, Regex.Count(charts.Html, "<svg "));
        Assert.Equal(5, Regex.Count(charts.Html, "<summary>The figures</summary>"));
        Assert.Equal(2, Regex.Count(board.Html, "<svg "));
        Assert.Contains("There is nothing to draw yet.", charts.Text, Ordinal);
        Assert.Matches("queued succeeded .* 1 1 ", charts.Text);
        Assert.Matches("How fast Pockyt answers .* [0-9]+ ms [0-9]+ ms", charts.Text);
        Assert.Matches("answered notSent unclear .* [1-9] – –", charts.Text);
        Assert.DoesNotContain("style=", charts.Html, Ordinal);
        Assert.True(charts.Html.Length < 60 * 1024, $"{charts.Html.Length} bytes");
    }

    /// <summary>One that is paid, and one that waits.</summary>
    private async Task LiveAsync()
    {
        var invoiceId = await Stage.PayAsync();
        await Stage.RunAsync(TimeSpan.FromMinutes(1));
        await Stage.WhenAsync(invoiceId, payout => payout.ConfirmedBy is not null);
        await Stage.PayAsync("3.00");
        await Stage.FeedWriter.RunOnceAsync(CancellationToken.None);
    }
}
