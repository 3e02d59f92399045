using PayoutService.Payouts;
using PayoutService.Storage.Batches;
using PayoutService.Views.Csv;

namespace PayoutService.Views;

/// <summary>Many payouts that are checked, confirmed, followed and canceled together.</summary>
public sealed record BatchView
{
    /// <example>bat_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public required string Id { get; init; }

    public required BatchStatus Status { get; init; }

    public required BatchSource Source { get; init; }

    /// <summary>The number of its rows.</summary>
    /// <example>2</example>
    public required int Rows { get; init; }

    /// <summary>The number of rows that cannot be paid as they are.</summary>
    /// <example>0</example>
    public required int Errors { get; init; }

    /// <summary>The number of rows without errors that somebody should look at before they are paid.</summary>
    /// <example>0</example>
    public required int Warnings { get; init; }

    /// <summary>The number of rows with an outcome.</summary>
    /// <example>0</example>
    public required int Done { get; init; }

    /// <summary>The sums of the rows without errors by currency: what a confirmation names.</summary>
    /// <example>{"USD": "24.00"}</example>
    public required IReadOnlyDictionary<string, string> Totals { get; init; }

    /// <summary>The balances at Pockyt when the rows were checked, as far as Pockyt named them.</summary>
    /// <example>{"USD": "1000.00"}</example>
    public required IReadOnlyDictionary<string, string> Balances { get; init; }

    /// <summary>The same balances without the totals. What is missing is waited for: nothing fails for it.</summary>
    /// <example>{"USD": "976.00"}</example>
    public required IReadOnlyDictionary<string, string> BalancesAfter { get; init; }

    /// <summary>The causes of the faults of its rows; only of one batch, not in a list.</summary>
    public IReadOnlyList<BatchCauseView>? Causes { get; init; }

    /// <summary>Its rows by outcome; only of one batch, not in a list.</summary>
    /// <example>{"created": 2}</example>
    public IReadOnlyDictionary<string, int>? RowsByOutcome { get; init; }

    /// <summary>Its payouts by status; only of one batch, not in a list.</summary>
    /// <example>{"succeeded": 2}</example>
    public IReadOnlyDictionary<string, int>? PayoutsByStatus { get; init; }

    /// <summary>Its payouts that wait for approval, and for nothing before it; only of one batch, not in a list.
    /// </summary>
    /// <example>0</example>
    public int? AwaitingApproval { get; init; }

    /// <summary>The reason for paying again.</summary>
    /// <example>null</example>
    public string? Reason { get; init; }

    /// <summary>The API key that made it.</summary>
    /// <example>billing</example>
    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? PlannedAt { get; init; }

    /// <summary>The time at which it is deleted unless it is confirmed.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>The API key that confirmed it.</summary>
    /// <example>null</example>
    public string? ConfirmedBy { get; init; }

    /// <summary>The API key that canceled it.</summary>
    /// <example>null</example>
    public string? CanceledBy { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Grows with every change; the ETag.</summary>
    /// <example>3</example>
    public required int Version { get; init; }

    internal static BatchView Of(Batch batch) => new()
    {
        Id = PublicId.Of(PublicId.Batch, batch.Id),
        Status = batch.Status,
        Source = batch.Source,
        Rows = batch.RowCount,
        Errors = batch.ErrorCount,
        Warnings = batch.WarningCount,
        Done = batch.DoneCount,
        Totals = batch.Totals,
        Balances = batch.Balances,
        BalancesAfter = batch.Balances.Where(balance => batch.Totals.ContainsKey(balance.Key)).ToDictionary(
            balance => balance.Key, balance => Less(balance.Value, batch.Totals[balance.Key], balance.Key)),
        Reason = batch.Reason,
        CreatedBy = batch.ApiKey,
        CreatedAt = batch.CreatedAt,
        PlannedAt = batch.PlannedAt,
        ExpiresAt = batch.Status is BatchStatus.Planned ? batch.CreatedAt + BatchStore.PlanKept : null,
        ConfirmedAt = batch.ConfirmedAt,
        ConfirmedBy = batch.ConfirmedBy,
        CanceledBy = batch.CanceledBy,
        FinishedAt = batch.FinishedAt,
        Version = batch.Version,
    };

    internal static BatchView Of(Batch batch, IReadOnlyList<BatchCause> causes, BatchCounts counts) => Of(batch) with
    {
        Causes = [.. causes.Select(BatchCauseView.Of)],
        RowsByOutcome = counts.Outcomes.ToDictionary(
            one => CsvFile.Text<RowOutcome>(one.Key)!, one => one.Value),
        PayoutsByStatus = counts.Payouts.ToDictionary(
            one => CsvFile.Text<PayoutStatus>(one.Key)!, one => one.Value),
        AwaitingApproval = counts.AwaitingApproval,
    };

    internal static string Link(Batch batch) => $"/v1/batches/{PublicId.Of(PublicId.Batch, batch.Id)}";

    private static string Less(string balance, string total, string currency) =>
        CsvFile.Amount(MinorOf(balance) - MinorOf(total), currency);

    /// <summary>A balance below zero is no amount of a payout, so it is read as a number.</summary>
    private static decimal MinorOf(string text)
    {
        var at = text.IndexOf('.', StringComparison.Ordinal);
        return decimal.Parse(
            at < 0 ? text : text.Remove(at, 1), System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>Faults of rows that have the same cause.</summary>
public sealed record BatchCauseView
{
    /// <summary>The cause in one word: the code of a problem, or one of those of files.</summary>
    /// <example>duplicate-in-file</example>
    public required string Cause { get; init; }

    /// <summary>The column that has it; absent when it is of the row as a whole.</summary>
    /// <example>invoiceId</example>
    public string? Column { get; init; }

    /// <summary>The rows can be paid all the same.</summary>
    /// <example>false</example>
    public required bool IsWarning { get; init; }

    /// <summary>The message of the first row.</summary>
    /// <example>is that of row 2 too</example>
    public required string Message { get; init; }

    /// <summary>The number of rows that have it.</summary>
    /// <example>1</example>
    public required int Count { get; init; }

    /// <summary>The first twenty of them. In a CSV file the header is row 1; elsewhere the first row is 1.</summary>
    public required IReadOnlyList<int> Rows { get; init; }

    internal static BatchCauseView Of(BatchCause cause) => new()
    {
        Cause = cause.Cause,
        Column = cause.Column,
        IsWarning = cause.IsWarning,
        Message = cause.Message,
        Count = cause.Count,
        Rows = cause.Rows,
    };
}

/// <summary>A row of a batch.</summary>
public sealed record BatchRowView
{
    /// <summary>Its number. In a CSV file the header is row 1; elsewhere the first row is 1.</summary>
    /// <example>2</example>
    public required int Row { get; init; }

    /// <summary>Its cells by the names of their columns, as they came.</summary>
    public required IReadOnlyDictionary<string, string> Cells { get; init; }

    public required IReadOnlyList<RowFaultView> Faults { get; init; }

    public required RowOutcome Outcome { get; init; }

    /// <summary>The payout that it became, or was before.</summary>
    /// <example>po_01jh9m4c5d7f9h1k3m5p7r9t1v</example>
    public string? PayoutId { get; init; }

    /// <summary>The code of the problem with which it was refused after the confirmation.</summary>
    /// <example>null</example>
    public string? Code { get; init; }

    internal static BatchRowView Of(BatchRow row) => new()
    {
        Row = row.No,
        Cells = row.Cells,
        Faults = [.. BatchStore.FaultsOf(row).Select(RowFaultView.Of)],
        Outcome = row.Outcome,
        PayoutId = PublicId.Of(PublicId.Payout, row.PayoutId),
        Code = row.Code,
    };
}

/// <summary>One thing that is wrong with a row.</summary>
public sealed record RowFaultView
{
    /// <summary>The cause in one word.</summary>
    /// <example>validation-failed</example>
    public required string Cause { get; init; }

    /// <summary>The column that has it; absent when it is of the row as a whole.</summary>
    /// <example>amount</example>
    public string? Column { get; init; }

    /// <example>allows at most 2 decimal places</example>
    public required string Message { get; init; }

    /// <summary>The row can be paid all the same.</summary>
    /// <example>false</example>
    public required bool IsWarning { get; init; }

    internal static RowFaultView Of(RowFault fault) => new()
    {
        Cause = fault.Cause,
        Column = fault.Column,
        Message = fault.Message,
        IsWarning = fault.IsWarning,
    };
}
