using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Batches;
using PayoutService.Tests.Support;
using PayoutService.UseCases.Batches;
using static PayoutService.Tests.Api.Batches.BatchStage;

namespace PayoutService.Tests.Api.Batches;

/// <summary>A process stalls for longer than its lease, and comes back when another has gone on with its batch.
/// </summary>
public sealed class BatchLeaseTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private readonly BatchStage batches = new(stage);

    private BatchStore Store => stage.Get<BatchStore>();

    [Fact]
    public async Task A_plan_that_comes_late_pays_no_row_that_was_left_out()
    {
        var prefix = stage.NewKey("late");
        var plan = await batches.PlanAsync(string.Join('\n', [
            $"{Header},note", $"{batches.Line($"{prefix}-0")},", $"{batches.Line($"{prefix}-1", "6.00")},test", ""]));
        var late = (await FindAsync(plan))!;
        (late.Status, late.LeasedBy) = (BatchStatus.Planning, Somebody());
        var rows = await Store.RowsAsync(late.Id, after: 0, most: 10);
        using var confirmed = await batches.ConfirmAsync(plan, "?onErrors=skip");

        await Store.SaveFaultsAsync(late, rows);
        await Store.PlannedAsync(late);
        await batches.WorkAsync();

        var done = await batches.ShowAsync(Text(plan, "id"));
        Assert.Equal(("finished", "5.00"), (Text(done, "status"), Text(done.GetProperty("totals"), "USD")));
        Assert.Equal(1, Number(done.GetProperty("rowsByOutcome"), "skipped"));
        Assert.Equal([$"{prefix}-0"], await InvoiceIdsAsync(late.Id));
    }

    [Fact]
    public async Task Only_the_one_who_has_the_batch_writes_its_plan()
    {
        var plan = await batches.PlanAsync(batches.File(stage.NewKey("whose"), 2));
        var batch = (await FindAsync(plan))!;
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString, $"UPDATE batches SET status = 'planning' WHERE id = '{batch.Id}'");
        var late = (await Store.ClaimAsync(Somebody()))!;
        await stage.AdvanceAsync(BatchStore.Lease + TimeSpan.FromSeconds(1));
        var mine = (await Store.ClaimAsync(Somebody()))!;
        var rows = await Store.RowsAsync(batch.Id, after: 0, most: 10);
        rows.ForEach(row => BatchStore.SetFaults(row, [new RowFault("placeholder", "note", "is one")]));
        late.ErrorCount = 2;

        await Store.SaveFaultsAsync(late, rows);
        await Store.PlannedAsync(late);
        var between = await FindAsync(plan);
        await Store.PlannedAsync(mine);

        Assert.Equal(BatchStatus.Planning, between!.Status);
        var planned = await batches.ShowAsync(Text(plan, "id"));
        Assert.Equal(("planned", 0), (Text(planned, "status"), Number(planned, "errors")));
        Assert.DoesNotContain(FaultsOf(planned), fault => fault.Cause == "placeholder");
    }

    [Fact]
    public async Task A_caller_who_waits_for_the_plan_has_the_batch_meanwhile()
    {
        var now = stage.Clock.GetUtcNow();
        var batch = new Batch
        {
            Id = Guid.CreateVersion7(now),
            Merchant = "main",
            ApiKey = "dev",
            Owner = "dev",
            Source = BatchSource.Csv,
            CreatedAt = now,
        };
        await Store.CreateAsync(batch);
        await Store.AddRowsAsync([new BatchRow { BatchId = batch.Id, No = 2, Cells = [] }]);

        var planner = Somebody();
        await Store.CompleteAsync(batch, rows: 1, planner);

        Assert.Null(await Store.ClaimAsync(Somebody()));
        Assert.Equal(batch.Id, (await Store.ClaimAsync(planner))?.Id);
        await Store.DeleteAsync(batch);
    }

    /// <summary>The late one has accepted its rows, and waits to write that down while another ends the batch.
    /// </summary>
    [Fact]
    public async Task A_worker_that_comes_late_to_a_finished_batch_cancels_nothing()
    {
        var prefix = stage.NewKey("slow");
        var plan = await batches.PlanAsync(batches.File(prefix, 3));
        using var confirmed = await batches.ConfirmAsync(plan);
        var late = (await Store.ClaimAsync(Somebody()))!;
        await using var other = await stage.Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var finish = new NpgsqlCommand(
            "UPDATE batches SET status = 'finished', lease_until = NULL, leased_by = NULL WHERE id = $1", other);
        finish.Parameters.AddWithValue(late.Id);
        await finish.ExecuteNonQueryAsync();

        var step = stage.Get<RunBatch>().StepAsync(late, CancellationToken.None);
        while ((await InvoiceIdsAsync(late.Id)).Count < 3)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        await transaction.CommitAsync();

        Assert.False(await step);
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        Assert.Equal(
            [PayoutStatus.Queued],
            await db.Payouts.Where(row => row.BatchId == late.Id).Select(row => row.Status).Distinct().ToListAsync());
    }

    /// <summary>A worker, or a caller who waits for a plan.</summary>
    private Guid Somebody() => Guid.CreateVersion7(stage.Clock.GetUtcNow());

    private Task<Batch?> FindAsync(JsonElement batch) => Store.FindAsync(
        "main",
        PayoutService.Views.PublicId.TryParse("bat_", Text(batch, "id"), out var id) ? id : Guid.Empty);

    private async Task<List<string>> InvoiceIdsAsync(Guid batchId)
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Payouts.Where(row => row.BatchId == batchId).OrderBy(row => row.Id)
            .Select(row => row.InvoiceId).ToListAsync();
    }
}
