using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Json;
using PayoutService.Api.Payouts;
using PayoutService.Payouts;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.UseCases.Batches;
using PayoutService.Views;

namespace PayoutService.Api.Batches;

/// <summary>Reads the rows of batches as the body of POST /v1/payouts is read.</summary>
internal sealed class PayoutRows : IPayoutRows
{
    /// <summary>The column of a refusal that names no field.</summary>
    private static readonly Dictionary<string, string> Columns = new()
    {
        ["invoice-id-required"] = BatchColumns.InvoiceId,
        ["invoice-id-in-use"] = BatchColumns.InvoiceId,
        ["account-not-usable"] = BatchColumns.AccountId,
        ["payee-not-active"] = BatchColumns.AccountId,
        ["currency-mismatch"] = BatchColumns.Currency,
        ["limit-exceeded"] = BatchColumns.Amount,
    };

    public IReadOnlyList<RowFault> Read(
        IReadOnlyDictionary<string, string> cells, Requester by, DateTimeOffset now, out PayoutOrder? order)
    {
        order = null;
        List<RowFault> faults = [];
        foreach (var column in BatchColumns.Required.Where(column => !cells.ContainsKey(column)))
        {
            faults.Add(new RowFault("validation-failed", column, "is required"));
        }

        DateTimeOffset? executeAt = null;
        if (cells.TryGetValue(BatchColumns.ExecuteAt, out var time))
        {
            if (Rfc3339Converter.TryParse(time, out var read))
            {
                executeAt = read;
            }
            else
            {
                faults.Add(new RowFault(
                    "validation-failed", BatchColumns.ExecuteAt,
                    "must be a date and time with an offset, such as 2026-12-31T23:59:59Z"));
            }
        }

        var request = RequestOf(cells, executeAt);
        List<ValidationResult> breaches = [];
        Validator.TryValidateObject(request, new ValidationContext(request), breaches, validateAllProperties: true);
        faults.AddRange(breaches.Select(breach => new RowFault(
            "validation-failed",
            JsonNamingPolicy.CamelCase.ConvertName(breach.MemberNames.First()),
            breach.ErrorMessage!)));
        var problems = PayoutRequests.Read(
            request, idempotencyKey: null, by, now, out var whole);

        // What is missing was named already.
        var known = faults.Select(fault => fault.Column).ToHashSet();
        faults.AddRange(problems.SelectMany(FaultsOf).Where(fault => !known.Contains(fault.Column)));
        order = faults.Count == 0 ? whole : null;
        return faults;
    }

    public IReadOnlyList<RowFault> FaultsOf(JudgedOrder judged) =>
        [.. PayoutRequests.Refuse(judged).SelectMany(FaultsOf)];

    public Dictionary<string, string> CellsOf(PayoutOrder order) => CellsOf(new CreatePayoutRequest
    {
        InvoiceId = order.InvoiceId,
        AccountId = PublicId.Of(PublicId.Account, order.AccountId),
        Amount = order.Amount.ToString(),
        Currency = order.Amount.Currency,
        Description = order.Description,
        Note = order.Note,
        Subject = order.Subject,
        ProcessingChannel = order.ProcessingChannel,
        ExecuteAt = order.ExecuteAt,
        Metadata = order.Metadata,
        Replaces = PublicId.Of(PublicId.Payout, order.Replaces),
    });

    /// <summary>The faults of a row that a problem names.</summary>
    public static IEnumerable<RowFault> FaultsOf(ProblemHttpResult problem)
    {
        var details = problem.ProblemDetails;
        var code = (string)details.Extensions["code"]!;
        var fields = details is HttpValidationProblemDetails invalid ? invalid.Errors
            : details.Extensions.TryGetValue("errors", out var errors) ? errors as IDictionary<string, string[]> : null;
        return fields is null
            ? [new RowFault(code, Columns.GetValueOrDefault(code), details.Detail!)]
            : fields.SelectMany(field => field.Value.Select(reason => new RowFault(code, field.Key, reason)));
    }

    /// <summary>The cells of a request, from which the same request is read.</summary>
    public static Dictionary<string, string> CellsOf(CreatePayoutRequest request)
    {
        Dictionary<string, string?> cells = new()
        {
            [BatchColumns.InvoiceId] = request.InvoiceId,
            [BatchColumns.AccountId] = request.AccountId,
            [BatchColumns.Amount] = request.Amount,
            [BatchColumns.Currency] = request.Currency,
            [BatchColumns.Description] = request.Description,
            [BatchColumns.Note] = request.Note,
            [BatchColumns.Subject] = request.Subject,
            [BatchColumns.ProcessingChannel] = request.ProcessingChannel,
            [BatchColumns.ExecuteAt] = request.ExecuteAt?.ToString(
                "yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", System.Globalization.CultureInfo.InvariantCulture),
            [BatchColumns.Replaces] = request.Replaces,
        };
        foreach (var (name, text) in request.Metadata ?? new Dictionary<string, string>())
        {
            cells[BatchColumns.Metadata + name] = text;
        }

        return cells.Where(cell => cell.Value is not null).ToDictionary(cell => cell.Key, cell => cell.Value!);
    }

    private static CreatePayoutRequest RequestOf(
        IReadOnlyDictionary<string, string> cells, DateTimeOffset? executeAt)
    {
        var metadata = cells.Where(cell => cell.Key.StartsWith(BatchColumns.Metadata, StringComparison.Ordinal))
            .ToDictionary(cell => cell.Key[BatchColumns.Metadata.Length..], cell => cell.Value);
        return new()
        {
            InvoiceId = cells.GetValueOrDefault(BatchColumns.InvoiceId),
            AccountId = cells.GetValueOrDefault(BatchColumns.AccountId) ?? "",
            Amount = cells.GetValueOrDefault(BatchColumns.Amount) ?? "",
            Currency = cells.GetValueOrDefault(BatchColumns.Currency) ?? "",
            Description = cells.GetValueOrDefault(BatchColumns.Description),
            Note = cells.GetValueOrDefault(BatchColumns.Note),
            Subject = cells.GetValueOrDefault(BatchColumns.Subject),
            ProcessingChannel = cells.GetValueOrDefault(BatchColumns.ProcessingChannel),
            ExecuteAt = executeAt,
            Metadata = metadata.Count > 0 ? metadata : null,
            Replaces = cells.GetValueOrDefault(BatchColumns.Replaces),
        };
    }
}
