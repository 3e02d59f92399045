using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.Tests.Journeys;

/// <summary>Explain and pauses tell the truth: who paused, what blocks, and which statements contradict each other.
/// </summary>
public sealed class PauseTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_second_pause_by_hand_is_refused_and_loses_no_reason()
    {
        await PauseAsync("Moving the balance");

        var second = await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Audit" });

        var problem = await ServiceFixture.Answer(second);
        Assert.Equal((HttpStatusCode.Conflict, "already-paused"), (second.StatusCode, Text(problem, "code")));
        Assert.Contains("Moving the balance", Text(problem, "detail"), Ordinal);
        Assert.Equal("Moving the balance", Text(await SendingAsync(), "reason"));
    }

    [Fact]
    public async Task A_pause_of_Pockyts_names_its_payout_stands_beside_ours_and_resuming_names_both()
    {
        var denied = await stage.PayAsync();
        await DenyAsync(denied);
        await stage.DispatchAsync();
        await PauseAsync("Audit");

        var sending = await SendingAsync();
        var resumed = await ServiceFixture.Answer(await stage.Api.PostAsync("/v1/sending/resume", null));

        var pauses = sending.GetProperty("pauses").EnumerateArray().ToList();
        Assert.Equal(["pockyt", "operator"], pauses.Select(pause => Text(pause, "kind")));
        Assert.Equal(await LinkAsync(denied), Text(pauses[0], "causedBy"));
        Assert.Equal(["pockyt", "operator"],
            resumed.GetProperty("ended").EnumerateArray().Select(pause => Text(pause, "kind")));
        Assert.False(resumed.GetProperty("paused").GetBoolean());
    }

    [Fact]
    public async Task What_paused_sending_stays_held_on_resume_and_is_tried_after_all_others()
    {
        var denied = await stage.PayAsync();
        await DenyAsync(denied, times: 2);
        await stage.DispatchAsync();
        var waiting = await stage.PayAsync();

        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.ReconcileAsync();
        var afterResume = (await stage.PayoutAsync(denied)).Status;
        await stage.RunAsync(TimeSpan.FromHours(2));

        Assert.Equal(PayoutStatus.Held, afterResume);
        Assert.Single(stage.Book.PayoutsOf(waiting));
        Assert.Equal(2, stage.Book.ArrivalsOf(denied).Count);
        Assert.Equal(await LinkAsync(denied), Text((await SendingAsync()).GetProperty("pauses")[0], "causedBy"));
    }

    [Fact]
    public async Task Two_that_paused_sending_do_not_wait_for_each_other()
    {
        foreach (var invoiceId in new[] { await stage.PayAsync("1.00"), await stage.PayAsync("2.00") })
        {
            await DenyAsync(invoiceId);
            await stage.DispatchAsync();
            await stage.Api.PostAsync("/v1/sending/resume", null);
        }

        await stage.RunAsync(TimeSpan.FromHours(4));
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.RunAsync(TimeSpan.FromHours(4));

        Assert.Equal(2, stage.Book.Payouts.Count);
    }

    [Fact]
    public async Task While_sending_is_paused_explain_says_who_why_and_since_when()
    {
        await PauseAsync("Moving the balance");
        var invoiceId = await stage.PayAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));

        var explain = await ExplainAsync(invoiceId);
        await stage.Api.PostAsync("/v1/sending/resume", null);
        await stage.DispatchAsync();
        var after = await ExplainAsync(invoiceId);

        var blocker = explain.GetProperty("blockedBy");
        Assert.Equal(("paused", "operations"), (Text(explain, "cause"), Text(explain, "owner")));
        Assert.Equal(("pause", "/v1/sending", "dev", "Moving the balance"),
            (Text(blocker, "kind"), Text(blocker, "link"), Text(blocker, "by"), Text(blocker, "reason")));
        Assert.False(blocker.TryGetProperty("ahead", out _));
        Assert.True(explain.GetProperty("overdue").GetBoolean());
        Assert.Contains("dev paused it on", Text(explain, "why"), Ordinal);
        Assert.False(after.TryGetProperty("blockedBy", out _));
    }

    [Fact]
    public async Task A_contradiction_is_explained_first_with_both_statements_and_their_times()
    {
        var invoiceId = await stage.PayAsync("500.04");
        await stage.DispatchAsync();
        var payout = await stage.PayoutAsync(invoiceId);
        await TellAsync(payout, new Report(ReportKind.Refused, Source.Inquiry) { ProviderStatus = "failed" });
        var failed = await stage.PayoutAsync(invoiceId);
        await stage.AdvanceAsync(TimeSpan.FromHours(1));
        await TellAsync(failed, new Report(ReportKind.Settled, Source.Notice) { ProviderStatus = "success" });

        var explain = await ExplainAsync(invoiceId);

        Assert.Equal("contradiction", Text(explain, "cause"));
        Assert.StartsWith("Two reports about it cannot both be true.", Text(explain, "why"), Ordinal);
        var told = explain.GetProperty("statements").EnumerateArray().ToList();
        Assert.Equal(
            [
                ("Pockyt's answer to our question", "says that it was not executed (failed)"),
                ("a notice signed as Pockyt", "says that it was paid (success)"),
            ],
            told.Select(one => (Text(one, "by"), Text(one, "said"))));
        Assert.True(told[1].GetProperty("at").GetDateTimeOffset() - told[0].GetProperty("at").GetDateTimeOffset()
            >= TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task No_call_of_an_operator_is_filled_in()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));

        var filled = (
            from path in document.GetProperty("paths").EnumerateObject()
            from call in path.Value.EnumerateObject()
            where call.Value.TryGetProperty("description", out var about)
                && about.GetString()!.Contains("scope `ops`", Ordinal)
                && call.Value.TryGetProperty("requestBody", out _)
            from content in call.Value.GetProperty("requestBody").GetProperty("content").EnumerateObject()
            where content.Name is "application/json"
            from member in content.Value.GetProperty("example").EnumerateObject()
            where member.Value.ValueKind is JsonValueKind.String
            select (path.Name, Words: member.Value.GetString())).ToList();

        Assert.NotEmpty(filled);
        Assert.All(filled, one => Assert.Equal((one.Name, ""), one));
    }

    [Fact]
    public void Every_cause_has_a_word_of_its_own_a_sentence_an_owner_and_an_action()
    {
        List<Cause> all = [.. Cause.All, .. Cause.OfService];

        Assert.Equal(all.Count, all.Select(cause => cause.Word).Distinct().Count());
        Assert.All(all, cause => Assert.EndsWith(".", cause.Sentence));
        Assert.All(all, cause => Assert.EndsWith(".", cause.Action));
        Assert.Equal(
            typeof(Cause).GetFields().Where(field => field.FieldType == typeof(Cause))
                .Select(field => (Cause)field.GetValue(null)!).ToHashSet(),
            all.ToHashSet());
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private Task PauseAsync(string reason) => stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason });

    private async Task<JsonElement> SendingAsync() =>
        await ServiceFixture.Answer(await stage.Api.GetAsync("/v1/sending"));

    private async Task TellAsync(Payout payout, Report report) =>
        await stage.Reports.RecordAsync(payout, report, CancellationToken.None);

    private async Task<string> LinkAsync(string invoiceId) =>
        $"/v1/payouts/{PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id)}";

    private async Task<JsonElement> ExplainAsync(string invoiceId) =>
        (await ServiceFixture.Answer(await stage.Api.GetAsync(await LinkAsync(invoiceId)))).GetProperty("explain");

    private Task DenyAsync(string invoiceId, int times = 1) => stage.Control.PostAsJsonAsync(
        "/simulator/faults",
        new
        {
            call = "pay",
            invoiceId,
            times,
            execute = false,
            answer = new { kind = "ret", code = "000030", message = "denied" },
        });
}
