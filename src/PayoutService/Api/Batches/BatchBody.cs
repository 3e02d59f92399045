using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;
using PayoutService.Api.Payouts;
using PayoutService.Api.Validation;
using PayoutService.UseCases.Batches;

namespace PayoutService.Api.Batches;

/// <summary>The JSON body of a batch: payouts, read one by one, or what is paid again.</summary>
internal static class BatchBody
{
    private const string PayAgain = "payAgain";

    /// <summary>The days within which what is paid again was created.</summary>
    private const int MostDays = 366;

    /// <summary>True when the first member says that payouts are paid again.</summary>
    public static bool IsPayAgain(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        try
        {
            return reader.Read() && reader.TokenType is JsonTokenType.StartObject
                && reader.Read() && reader.TokenType is JsonTokenType.PropertyName && reader.ValueTextEquals(PayAgain);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads what is to be paid again.</summary>
    public static ProblemHttpResult? Read(
        ReadOnlyMemory<byte> body, JsonTypeInfo contract, out BatchPayAgainRequest? request)
    {
        request = null;
        CreateBatchRequest? read;
        try
        {
            read = (CreateBatchRequest?)JsonSerializer.Deserialize(body.Span, contract);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return MalformedBody.Describe(body.ToArray(), contract, wrong as JsonException);
        }

        if (read is not { PayAgain: { } again, Payouts: null })
        {
            return Problems.Invalid(PayAgain, "send exactly one of payouts and payAgain");
        }

        List<KeyValuePair<string, string>> errors = [];
        if (!Texts.IsPlain(again.Reason, 500))
        {
            errors.Add(new($"{PayAgain}.reason", new OwnTextAttribute(500).FormatErrorMessage("reason")));
        }

        if (again.CreatedTo <= again.CreatedFrom || again.CreatedTo - again.CreatedFrom > TimeSpan.FromDays(MostDays))
        {
            errors.Add(new($"{PayAgain}.createdTo", $"must be after createdFrom, by {MostDays} days at most"));
        }

        request = again;
        return errors.Count > 0 ? Problems.Invalid(errors) : null;
    }

    /// <summary>The rows of payouts in a body; what cannot be read is a row with a fault.</summary>
    public static IAsyncEnumerable<ReadRow> RowsOf(
        IReadOnlyList<ReadOnlyMemory<byte>> payouts, JsonTypeInfo contract) => payouts.Select((payout, at) =>
        {
            var problem = PayoutBatchEndpoints.Read(payout, contract, out var request);
            return request is null
                ? new ReadRow(at + 1, [], [.. PayoutRows.FaultsOf(problem!)])
                : new ReadRow(at + 1, PayoutRows.CellsOf(request), []);
        }).ToAsyncEnumerable();
}
