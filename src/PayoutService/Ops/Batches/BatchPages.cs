using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Operators;
using PayoutService.UseCases;
using PayoutService.UseCases.Batches;
using PayoutService.Views;
using PayoutService.Views.Csv;

namespace PayoutService.Ops.Batches;

/// <summary>A batch as its page shows it.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Rows">Its first rows with faults.</param>
/// <param name="ApprovalRefusal">Why the operator cannot approve it now; null: it can be.</param>
public sealed record BatchModel(BatchView Batch, IReadOnlyList<BatchRowView> Rows, string? ApprovalRefusal);

/// <summary>Batches: a file is uploaded, its plan is read, and it is followed.</summary>
internal static class BatchPages
{
    /// <summary>The number of batches that are listed.</summary>
    public const int Most = 100;

    /// <summary>The number of rows with faults that a page shows.</summary>
    public const int MostRows = 50;

    /// <summary>The most that a form may have. It stays in memory: what passes through here must not reach a disk.
    /// Larger files go by the API, which keeps only some rows in memory.</summary>
    private const int MaxFormBytes = 16 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/batches", (Session session, HttpContext context, BatchStore store) =>
            ListAsync(session, context, store, error: null)).WithName("opsBatches");
        ops.MapPost("/batches", UploadAsync).WithName("opsUploadBatch").RequireAuthorization(OpsSessions.Act)
            .WithMetadata(new RequestSizeLimitAttribute(MaxFormBytes))
            .WithFormOptions(memoryBufferThreshold: MaxFormBytes, multipartBodyLengthLimit: MaxFormBytes);
        ops.MapGet("/batches/template.csv", Template).WithName("opsBatchTemplateCsv");
        ops.MapGet("/batches/{id}", ShowAsync).WithName("opsBatch");
        ops.MapGet("/batches/{id}/corrected.csv", CorrectedAsync).WithName("opsCorrectedBatchCsv");
    }

    /// <summary>A batch of one of the merchants that an operator sees.</summary>
    public static Task<Batch?> FindAsync(string id, Session session, BatchStore store) =>
        PublicId.TryParse(PublicId.Batch, id, out var batchId)
            ? store.FindAsync(session.Merchants, batchId) : Task.FromResult<Batch?>(null);

    private static async Task<IResult> ListAsync(
        Session session, HttpContext context, BatchStore store, string? error) => Pages.Show<BatchesPage>(
            context,
            error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
            ("Session", session),
            ("Error", error),
            ("Batches", (await store.NewestAsync([session.Merchant], Most)).ConvertAll(BatchView.Of)));

    private static async Task<IResult> UploadAsync(
        Session session,
        HttpContext context,
        BatchStore store,
        UploadBatch upload,
        OperatorLog log,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var form = await context.Request.ReadFormAsync(cancel);
        if (!session.MayPay || form.Files.GetFile("file") is not { Length: > 0 } file)
        {
            return await ListAsync(
                session, context, store, session.MayPay ? "Choose a CSV file first." : Session.PaysNothing);
        }

        await using var content = file.OpenReadStream();
        try
        {
            var maker = new Requester(session.Merchant, session.Name, session.Owner);
            var rows = CsvRows.ReadAsync(content, cancel);
            if (await upload.RunAsync(maker, BatchSource.Csv, rows, reason: null, cancel) is not { } batch)
            {
                return await ListAsync(session, context, store, "The file has no row after its header.");
            }

            var id = PublicId.Of(PublicId.Batch, batch.Id);
            await log.WriteAsync(batch.Merchant, session.Actor, OperatorAction.Uploaded, id).InTimeAsync(rules, cancel);
            return TypedResults.LocalRedirect($"{OpsSetup.Root}/batches/{id}");
        }
        catch (UnreadableFileException unreadable)
        {
            var faults = unreadable.Faults.Select(fault => $"{fault.Column} {fault.Message}".Trim());
            return await ListAsync(
                session, context, store, $"Nothing was kept. Row {unreadable.Row}: {string.Join("; ", faults)}.");
        }
    }

    private static async Task<IResult> ShowAsync(string id, Session session, HttpContext context, BatchStore store)
    {
        if (await FindAsync(id, session, store) is not { } batch)
        {
            return Pages.NotFound(context, "batch");
        }

        var rows = await store.RowsAsync(batch.Id, after: 0, MostRows, withFaults: true);
        var counts = await store.CountsAsync(batch.Id);
        return Pages.Show<BatchPage>(session, context, ("Model", new BatchModel(
            BatchView.Of(batch, await store.CausesAsync(batch.Id), counts),
            rows.ConvertAll(BatchRowView.Of),
            BatchApprovalPages.RefusalOf(batch, counts.AwaitingApproval, session))));
    }

    private static async Task<IResult> CorrectedAsync(
        string id, Session session, HttpContext context, BatchStore store, CancellationToken cancel) =>
        await FindAsync(id, session, store) is { } batch
            ? TypedResults.Stream(
                file => BatchLines.WriteAsync(file, store, batch, cancel), CsvFile.ContentType, $"{id}-corrected.csv")
            : Pages.NotFound(context, "batch");

    private static ContentHttpResult Template(Session session) =>
        TypedResults.Text(BatchLines.Template, CsvFile.ContentType);
}
