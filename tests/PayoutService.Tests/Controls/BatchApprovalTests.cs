using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Storage.Batches;
using PayoutService.Tests.Api.Batches;
using PayoutService.Tests.Ops;
using PayoutService.Tests.Support;
using PayoutService.Workers;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.Tests.Controls;

/// <summary>Another person approves what is held for approval of a batch, with one call.</summary>
public sealed class BatchApprovalTests(ControlledService service) : IClassFixture<ControlledService>
{
    private readonly BatchStage batches = new(service.Stage);

    private ServiceFixture Stage => service.Stage;

    [Fact]
    public async Task Another_person_approves_all_that_waits_of_a_batch()
    {
        var (batch, rows) = await FinishedAsync("10000.01", "12000.00", "5.00");
        using var approver = Stage.Client("approve-key");

        var (status, done) = await ApproveAsync(batch, approver);
        var (again, problem) = await ApproveAsync(batch, approver);
        await Stage.DispatchAsync();

        Assert.Equal(2, batch.GetProperty("awaitingApproval").GetInt32());
        Assert.Equal((HttpStatusCode.OK, (2, 0, 0, 0)), (status, Counts(done)));
        Assert.Equal((HttpStatusCode.Conflict, "not-awaiting-approval"), (again, Text(problem, "code")));
        Assert.All(rows, row => Assert.NotNull(Stage.Book.Find(row.InvoiceId)));
        var line = (await Stage.EventsAsync(rows[0].InvoiceId)).Single(one => one.Kind is EventKind.Approved);
        Assert.Equal(("approve-key", "The rents of May."), (line.Actor.Name, line.Detail["reason"]));
    }

    /// <summary>The key that asked, and another one of its owner, by each route.</summary>
    [Theory]
    [InlineData("dev-key")]
    [InlineData("dev-key-3")]
    public async Task Who_asked_for_a_batch_approves_nothing_of_it_by_any_route(string key)
    {
        var (batch, rows) = await FinishedAsync("10000.01", "12000.00");
        using var caller = Stage.Client(key);
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");
        using var browser = await OpsStage.LogInAsync(Stage, key);
        var path = $"/ops/batches/{Text(batch, "id")}/approve";
        var form = Operator.FilledIn(await approver.OpenAsync(path), path, "It is the deposit of the flat");
        form["_form"] = (await browser.OpenAsync("/ops/sending/pause?of=main"))
            .HiddenOf("/ops/sending/pause?of=main")["_form"];

        var (whole, problem) = await ApproveAsync(batch, caller);
        var page = await browser.PostAsync(path, form);
        List<string> single = [];
        foreach (var row in rows)
        {
            var payout = await service.ShowAsync(row.Id);
            single.Add(Text((await DecideAsync("approve", payout, caller)).Body, "code"));
        }

        Assert.Equal((HttpStatusCode.Forbidden, "own-request"), (whole, Text(problem, "code")));
        Assert.Equal(HttpStatusCode.Conflict, page.Status);
        Assert.Equal(["own-request", "own-request"], single);
        Assert.All(await HoldsAsync(rows), hold => Assert.Equal(HoldReason.Approval, hold));
    }

    [Fact]
    public async Task Who_changed_a_payee_lately_approves_the_other_rows_only()
    {
        using var other = Stage.Client("dev-key-2");
        var (batch, rows) = await FinishedAsync(
            payee => other.PatchAsJsonAsync($"/v1/payees/{payee}", new { email = $"{Stage.NewKey()}@example.com" }),
            "10000.01", "12000.00");

        var (status, done) = await ApproveAsync(batch, other);
        var (again, _) = await ApproveAsync(batch, other);

        Assert.Equal((HttpStatusCode.OK, (1, 0, 1, 0)), (status, Counts(done)));
        Assert.Equal(HttpStatusCode.Forbidden, again);
        Assert.Equal([HoldReason.Approval, null], await HoldsAsync(rows));
    }

    [Fact]
    public async Task Above_a_second_amount_two_other_people_approve_it()
    {
        var (batch, rows) = await FinishedAsync("10000.01", "50000.01");
        using var first = Stage.Client("approve-key");
        using var second = Stage.Client("approve-key-2");

        var (_, one) = await ApproveAsync(batch, first);
        var (again, problem) = await ApproveAsync(batch, first);
        var between = await HoldsAsync(rows);
        var (_, two) = await ApproveAsync(batch, second);

        Assert.Equal(((2, 1, 0, 0), (1, 0, 0, 0)), (Counts(one), Counts(two)));
        Assert.Equal((HttpStatusCode.Forbidden, "own-request"), (again, Text(problem, "code")));
        Assert.Equal([null, HoldReason.Approval], between);
        Assert.Equal([null, null], await HoldsAsync(rows));
    }

    [Fact]
    public async Task What_changed_since_it_was_asked_for_blocks_the_whole_batch_and_is_shown()
    {
        var (batch, rows) = await FinishedAsync("10000.01", "12000.00");
        var payee = Text(await service.ShowAsync(rows[0].Id), "payeeId");
        await Stage.Api.PatchAsJsonAsync($"/v1/payees/{payee}", new { email = $"{Stage.NewKey()}@example.com" });
        using var approver = Stage.Client("approve-key");

        var (blocked, problem) = await ApproveAsync(batch, approver);
        var held = await HoldsAsync(rows);
        var (stale, _) = await ApproveAsync(batch, approver);
        var (approved, done) = await ApproveAsync(await batches.ShowAsync(Text(batch, "id")), approver);

        Assert.Equal((HttpStatusCode.Conflict, "approval-blocked"), (blocked, Text(problem, "code")));
        Assert.Equal($"{rows[0].InvoiceId}: dev changed the payee", Text(problem, "changes"));
        Assert.Equal([HoldReason.Approval, HoldReason.Approval], held);
        Assert.Contains(await Stage.EventsAsync(rows[0].InvoiceId), line => line.Kind is EventKind.ApprovalBlocked);
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale);
        Assert.Equal((HttpStatusCode.OK, (2, 0, 0, 0)), (approved, Counts(done)));
    }

    [Fact]
    public async Task Payees_and_accounts_are_checked_again()
    {
        var (batch, rows) = await FinishedAsync("10000.01", "12000.00");
        var account = (await Stage.PayoutAsync(rows[0].InvoiceId)).AccountId;
        await TestDatabase.ExecuteAsync(
            Stage.ConnectionString, $"UPDATE accounts SET status = 'pending' WHERE id = '{account}'");
        using var approver = Stage.Client("approve-key");

        var (status, done) = await ApproveAsync(batch, approver);

        Assert.Equal((HttpStatusCode.OK, (1, 0, 0, 1)), (status, Counts(done)));
        Assert.Equal([HoldReason.Approval, null], await HoldsAsync(rows));
    }

    [Fact]
    public async Task A_batch_is_approved_once_it_is_finished_and_by_the_version_that_was_read()
    {
        var file = await FileAsync(_ => Task.CompletedTask, "10000.01");
        var plan = await batches.PlanAsync(file);
        using var confirmed = await batches.ConfirmAsync(plan);
        using (var worker = Stage.Make<BatchWorker>())
        {
            await worker.RunOnceAsync(CancellationToken.None);
        }

        await ReleaseAsync(plan);
        using var approver = Stage.Client("approve-key");
        var running = await batches.ShowAsync(Text(plan, "id"));

        var (early, problem) = await ApproveAsync(running, approver);
        await Stage.AdvanceAsync(BatchStore.Lease + TimeSpan.FromSeconds(1));
        await batches.WorkAsync();
        var (stale, _) = await ApproveAsync(running, approver);
        using var unnamed = await approver.PostAsJsonAsync(
            $"/v1/batches/{Text(plan, "id")}/approve", new { reason = "The rents of May." });
        var (approved, _) = await ApproveAsync(await batches.ShowAsync(Text(plan, "id")), approver);

        Assert.Equal(("running", 1), (Text(running, "status"), running.GetProperty("awaitingApproval").GetInt32()));
        Assert.Equal((HttpStatusCode.Conflict, "not-awaiting-approval"), (early, Text(problem, "code")));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale);
        Assert.Equal((HttpStatusCode)428, unnamed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, approved);
    }

    [Fact]
    public async Task A_batch_is_approved_on_its_page_and_what_changed_is_shown_there()
    {
        var (batch, rows) = await FinishedAsync("10000.01", "12000.00");
        var payee = Text(await service.ShowAsync(rows[1].Id), "payeeId");
        await Stage.Api.PatchAsJsonAsync($"/v1/payees/{payee}", new { email = $"{Stage.NewKey()}@example.com" });
        using var approver = await OpsStage.LogInAsync(Stage, "approve-key");
        var page = $"/ops/batches/{Text(batch, "id")}";

        var shown = await approver.OpenAsync(page);
        var asked = await approver.OpenAsync($"{page}/approve");
        var blocked = await approver.ConfirmAsync($"{page}/approve", "They are the rents of May");
        var done = await approver.ConfirmAsync($"{page}/approve", "They are the rents of May");
        var again = await approver.OpenAsync($"{page}/approve");

        Assert.Contains($"{page}/approve", shown.Links);
        Assert.Contains("2 payouts, 22,000.01 USD", asked.Text, StringComparison.Ordinal);
        Assert.Contains(
            $"{rows[1].InvoiceId}: Changed since it was asked for: dev changed the payee", asked.Text,
            StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Conflict, "What it pays has changed."), (blocked.Status, blocked.Heading));
        Assert.Equal((HttpStatusCode.OK, "Your approval is recorded."), (done.Status, done.Heading));
        Assert.Contains("2 payouts approved.", done.Text, StringComparison.Ordinal);
        Assert.Contains("None of its payouts waits for approval.", again.Text, StringComparison.Ordinal);
        Assert.Contains("They are the rents of May", (await approver.OpenAsync("/ops/audit")).Text,
            StringComparison.Ordinal);
    }

    private static (int Approved, int NeedAnother, int Yours, int NotPayable) Counts(JsonElement done) => (
        done.GetProperty("approved").GetInt32(), done.GetProperty("needAnother").GetInt32(),
        done.GetProperty("yours").GetInt32(), done.GetProperty("notPayable").GetInt32());

    internal static async Task<(HttpStatusCode Status, JsonElement Body)> ApproveAsync(
        JsonElement batch, HttpClient caller)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/batches/{Text(batch, "id")}/approve")
        {
            Content = JsonContent.Create(new { reason = "The rents of May." }),
        };
        request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{batch.GetProperty("version").GetInt32()}\""));
        using var answer = await caller.SendAsync(request);
        return (answer.StatusCode, await ServiceFixture.Answer(answer));
    }

    private Task<(JsonElement Batch, (string Id, string InvoiceId)[] Rows)> FinishedAsync(params string[] amounts) =>
        FinishedAsync(_ => Task.CompletedTask, amounts);

    /// <summary>A batch of payouts to old accounts of payees of their own, which wait for approval if they are large,
    /// and for nothing else.</summary>
    private async Task<(JsonElement Batch, (string Id, string InvoiceId)[] Rows)> FinishedAsync(
        Func<string, Task> change, params string[] amounts)
    {
        var plan = await batches.PlanAsync(await FileAsync(change, amounts));
        var done = await batches.PayAsync(plan);
        Assert.Equal("finished", Text(done, "status"));
        var rows = await ReleaseAsync(plan);
        return (await batches.ShowAsync(Text(plan, "id")), rows);
    }

    /// <param name="change">What becomes of the first payee a while before.</param>
    /// <param name="amounts">The amount of each row.</param>
    private async Task<string> FileAsync(Func<string, Task> change, params string[] amounts)
    {
        List<(string Payee, string Account)> payees = [];
        foreach (var _ in amounts)
        {
            payees.Add(await service.PayeeAsync(TimeSpan.Zero));
        }

        await Stage.AdvanceAsync(TimeSpan.FromDays(30));
        await change(payees[0].Payee);
        await Stage.AdvanceAsync(TimeSpan.FromDays(10));
        return string.Join('\n', [
            BatchStage.Header,
            .. amounts.Zip(payees).Select(row => $"{Stage.NewKey("row")},{row.Second.Account},{row.First},USD"),
            ""]);
    }

    /// <summary>Releases first payouts of a batch, and answers all of it in the order of its rows.</summary>
    private async Task<(string Id, string InvoiceId)[]> ReleaseAsync(JsonElement batch)
    {
        using var operators = Stage.Client("ops-key");
        var list = await ServiceFixture.Answer(await Stage.Api.GetAsync($"/v1/payouts?batchId={Text(batch, "id")}"));
        var payouts = list.GetProperty("data").EnumerateArray().ToDictionary(payout => Text(payout, "invoiceId"));
        foreach (var payout in payouts.Values)
        {
            await DecideAsync("release", payout, operators);
        }

        var rows = await ServiceFixture.Answer(await Stage.Api.GetAsync($"/v1/batches/{Text(batch, "id")}/rows"));
        return
        [
            .. rows.GetProperty("data").EnumerateArray()
                .Select(row => payouts[Text(row.GetProperty("cells"), "invoiceId")])
                .Select(payout => (Text(payout, "id"), Text(payout, "invoiceId"))),
        ];
    }

    private async Task<HoldReason?[]> HoldsAsync((string Id, string InvoiceId)[] rows)
    {
        List<HoldReason?> holds = [];
        foreach (var row in rows)
        {
            holds.Add((await Stage.PayoutAsync(row.InvoiceId)).HoldReason);
        }

        return [.. holds];
    }
}
