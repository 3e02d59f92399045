using System.Net;
using System.Text;
using PayoutService.Tests.Support;
using PayoutService.Workers;

namespace PayoutService.Tests.Ops;

/// <summary>Batches on the pages, in a browser without JavaScript.</summary>
public sealed class BatchPagesTests : IAsyncLifetime
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private readonly ServiceFixture stage = OpsStage.Make();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_file_is_uploaded_read_confirmed_by_typing_its_total_and_followed()
    {
        using var browser = await OpsStage.LogInAsync(stage, "pay-ops-key");
        var plan = await UploadAsync(browser, $"{Row("page-1", "1200.00")}\n{Row("page-2", "34.00")}");

        var asked = await browser.OpenAsync($"{plan.Address}/confirm");
        var wrong = await browser.PostAsync($"{plan.Address}/confirm", Typed(asked, plan, "1200.00"));
        var right = await browser.PostAsync($"{plan.Address}/confirm", Typed(wrong, plan, "1,234.00"));
        await WorkAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(1));
        var paid = await browser.OpenAsync(plan.Address);

        Assert.Equal("2 payouts can be paid.", plan.Heading);
        Assert.Contains("Total 1,234.00 USD", plan.Text, Ordinal);
        Assert.Contains("What you typed is not the total", wrong.Text, Ordinal);
        Assert.Equal(plan.Address, right.Address);
        Assert.Equal("Every row has its outcome.", paid.Heading);
        Assert.Contains("succeeded 2", paid.Text, Ordinal);
        Assert.Single(stage.Book.PayoutsOf("page-1"));
        var audit = (await browser.OpenAsync("/ops/audit")).Text;
        Assert.Contains("uploaded", audit, Ordinal);
        Assert.Contains("confirmed", audit, Ordinal);
    }

    [Fact]
    public async Task Faults_are_shown_by_cause_and_row_and_left_out_only_when_said_so()
    {
        using var browser = await OpsStage.LogInAsync(stage, "pay-ops-key");
        var plan = await UploadAsync(browser, $"{Row("fault-1", "5.00")}\n{Row("fault-2", "5.001")}");

        var asked = await browser.OpenAsync($"{plan.Address}/confirm");
        var refused = await browser.PostAsync($"{plan.Address}/confirm", Typed(asked, plan, "5.00"));
        var form = Typed(refused, plan, "5.00");
        form["skip"] = "yes";
        var done = await browser.PostAsync($"{plan.Address}/confirm", form);
        var corrected = await browser.OpenAsync($"{plan.Address}/corrected.csv");
        await WorkAsync();

        Assert.Equal("1 row cannot be paid.", plan.Heading);
        Assert.Contains("validation-failed amount 1 3", plan.Text, Ordinal);
        Assert.Contains("Rows have errors", refused.Text, Ordinal);
        Assert.Equal(plan.Address, done.Address);
        Assert.Contains("fault-2", corrected.Html, Ordinal);
        Assert.DoesNotContain("fault-1", corrected.Html, Ordinal);
    }

    [Theory]
    [InlineData("a;b", "Row 1: the columns are not separated by commas")]
    [InlineData("invoiceId,amount,currency\n1,2,USD", "Row 1: accountId is missing")]
    [InlineData("invoiceId,accountId,amount,currency\n", "no row after its header")]
    [InlineData("", "Choose a CSV file first.")]
    public async Task A_file_that_is_no_table_of_payouts_is_refused_on_the_page(string file, string sentence)
    {
        using var browser = await OpsStage.LogInAsync(stage, "pay-ops-key");

        var refused = await SendAsync(browser, file);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(sentence, refused.Text, Ordinal);
        Assert.Contains("There are no batches.", refused.Text, Ordinal);
    }

    [Fact]
    public async Task A_batch_is_canceled_with_a_reason()
    {
        using var browser = await OpsStage.LogInAsync(stage, "pay-ops-key");
        var plan = await UploadAsync(browser, Row("cancel-1", "5.00"));

        var done = await browser.ConfirmAsync($"{plan.Address}/cancel", "The wrong month was uploaded");
        await WorkAsync();
        var again = await browser.OpenAsync($"{plan.Address}/cancel");

        Assert.Equal("The batch is being canceled.", done.Heading);
        Assert.Equal("The batch is canceled.", (await browser.OpenAsync(plan.Address)).Heading);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
    }

    [Fact]
    public async Task An_operator_without_the_scope_to_pay_uploads_and_confirms_nothing()
    {
        using var payer = await OpsStage.LogInAsync(stage, "pay-ops-key");
        using var browser = await OpsStage.LogInAsync(stage, "ops-key");
        var plan = await UploadAsync(payer, Row("scope-1", "5.00"));

        var refused = await SendAsync(browser, $"invoiceId,accountId,amount,currency\n{Row("scope-2", "5.00")}");
        var seen = await browser.OpenAsync($"{plan.Address}/confirm");
        var form = new Dictionary<string, string>
        {
            ["_form"] = await TokenAsync(browser),
            ["total-USD"] = "5.00",
        };
        var confirmed = await browser.PostAsync($"{plan.Address}/confirm", form);

        Assert.Contains("Your key lacks the scope payouts:write.", refused.Text, Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, seen.Status);
        Assert.Equal(HttpStatusCode.Conflict, confirmed.Status);
        Assert.Equal("1 payout can be paid.", (await payer.OpenAsync(plan.Address)).Heading);
    }

    private string Row(string invoiceId, string amount) => $"{invoiceId},{stage.AccountId},{amount},USD";

    private static Dictionary<string, string> Typed(OpsPage page, OpsPage plan, string total)
    {
        var form = page.HiddenOf($"{plan.Address}/confirm");
        form["total-USD"] = total;
        return form;
    }

    private async Task WorkAsync()
    {
        using var worker = stage.Make<BatchWorker>();
        while (await worker.RunOnceAsync(CancellationToken.None))
        {
        }
    }

    private static async Task<OpsPage> UploadAsync(Operator browser, string rows)
    {
        var page = await SendAsync(browser, $"invoiceId,accountId,amount,currency\n{rows}\n");
        Assert.StartsWith("/ops/batches/bat_", page.Address, Ordinal);
        return page;
    }

    private static async Task<OpsPage> SendAsync(Operator browser, string file)
    {
        var token = await TokenAsync(browser);
        using var form = new MultipartFormDataContent
        {
            { new StringContent(token), "_form" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "file", "payouts.csv" },
        };
        using var answer = await browser.Http.PostAsync("/ops/batches", form);
        return answer.Headers.Location is { } location
            ? await browser.OpenAsync(location.ToString())
            : new OpsPage(answer.StatusCode, "/ops/batches", await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> TokenAsync(Operator browser) =>
        (await browser.OpenAsync("/ops/batches")).Html.Split("name=\"_form\" value=\"")[1].Split('"')[0];
}
