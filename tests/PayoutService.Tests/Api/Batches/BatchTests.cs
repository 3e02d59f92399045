using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Batches;
using PayoutService.Tests.Support;
using PayoutService.Workers;
using static PayoutService.Tests.Api.Batches.BatchStage;

namespace PayoutService.Tests.Api.Batches;

/// <summary>Many payouts that are checked, confirmed, followed and canceled together.</summary>
public sealed class BatchTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private readonly BatchStage batches = new(stage);

    [Fact]
    public async Task A_file_is_planned_confirmed_by_its_total_and_paid()
    {
        var prefix = stage.NewKey("csv");
        var (_, account) = await stage.RegisterAsync();
        var file = $""""
            invoiceId,accountId,amount,currency,description,note,executeAt,metadata.team
            {prefix}-0,{account},12.00,USD,"Fees, November",,,core
            {prefix}-1,{account},13.00,USD,"He said ""yes""",ours,,

            """";

        var plan = await batches.PlanAsync(file);
        var done = await batches.PayAsync(plan);
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(("planned", "csv"), (Text(plan, "status"), Text(plan, "source")));
        Assert.Equal((2, 0, 0), (Number(plan, "rows"), Number(plan, "errors"), Number(plan, "warnings")));
        Assert.Equal("25.00", Text(plan.GetProperty("totals"), "USD"));
        Assert.Equal(("finished", 2), (Text(done, "status"), Number(done, "done")));
        var payout = await stage.PayoutAsync($"{prefix}-0");
        Assert.Equal(("Fees, November", "core"), (payout.Description, payout.Metadata["team"]));
        Assert.Equal("He said \"yes\"", (await stage.PayoutAsync($"{prefix}-1")).Description);
        Assert.Equal(MoneyMoved.Yes, payout.MoneyMoved);
        var shown = await batches.ShowAsync(Text(plan, "id"));
        Assert.Equal(2, Number(shown.GetProperty("payoutsByStatus"), "succeeded"));
        Assert.Equal(2, Number(shown.GetProperty("rowsByOutcome"), "created"));
        var list = await ServiceFixture.Answer(await stage.Api.GetAsync($"/v1/payouts?batchId={Text(plan, "id")}"));
        Assert.Equal(2, list.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_JSON_body_is_planned_confirmed_and_paid()
    {
        var prefix = stage.NewKey("json");
        var payouts = Enumerable.Range(0, 3)
            .Select(at => Example.Payout(stage.AccountId, $"{prefix}-{at}", $"{at + 1}.00")).ToArray();
        payouts[0]["subject"] = "Your fees";
        payouts[1]["metadata"] = new Dictionary<string, string> { ["team"] = "core" };

        var plan = await batches.PlannedAsync(await stage.Api.PostAsJsonAsync("/v1/batches", new { payouts }));
        var done = await batches.PayAsync(plan);
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal("6.00", Text(plan.GetProperty("totals"), "USD"));
        Assert.Equal("finished", Text(done, "status"));
        Assert.Equal("Your fees", (await stage.PayoutAsync($"{prefix}-0")).Subject);
        Assert.Equal("core", (await stage.PayoutAsync($"{prefix}-1")).Metadata["team"]);
        Assert.All(payouts, payout => Assert.Single(stage.Book.PayoutsOf((string)payout["invoiceId"]!)));
    }

    [Fact]
    public async Task When_a_worker_dies_in_the_middle_another_goes_on_and_pays_nothing_twice()
    {
        var prefix = stage.NewKey("crash");
        var plan = await batches.PlanAsync(batches.File(prefix, 600));
        using var confirmed = await batches.ConfirmAsync(plan);
        using (var first = stage.Make<BatchWorker>())
        {
            await first.RunOnceAsync(CancellationToken.None);
        }

        // It died before it wrote down what it had accepted last.
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString,
            "UPDATE batch_rows SET outcome = 'pending', payout_id = NULL "
            + $"WHERE batch_id = '{IdOf(plan)}' AND no <= 101");
        using var second = stage.Make<BatchWorker>();
        var tooEarly = await second.RunOnceAsync(CancellationToken.None);
        await stage.AdvanceAsync(BatchStore.Lease + TimeSpan.FromSeconds(1));
        while (await second.RunOnceAsync(CancellationToken.None))
        {
        }

        Assert.False(tooEarly);
        var done = await batches.ShowAsync(Text(plan, "id"));
        Assert.Equal("finished", Text(done, "status"));
        Assert.Equal(600, Number(done.GetProperty("rowsByOutcome"), "created"));
        Assert.Equal(600, await CountAsync(plan));
    }

    [Fact]
    public async Task The_same_file_again_pays_nothing()
    {
        var file = batches.File(stage.NewKey("again"), 5);
        await batches.PayAsync(await batches.PlanAsync(file));

        var again = await batches.PlanAsync(file);
        using var refused = await batches.ConfirmAsync(again);
        var done = await batches.PayAsync(again, "?onErrors=skip");

        Assert.Equal(5, Number(again, "errors"));
        Assert.Equal([("paid-before", "invoiceId", 2)], FaultsOf(again));
        Assert.Equal("batch-has-errors", Text(await ServiceFixture.Answer(refused), "code"));
        Assert.Equal(("finished", 5), (Text(done, "status"), Number(done.GetProperty("rowsByOutcome"), "skipped")));
        Assert.Equal(0, await CountAsync(again));
    }

    /// <summary>Both were planned before either was paid.</summary>
    [Fact]
    public async Task Of_two_plans_with_the_same_rows_only_one_pays()
    {
        var prefix = stage.NewKey("twice");
        var first = await batches.PlanAsync(batches.File(prefix, 5));
        var second = await batches.PlanAsync(batches.File(prefix, 5));

        await batches.PayAsync(first);
        var done = await batches.PayAsync(second);

        Assert.Equal(5, Number(done.GetProperty("rowsByOutcome"), "replayed"));
        Assert.Equal((5, 0), (await CountAsync(first), await CountAsync(second)));
    }

    [Fact]
    public async Task A_confirmation_with_another_total_pays_nothing()
    {
        var plan = await batches.PlanAsync(batches.File(stage.NewKey("totals"), 2));

        Dictionary<string, string>[] wrong =
        [
            [], new() { ["USD"] = "10.00" }, new() { ["USD"] = "11.00", ["EUR"] = "1.00" }, new() { ["EUR"] = "11.00" },
            new() { ["usd"] = "11.00" }, new() { ["USD"] = "11,00" },
        ];
        var right = new Dictionary<string, string> { ["USD"] = "11" };
        foreach (var totals in wrong)
        {
            using var refused = await batches.ConfirmAsync(plan, totals: totals);
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Equal("totals-differ", Text(await ServiceFixture.Answer(refused), "code"));
        }

        await batches.WorkAsync();
        Assert.Equal("planned", Text(await batches.ShowAsync(Text(plan, "id")), "status"));
        Assert.Equal(0, await CountAsync(plan));
        using var confirmed = await batches.ConfirmAsync(plan, totals: right);
        using var again = await batches.ConfirmAsync(plan, totals: right);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (confirmed.StatusCode, again.StatusCode));
        await batches.WorkAsync();
    }

    [Fact]
    public async Task Rows_with_errors_are_left_out_when_the_confirmation_says_so_and_stand_in_a_file()
    {
        var prefix = stage.NewKey("skip");
        var file = string.Join('\n', Header, batches.Line($"{prefix}-0"), batches.Line($"{prefix}-1", "5.001"), "");
        var plan = await batches.PlanAsync(file);

        using var refused = await batches.ConfirmAsync(plan);
        var corrected = await stage.Api.GetStringAsync($"/v1/batches/{Text(plan, "id")}/corrected.csv");
        var done = await batches.PayAsync(plan, "?onErrors=skip");
        var repaired = await batches.PlanAsync(corrected.Replace("5.001", "5.01", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("5.00", Text(plan.GetProperty("totals"), "USD"));
        Assert.Equal((1, 1), (
            Number(done.GetProperty("rowsByOutcome"), "created"),
            Number(done.GetProperty("rowsByOutcome"), "skipped")));
        Assert.Equal(2, corrected.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal((1, 0), (Number(repaired, "rows"), Number(repaired, "errors")));
    }

    [Fact]
    public async Task A_canceled_batch_pays_no_more_and_cancels_what_was_not_sent()
    {
        var prefix = stage.NewKey("cancel");
        var plan = await batches.PlanAsync(batches.File(prefix, 300));
        using var confirmed = await batches.ConfirmAsync(plan);
        using (var worker = stage.Make<BatchWorker>())
        {
            await worker.RunOnceAsync(CancellationToken.None);
            using var canceled = await stage.Api.PostAsync($"/v1/batches/{Text(plan, "id")}/cancel", null);
            Assert.Equal("canceling", Text(await ServiceFixture.Answer(canceled), "status"));
            while (await worker.RunOnceAsync(CancellationToken.None))
            {
            }
        }

        await stage.RunAsync(TimeSpan.FromMinutes(1));

        var shown = await batches.ShowAsync(Text(plan, "id"));
        Assert.Equal("canceled", Text(shown, "status"));
        Assert.Equal(256, Number(shown.GetProperty("payoutsByStatus"), "canceled"));
        Assert.Equal(44, Number(shown.GetProperty("rowsByOutcome"), "canceled"));
        Assert.Null(stage.Book.Find($"{prefix}-0"));
    }

    [Fact]
    public async Task A_plan_that_nobody_confirms_is_deleted_after_seven_days()
    {
        var plan = await batches.PlanAsync(batches.File(stage.NewKey("old"), 2));

        await stage.AdvanceAsync(TimeSpan.FromDays(6.9));
        await stage.Get<BatchStore>().ExpireAsync();
        using var before = await stage.Api.GetAsync($"/v1/batches/{Text(plan, "id")}");
        await stage.AdvanceAsync(TimeSpan.FromDays(0.2));
        await stage.Get<BatchStore>().ExpireAsync();
        using var after = await stage.Api.GetAsync($"/v1/batches/{Text(plan, "id")}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (before.StatusCode, after.StatusCode));
        Assert.Equal(
            TimeSpan.FromDays(7),
            plan.GetProperty("expiresAt").GetDateTimeOffset() - plan.GetProperty("createdAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task What_the_balance_does_not_cover_waits_and_does_not_fail()
    {
        var prefix = stage.NewKey("short");
        await SetBalanceAsync("7.00");
        var plan = await batches.PlanAsync(batches.File(prefix, 2));
        var done = await batches.PayAsync(plan);
        await stage.DispatchAsync();
        var waiting = await batches.ShowAsync(Text(plan, "id"));
        await SetBalanceAsync("1000000.00");
        await stage.RunAsync(TimeSpan.FromHours(2));

        Assert.Equal("-4.00", Text(plan.GetProperty("balancesAfter"), "USD"));
        Assert.Equal("finished", Text(done, "status"));
        Assert.Equal(1, Number(waiting.GetProperty("payoutsByStatus"), "held"));
        var paid = await batches.ShowAsync(Text(plan, "id"));
        Assert.Equal(2, Number(paid.GetProperty("payoutsByStatus"), "succeeded"));
    }

    [Fact]
    public async Task A_large_file_is_planned_by_the_worker()
    {
        using var answer = await batches.SendAsync(batches.File(stage.NewKey("large"), 1_001));
        var sent = await ServiceFixture.Answer(answer);
        var plan = await batches.PlannedAsync(answer);

        Assert.Equal(("planning", "planned"), (Text(sent, "status"), Text(plan, "status")));
        Assert.Equal(1_001, Number(plan, "rows"));
        await stage.Api.PostAsync($"/v1/batches/{Text(plan, "id")}/cancel", null);
        await batches.WorkAsync();
    }

    [Fact]
    public async Task Rows_are_read_page_by_page()
    {
        var prefix = stage.NewKey("rows");
        var file = string.Join(
            '\n', [Header, .. Enumerable.Range(0, 5).Select(at => batches.Line($"{prefix}-{at}", "x"))]);
        var plan = await batches.PlanAsync(file);

        List<int> seen = [];
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await ServiceFixture.Answer(await stage.Api.GetAsync(
                $"/v1/batches/{Text(plan, "id")}/rows?withFaults=true&limit=2{cursor}"));
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(row => Number(row, "row")));
            cursor = page.TryGetProperty("nextCursor", out var next) && next.GetString() is { } text
                ? $"&cursor={Uri.EscapeDataString(text)}" : null;
        }

        Assert.Equal([2, 3, 4, 5, 6], seen);
    }

    [Fact]
    public async Task Subscribers_are_told_that_a_batch_is_planned_and_finished()
    {
        var done = await batches.PayAsync(await batches.PlanAsync(batches.File(stage.NewKey("told"), 2)));
        while (await stage.FeedWriter.RunOnceAsync(CancellationToken.None))
        {
        }

        var told = await ServiceFixture.Answer(await stage.Api.GetAsync("/v1/events?limit=1000"));
        var types = told.GetProperty("data").EnumerateArray()
            .Where(one => one.GetProperty("data").TryGetProperty("object", out var about)
                && about.TryGetProperty("id", out var id) && id.GetString() == Text(done, "id"))
            .Select(one => Text(one, "type"));

        Assert.Equal(["batch.planned", "batch.finished"], types);
    }

    [Fact]
    public async Task Another_merchant_finds_no_batch()
    {
        var plan = await batches.PlanAsync(batches.File(stage.NewKey("whose"), 1));
        using var other = stage.Client("other-key");

        foreach (var path in new[] { "", "/rows", "/corrected.csv" })
        {
            using var answer = await other.GetAsync($"/v1/batches/{Text(plan, "id")}{path}");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        using var canceled = await other.PostAsync($"/v1/batches/{Text(plan, "id")}/cancel", null);
        Assert.Equal(HttpStatusCode.NotFound, canceled.StatusCode);
    }

    private async Task SetBalanceAsync(string balance)
    {
        using var answer = await stage.Control.PostAsJsonAsync(
            "/simulator/balance",
            new { currency = "USD", amount = decimal.Parse(balance, CultureInfo.InvariantCulture) });
        answer.EnsureSuccessStatusCode();
    }

    private static Guid IdOf(JsonElement batch) =>
        PayoutService.Views.PublicId.TryParse("bat_", Text(batch, "id"), out var id) ? id : Guid.Empty;

    private async Task<int> CountAsync(JsonElement batch)
    {
        var id = IdOf(batch);
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Payouts.CountAsync(row => row.BatchId == id);
    }
}
