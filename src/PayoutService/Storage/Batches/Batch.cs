namespace PayoutService.Storage.Batches;

/// <summary>The status of a batch.</summary>
public enum BatchStatus
{
    /// <summary>Its rows are being read or checked.</summary>
    Planning,

    /// <summary>Its rows are checked; it waits for a confirmation.</summary>
    Planned,

    /// <summary>It was confirmed: its payouts are being accepted.</summary>
    Running,

    /// <summary>Every row has its outcome.</summary>
    Finished,

    /// <summary>Somebody canceled it: what was not sent is being canceled.</summary>
    Canceling,

    /// <summary>It was canceled, and so was every payout of it that was not sent.</summary>
    Canceled,
}

/// <summary>The form in which the rows of a batch came.</summary>
public enum BatchSource
{
    /// <summary>A JSON body.</summary>
    Json,

    /// <summary>A CSV file.</summary>
    Csv,

    /// <summary>Payouts that are paid again.</summary>
    PayAgain,
}

/// <summary>What a confirmation does about rows with errors.</summary>
public enum OnErrors
{
    /// <summary>Nothing is paid while a row has an error.</summary>
    Refuse,

    /// <summary>The rows with errors are left out.</summary>
    Skip,
}

/// <summary>Many payouts that are checked, confirmed, followed and canceled together. Each row is accepted as a payout
/// of its own.</summary>
internal sealed class Batch
{
    public required Guid Id { get; init; }

    public required string Merchant { get; init; }

    /// <summary>The name of the API key that made it: its payouts are that key's.</summary>
    public required string ApiKey { get; init; }

    /// <summary>The person behind that key.</summary>
    public required string Owner { get; init; }

    public required BatchSource Source { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public BatchStatus Status { get; set; }

    /// <summary>Concurrency token and ETag.</summary>
    public int Version { get; set; } = 1;

    /// <summary>The number of its rows; 0 until all are stored.</summary>
    public int RowCount { get; set; }

    /// <summary>The number of rows that cannot be paid as they are.</summary>
    public int ErrorCount { get; set; }

    /// <summary>The number of rows that somebody should look at before they are paid.</summary>
    public int WarningCount { get; set; }

    /// <summary>The number of rows with an outcome, as far as a worker has written down.</summary>
    public int DoneCount { get; set; }

    /// <summary>The sum of the rows without errors by currency, as decimal text.</summary>
    public Dictionary<string, string> Totals { get; set; } = [];

    /// <summary>The balances at Pockyt when the batch was checked, as far as Pockyt said.</summary>
    public Dictionary<string, string> Balances { get; set; } = [];

    /// <summary>The reason for paying again.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset? PlannedAt { get; set; }

    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>The name of the API key that confirmed it.</summary>
    public string? ConfirmedBy { get; set; }

    /// <summary>The name of the API key that canceled it.</summary>
    public string? CanceledBy { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Until when a worker has it; another takes it over afterwards.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>The worker that has it.</summary>
    public Guid? LeasedBy { get; set; }
}

/// <summary>The outcome of a row.</summary>
public enum RowOutcome
{
    /// <summary>It has none yet.</summary>
    Pending,

    /// <summary>It is a payout of this batch.</summary>
    Created,

    /// <summary>The payout existed already: nothing new is paid.</summary>
    Replayed,

    /// <summary>It was refused when it was to be accepted.</summary>
    Refused,

    /// <summary>It has an error, and the batch was confirmed without it.</summary>
    Skipped,

    /// <summary>The batch was canceled before it was accepted.</summary>
    Canceled,
}

/// <summary>A row of a batch, as it came.</summary>
internal sealed class BatchRow
{
    public required Guid BatchId { get; init; }

    /// <summary>The number that people see: of a CSV file with its header as 1, else from 1.</summary>
    public required int No { get; init; }

    /// <summary>Its cells by the names of their columns.</summary>
    public required Dictionary<string, string> Cells { get; init; }

    /// <summary>What is wrong with it, as JSON: see <see cref="RowFault"/>.</summary>
    public string Faults { get; set; } = "[]";

    /// <summary>One of its faults is an error.</summary>
    public bool HasError { get; set; }

    public RowOutcome Outcome { get; set; }

    public Guid? PayoutId { get; set; }

    /// <summary>The code of the problem with which it was refused.</summary>
    public string? Code { get; set; }
}

/// <summary>One thing that is wrong with a row.</summary>
/// <param name="Cause">The kind of fault, in one word.</param>
/// <param name="Column">The column that has it; null: the row as a whole.</param>
/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="IsWarning">It can be paid all the same.</param>
/// <param name="IsOfForm">It was found when the row was read, of what is not kept.</param>
internal sealed record RowFault(
    string Cause, string? Column, string Message, bool IsWarning = false, bool IsOfForm = false);
