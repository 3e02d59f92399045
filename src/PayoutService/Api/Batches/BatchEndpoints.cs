using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PayoutService.Api.Http;
using PayoutService.Api.Json;
using PayoutService.Api.Payouts;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Batches;
using PayoutService.UseCases;
using PayoutService.UseCases.Batches;
using PayoutService.Views;
using PayoutService.Views.Csv;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace PayoutService.Api.Batches;

/// <summary>Batches, as callers see them.</summary>
internal static class BatchEndpoints
{
    private const string List = "batches";
    private const string Csv = "text/csv";

    /// <summary>The time that a batch waits for its turn.</summary>
    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(5);

    /// <summary>The time that a file may take to arrive.</summary>
    private static readonly TimeSpan FilePatience = TimeSpan.FromMinutes(10);

    public static void MapBatches(this IEndpointRouteBuilder api)
    {
        var batches = api.MapGroup("/v1/batches").WithTags("Batches");
        batches.MapPost("/", Create).WithName("createBatch").RequireAuthorization(Scopes.WritePayouts)
            .WithMetadata(new RequestSizeLimitAttribute(RequestRules.MaxCsvBytes))
            .Accepts<CreateBatchRequest>("application/json", Csv)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(503);
        batches.MapGet("/", Search).WithName("listBatches")
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(400).ProducesProblem(503);
        batches.MapGet("/template.csv", Template).WithName("getBatchTemplate")
            .RequireAuthorization(Scopes.ReadPayouts).Produces<string>(200, Csv);
        batches.MapGet("/{id}", Get).WithName("getBatch").AllowNotModified()
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(404);
        batches.MapGet("/{id}/rows", Rows).WithName("listBatchRows")
            .RequireAuthorization(Scopes.ReadPayouts).ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
        batches.MapPost("/{id}/confirm", Confirm).WithName("confirmBatch").RequireAuthorization(Scopes.WritePayouts)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        batches.MapPost("/{id}/cancel", Cancel).WithName("cancelBatch").RequireAuthorization(Scopes.ActOnPayouts)
            .ProducesProblem(404).ProducesProblem(503);
        batches.MapPost("/{id}/approve", BatchApprovalEndpoint.Approve).WithName("approveBatch")
            .RequireAuthorization(Scopes.Approve).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409)
            .ProducesProblem(412).ProducesProblem(428).ProducesProblem(503);
        batches.MapGet("/{id}/corrected.csv", Corrected).WithName("getCorrectedBatch")
            .RequireAuthorization(Scopes.ReadPayouts).Produces<string>(200, Csv).ProducesProblem(404);
    }

    /// <summary>Makes a batch; nothing is paid before it is confirmed.</summary>
    /// <remarks>
    /// Takes JSON with up to 10,000 payouts in 16 MiB, or a CSV file (text/csv, UTF-8) with up to 100,000 rows in 64
    /// MiB: GET /v1/batches/template.csv has its columns. Every row is checked as POST /v1/payouts would judge it, and
    /// against the other rows and earlier payouts. A large batch is planning for a while. With payAgain instead of
    /// payouts it pays again what failed or came back. A plan that is not confirmed within 7 days is deleted.
    /// </remarks>
    internal static async Task<Results<Created<BatchView>, ProblemHttpResult>> Create(
        HttpContext context,
        ClaimsPrincipal caller,
        UploadBatch upload,
        PayAgainRows payAgain,
        BatchStore store,
        BatchTurns turns,
        IOptions<JsonOptions> json,
        CancellationToken cancel)
    {
        var maker = ApiKeys.RequesterOf(caller);
        if (RequestRules.Is(Csv, context.Request.ContentType))
        {
            return await FromFileAsync(maker, context, upload, store, cancel);
        }

        if (!await turns.WaitAsync(TurnPatience, cancel))
        {
            return Problems.Busy();
        }

        try
        {
            // Only a file may be larger.
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize =
                RequestRules.MaxBatchBytes;
            var body = await PayoutBatchEndpoints.ReadAsync(context.Request, cancel);
            if (BatchBody.IsPayAgain(body))
            {
                var contract = json.Value.SerializerOptions.GetTypeInfo(typeof(CreateBatchRequest));
                return BatchBody.Read(body, contract, out var again) is { } wrong ? wrong
                    : await FromPayoutsAsync(maker, again!, context, upload, payAgain, store, cancel);
            }

            if (PayoutBatchBody.Read(body, PayoutBatchEndpoints.MaxPayouts, out var payouts) is { } problem)
            {
                return problem;
            }

            var rows = BatchBody.RowsOf(
                payouts, json.Value.SerializerOptions.GetTypeInfo(typeof(CreatePayoutRequest)));
            var made = await upload.RunAsync(maker, BatchSource.Json, rows, reason: null, cancel);
            return await MadeAsync(context, made!, store);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <summary>Lists batches, newest first.</summary>
    internal static async Task<Results<Ok<Page<BatchView>>, ProblemHttpResult>> Search(
        ClaimsPrincipal caller,
        PayoutDb db,
        Cursors cursors,
        Searches searches,
        CancellationToken cancel,
        string? cursor = null,
        int limit = Paging.DefaultLimit)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        var paging = new Paging(limit, cursor);
        if (paging.Problem(cursors, List, merchant) is var (field, reason))
        {
            return Problems.Invalid(field, reason);
        }

        var rows = db.Batches.AsNoTracking().Where(row => row.Merchant == merchant);
        return TypedResults.Ok(await paging.ReadAsync(
            before => (before is { } last ? rows.Where(row => row.Id < last) : rows).OrderByDescending(row => row.Id),
            row => row.Id, BatchView.Of, cursors, List, merchant, searches, cancel));
    }

    /// <summary>Shows a batch: its totals, the causes of its faults, and how far it is.</summary>
    internal static async Task<Results<Ok<BatchView>, ProblemHttpResult>> Get(
        string id,
        HttpContext context,
        ClaimsPrincipal caller,
        BatchStore store,
        PayoutRules rules,
        CancellationToken cancel) =>
        await FindAsync(id, caller, store, rules, cancel) is { } batch
            ? TypedResults.Ok(await ShownAsync(context, batch, store).InTimeAsync(rules, cancel))
            : Problems.NotFound("batch");

    /// <summary>Lists rows of a batch, in their order.</summary>
    internal static async Task<Results<Ok<Page<BatchRowView>>, ProblemHttpResult>> Rows(
        string id,
        ClaimsPrincipal caller,
        BatchStore store,
        PayoutRules rules,
        Cursors cursors,
        CancellationToken cancel,
        [Description("Only rows with faults.")] bool withFaults = false,
        [Description("Only rows with this outcome, for example refused.")] string? outcome = null,
        string? cursor = null,
        int limit = Paging.DefaultLimit)
    {
        if (await FindAsync(id, caller, store, rules, cancel) is not { } batch)
        {
            return Problems.NotFound("batch");
        }

        var paging = new Paging(limit, cursor);
        if (paging.Problem(cursors, id, batch.Merchant) is var (field, reason))
        {
            return Problems.Invalid(field, reason);
        }

        RowOutcome? ofOutcome = null;
        if (outcome is not null)
        {
            if (!ApiJson.TryWord<RowOutcome>(outcome, out var wanted))
            {
                var words = Enum.GetValues<RowOutcome>().Select(ApiJson.Word);
                return Problems.Invalid("outcome", $"must be one of: {string.Join(", ", words)}");
            }

            ofOutcome = wanted;
        }

        // A cursor holds an id: the number of a row is its first part.
        var after = cursor is not null && cursors.TryRead(cursor, id, batch.Merchant, out var last)
            ? BitConverter.ToInt32(last.ToByteArray()) : 0;
        var rows = await store.RowsAsync(batch.Id, after, limit + 1, ofOutcome, withFaults).InTimeAsync(rules, cancel);
        var page = rows.Take(limit).Select(BatchRowView.Of).ToList();
        return TypedResults.Ok(new Page<BatchRowView>(page, rows.Count > limit
            ? cursors.After(new Guid(page[^1].Row, 0, 0, new byte[8]), id, batch.Merchant) : null));
    }

    /// <summary>Confirms a batch: its rows without errors become payouts.</summary>
    /// <remarks>Name the sum of each currency: 409 totals-differ when the batch has others. Safe to repeat.</remarks>
    internal static async Task<Results<Ok<BatchView>, ProblemHttpResult>> Confirm(
        string id,
        ConfirmBatchRequest request,
        HttpContext context,
        ClaimsPrincipal caller,
        ConfirmBatch confirm,
        BatchStore store,
        PayoutRules rules,
        CancellationToken cancel,
        [Description("refuse: nothing is paid while a row has an error. skip: the others are paid.")]
        string onErrors = "refuse")
    {
        if (!ApiJson.TryWord<OnErrors>(onErrors, out var choice))
        {
            return Problems.Invalid("onErrors", "must be refuse or skip");
        }

        if (!PublicId.TryParse(PublicId.Batch, id, out var batchId))
        {
            return Problems.NotFound("batch");
        }

        var confirmed = await confirm.RunAsync(
            ApiKeys.MerchantOf(caller), batchId, request.Totals, choice, ApiKeys.NameOf(caller))
            .WaitAsync(Patience.ForMany, cancel);
        return confirmed switch
        {
            BatchConfirmed.Done(var batch) =>
                TypedResults.Ok(await ShownAsync(context, batch, store).InTimeAsync(rules, cancel)),
            BatchConfirmed.NotPlanned(var batch) => Problems.BatchNotPlanned(batch),
            BatchConfirmed.HasErrors(var batch) => Problems.BatchHasErrors(batch),
            BatchConfirmed.TotalsDiffer(var batch) => Problems.TotalsDiffer(batch.Totals, BatchView.Link(batch)),
            _ => Problems.NotFound("batch"),
        };
    }

    /// <summary>Cancels what is not sent of a batch.</summary>
    /// <remarks>Rows that are no payouts yet become none, and payouts that were not sent are canceled, within seconds:
    /// the batch is canceling until then. What was sent goes on. Safe to repeat.</remarks>
    internal static async Task<Results<Ok<BatchView>, ProblemHttpResult>> Cancel(
        string id,
        HttpContext context,
        ClaimsPrincipal caller,
        BatchStore store,
        PayoutRules rules,
        CancellationToken cancel)
    {
        var canceled = PublicId.TryParse(PublicId.Batch, id, out var batchId)
            ? await store.CancelAsync(ApiKeys.MerchantOf(caller), batchId, ApiKeys.NameOf(caller))
                .InTimeAsync(rules, cancel)
            : null;
        return canceled is { } batch
            ? TypedResults.Ok(await ShownAsync(context, batch, store).InTimeAsync(rules, cancel))
            : Problems.NotFound("batch");
    }

    /// <summary>The header of a CSV file of payouts.</summary>
    /// <remarks>Further columns are metadata: each begins with metadata. and is named as you like.</remarks>
    internal static IResult Template() =>
        TypedResults.Text(BatchLines.Template, CsvFile.ContentType);

    /// <summary>The rows of a batch that cannot be paid as they are, as a CSV file to correct and send again.</summary>
    /// <remarks>The last column says what is wrong, and is not read when the file is sent.</remarks>
    internal static async Task<IResult> Corrected(
        string id, ClaimsPrincipal caller, BatchStore store, PayoutRules rules, CancellationToken cancel) =>
        await FindAsync(id, caller, store, rules, cancel) is { } batch
            ? TypedResults.Stream(
                file => BatchLines.WriteAsync(file, store, batch, cancel), CsvFile.ContentType, $"{id}-corrected.csv")
            : Problems.NotFound("batch");

    private static async Task<Results<Created<BatchView>, ProblemHttpResult>> FromFileAsync(
        Requester maker, HttpContext context, UploadBatch upload, BatchStore store, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(FilePatience);
        try
        {
            var rows = CsvRows.ReadAsync(context.Request.Body, patience.Token);
            return await upload.RunAsync(maker, BatchSource.Csv, rows, reason: null, patience.Token) is { } batch
                ? await MadeAsync(context, batch, store)
                : Problems.UnreadableFile(2, [new RowFault("empty", null, "the file has no row after its header")]);
        }
        catch (UnreadableFileException unreadable)
        {
            return Problems.UnreadableFile(unreadable.Row, unreadable.Faults);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The body came too slowly.", StatusCodes.Status408RequestTimeout);
        }
    }

    private static async Task<Results<Created<BatchView>, ProblemHttpResult>> FromPayoutsAsync(
        Requester maker,
        BatchPayAgainRequest request,
        HttpContext context,
        UploadBatch upload,
        PayAgainRows payAgain,
        BatchStore store,
        CancellationToken cancel)
    {
        var filter = new PayAgainFilter(
            maker.Merchant, request.FailureReason, request.CreatedFrom, request.CreatedTo);
        return await upload.RunAsync(
            maker, BatchSource.PayAgain, payAgain.ReadAsync(filter, cancel), request.Reason, cancel) is { } batch
            ? await MadeAsync(context, batch, store)
            : Problems.Invalid(
                "payAgain", "no payout of that time certainly failed or came back, and was not replaced");
    }

    private static async Task<Created<BatchView>> MadeAsync(HttpContext context, Batch batch, BatchStore store) =>
        TypedResults.Created(BatchView.Link(batch), await ShownAsync(context, batch, store));

    private static async Task<BatchView> ShownAsync(HttpContext context, Batch batch, BatchStore store)
    {
        ETags.Set(context, batch.Version);
        return BatchView.Of(batch, await store.CausesAsync(batch.Id), await store.CountsAsync(batch.Id));
    }

    private static async Task<Batch?> FindAsync(
        string id, ClaimsPrincipal caller, BatchStore store, PayoutRules rules, CancellationToken cancel) =>
        PublicId.TryParse(PublicId.Batch, id, out var batchId)
            ? await store.FindAsync(ApiKeys.MerchantOf(caller), batchId).InTimeAsync(rules, cancel) : null;
}
