using System.ComponentModel;
using System.Security.Claims;
using PayoutService.Api.Http;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.UseCases;
using PayoutService.Views;
using PayoutService.Views.Csv;

namespace PayoutService.Api.Reports;

/// <summary>Counts and sums of payouts.</summary>
internal static class ReportEndpoints
{
    public static void MapReports(this IEndpointRouteBuilder api) =>
        api.MapGet("/v1/reports/payouts", Payouts).WithName("reportPayouts").WithTags("Payouts")
            .RequireAuthorization(Scopes.ReadPayouts)
            .WithMetadata(new ProducesResponseTypeMetadata(
                200, typeof(PayoutReportView), ["application/json", "text/csv"]))
            .ProducesProblem(400).ProducesProblem(503);

    /// <summary>Counts and sums your payouts by the day on which they were accepted.</summary>
    /// <remarks>The counts follow the changes of payouts, a second later or less; behind says how many changes are not
    /// counted yet. With format=csv, or Accept: text/csv, the answer is a CSV file, whose last lines are
    /// totals.</remarks>
    internal static async Task<IResult> Payouts(
        ClaimsPrincipal caller,
        HttpRequest request,
        ReadReport read,
        PayoutRules rules,
        CancellationToken cancel,
        [Description("The first day, in UTC, such as 2026-11-01; 30 days before the last without it.")]
        DateOnly? from = null,
        [Description("The day after the last, at most 366 days after the first; tomorrow without it.")]
        DateOnly? to = null,
        [Description("Words of day, currency, status and rail with commas; day,status without it. Each currency has "
            + "its own lines always.")]
        string? by = null,
        [Description("json or csv; without it what Accept says.")]
        string? format = null)
    {
        if (format is not (null or "json" or "csv"))
        {
            return Problems.Invalid("format", "must be json or csv");
        }

        var (query, counted, field, reason) = await read.RunAsync([ApiKeys.MerchantOf(caller)], from, to, by)
            .InTimeAsync(rules, cancel);
        if (query is null || counted is null)
        {
            return Problems.Invalid(field!, reason!);
        }

        var report = PayoutReportView.Of(query, counted);

        var isCsv = format is null
            ? request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/csv", StringComparison.Ordinal))
            : format is "csv";
        return isCsv
            ? TypedResults.Stream(
                file => CsvFile.WriteAsync(file, ReportLines.Header, ReportLines.Of(report), cancel),
                CsvFile.ContentType,
                $"payouts-{report.From:yyyy-MM-dd}-{report.To:yyyy-MM-dd}.csv")
            : TypedResults.Ok(report);
    }
}
