using System.Net;
using System.Net.Http.Json;
using PayoutService.Storage.Batches;
using PayoutService.Tests.Support;
using static PayoutService.Tests.Api.Batches.BatchStage;

namespace PayoutService.Tests.Api.Batches;

/// <summary>Batches that pay again what came back.</summary>
public sealed class PayAgainBatchTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private readonly BatchStage batches = new(stage);

    [Fact]
    public async Task What_came_back_is_paid_again_once_by_a_batch()
    {
        var (returned, body) = await ReturnedAsync("41.02", "42.02");
        var plan = await batches.PlannedAsync(await stage.Api.PostAsJsonAsync("/v1/batches", body));
        var done = await batches.PayAsync(plan);
        using var again = await stage.Api.PostAsJsonAsync("/v1/batches", body);

        Assert.Equal(("payAgain", "83.04"), (Text(plan, "source"), Text(plan.GetProperty("totals"), "USD")));
        Assert.Equal(2, Number(done.GetProperty("rowsByOutcome"), "created"));
        Assert.NotNull((await stage.PayoutAsync($"{returned[0]}-r2")).Replaces);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }

    /// <summary>As long as its process does not know the last restore, nothing is replaced.</summary>
    [Fact]
    public async Task While_a_restore_is_not_noted_its_rows_wait_and_are_not_refused()
    {
        var (returned, body) = await ReturnedAsync("43.02", "44.02");
        var plan = await batches.PlannedAsync(await stage.Api.PostAsJsonAsync("/v1/batches", body));
        var marker = stage.Rules.RestoreMarker;

        stage.Rules.RestoreMarker += "'";
        var waiting = await batches.PayAsync(plan);
        stage.Rules.RestoreMarker = marker;
        await stage.AdvanceAsync(BatchStore.Lease + TimeSpan.FromSeconds(1));
        await batches.WorkAsync();

        Assert.Equal(("running", 0), (Text(waiting, "status"), Number(waiting, "done")));
        Assert.Equal(2, Number(waiting.GetProperty("rowsByOutcome"), "pending"));
        var done = await batches.ShowAsync(Text(plan, "id"));
        Assert.Equal(("finished", 2), (Text(done, "status"), Number(done, "done")));
        Assert.Equal(2, Number(done.GetProperty("rowsByOutcome"), "created"));
        Assert.NotNull((await stage.PayoutAsync($"{returned[1]}-r2")).Replaces);
    }

    /// <summary>Pays so much, which comes back, and makes the body that pays it again.</summary>
    private async Task<(string[] Returned, object Body)> ReturnedAsync(params string[] amounts)
    {
        var createdFrom = stage.Clock.GetUtcNow();
        List<string> returned = [];
        foreach (var amount in amounts)
        {
            returned.Add(await stage.PayAsync(amount));
        }

        await stage.RunAsync(TimeSpan.FromDays(1));
        var createdTo = stage.Clock.GetUtcNow() + TimeSpan.FromSeconds(1);
        return ([.. returned], new { payAgain = new { reason = "The bank was closed.", createdFrom, createdTo } });
    }
}
