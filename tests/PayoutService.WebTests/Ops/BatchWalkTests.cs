using System.Text;
using Microsoft.Playwright;
using PayoutService.Payouts;
using PayoutService.Tests.Api.Batches;

namespace PayoutService.WebTests.Ops;

/// <summary>A file of payouts on its way from a browser to the payees, with scripts and without.</summary>
public sealed class BatchWalkTests(Chromium chromium) : BrowserTests(chromium)
{
    private BatchStage Batches => new(Stage);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_uploaded_its_faults_are_read_and_it_is_paid_by_typing_its_total(bool scripts)
    {
        var page = await LogInAsync(scripts, "pay-ops-key");
        await FollowAsync(page, "Batches");

        await UploadAsync(page, Line("walk-1", "1200.00"), Line("walk-2", "34.00"), Line("walk-3", "5.001"));
        await SeeHeadingAsync(page, "1 row cannot be paid.");
        await SeeAsync(page, "allows at most 2 decimal places");
        await FollowAsync(page, "Confirm…");
        await TypeAsync(page, "1200.00", leavesOut: true);
        await SeeAsync(page, "What you typed is not the total of the batch. Nothing was paid.");
        await TypeAsync(page, "1,234.00", leavesOut: false);
        await SeeAsync(page, "Rows have errors: say that they are left out");
        await TypeAsync(page, "1,234.00", leavesOut: true);
        await SeeHeadingAsync(page, "1 of 3 rows are accepted.");
        await Assertions.Expect(page.Locator("progress")).ToHaveAttributeAsync("max", "3");
        await Batches.WorkAsync();
        await Stage.RunAsync(TimeSpan.FromHours(2));
        await FollowAsync(page, "Refresh");

        await SeeHeadingAsync(page, "Every row has its outcome.");
        await Assertions.Expect(page.Locator("dl")).ToContainTextAsync("succeeded");
        Assert.Equal(MoneyMoved.Yes, (await Stage.PayoutAsync("walk-2")).MoneyMoved);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_cannot_be_paid_is_downloaded_corrected_and_uploaded_again(bool scripts)
    {
        var page = await LogInAsync(scripts, "pay-ops-key");
        await FollowAsync(page, "Batches");
        await UploadAsync(page, Line("fix-1", "5.00"), Line("fix-2", "5.001"));

        var download = await page.RunAndWaitForDownloadAsync(() => FollowAsync(page, "Download rows to correct"));
        var file = await File.ReadAllTextAsync(await download.PathAsync());
        await FollowAsync(page, "Batches");
        await SendAsync(page, file.Replace("5.001", "5.01", StringComparison.Ordinal));

        await SeeHeadingAsync(page, "1 payout can be paid.");
        Assert.Contains("fix-2", file, StringComparison.Ordinal);
        Assert.DoesNotContain("fix-1", file, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_batch_is_canceled_with_a_reason(bool scripts)
    {
        var page = await LogInAsync(scripts, "pay-ops-key");
        await FollowAsync(page, "Batches");
        await UploadAsync(page, Line("wrong-1", "5.00"));
        await FollowAsync(page, "Confirm…");
        await TypeAsync(page, "5.00", leavesOut: false);
        await Batches.WorkAsync();

        await FollowAsync(page, "Cancel…");
        await ConfirmAsync(page, "Cancel the batch", "The wrong month was uploaded");
        await SeeHeadingAsync(page, "The batch is being canceled.");
        await Batches.WorkAsync();
        await FollowAsync(page, "To the batch");

        await SeeHeadingAsync(page, "The batch is canceled.");
        Assert.Equal(PayoutStatus.Canceled, (await Stage.PayoutAsync("wrong-1")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_no_table_is_refused_and_another_can_be_sent_at_once(bool scripts)
    {
        var page = await LogInAsync(scripts, "pay-ops-key");
        await FollowAsync(page, "Batches");

        await SendAsync(page, "a;b\n1;2\n");
        await SeeAsync(page, "Nothing was kept. Row 1: the columns are not separated by commas");
        await UploadAsync(page, Line("second-1", "5.00"));

        await SeeHeadingAsync(page, "1 payout can be paid.");
    }

    [Fact]
    public async Task A_bar_shows_how_far_a_file_is()
    {
        var page = await LogInAsync(scripts: true, "pay-ops-key");
        await FollowAsync(page, "Batches");
        var bar = page.Locator("progress");
        TaskCompletionSource goesOn = new();
        await page.RouteAsync("**/ops/batches", async route =>
        {
            await goesOn.Task;
            await route.ContinueAsync();
        });

        await Assertions.Expect(bar).ToBeHiddenAsync();
        await UploadAsync(page, Line("bar-1", "5.00"));
        await Assertions.Expect(bar).ToBeVisibleAsync();
        var button = page.GetByRole(AriaRole.Button, new() { Name = "Upload and check" });
        await Assertions.Expect(button).ToBeDisabledAsync();
        goesOn.SetResult();

        await SeeHeadingAsync(page, "1 payout can be paid.");
    }

    private string Line(string invoiceId, string amount) => Batches.Line(invoiceId, amount);

    private static Task UploadAsync(IPage page, params string[] rows) =>
        SendAsync(page, string.Join('\n', [BatchStage.Header, .. rows, ""]));

    private static async Task SendAsync(IPage page, string file)
    {
        await page.GetByLabel("CSV file in UTF-8").SetInputFilesAsync(new FilePayload
        {
            Name = "payouts.csv",
            MimeType = "text/csv",
            Buffer = Encoding.UTF8.GetBytes(file),
        });
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload and check" }).ClickAsync();
    }

    /// <summary>Types the total on the page that asks for it.</summary>
    private static async Task TypeAsync(IPage page, string total, bool leavesOut)
    {
        await page.GetByLabel("Type the total").FillAsync(total);
        if (leavesOut)
        {
            await page.GetByLabel("Leave out 1 row with errors").CheckAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Pay the batch" }).ClickAsync();
    }
}
