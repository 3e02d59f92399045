namespace PayoutService.Storage.Batches;

/// <summary>The columns of a batch.</summary>
internal static class BatchColumns
{
    public const string InvoiceId = "invoiceId";
    public const string AccountId = "accountId";
    public const string Amount = "amount";
    public const string Currency = "currency";
    public const string Description = "description";
    public const string Note = "note";
    public const string ExecuteAt = "executeAt";

    /// <summary>The columns that rows of a JSON body may have besides.</summary>
    public const string Subject = "subject";
    public const string ProcessingChannel = "processingChannel";
    public const string Replaces = "replaces";

    /// <summary>What a name of metadata begins with.</summary>
    public const string Metadata = "metadata.";

    /// <summary>The column of a corrected file that says what was wrong; it is not read.</summary>
    public const string Error = "error";

    public static readonly string[] Required = [InvoiceId, AccountId, Amount, Currency];

    /// <summary>The columns of a CSV file, without metadata.</summary>
    public static readonly string[] OfFile = [.. Required, Description, Note, ExecuteAt];

    public static bool IsOfFile(string column) =>
        OfFile.Contains(column) || column == Error
        || (column.StartsWith(Metadata, StringComparison.Ordinal) && column.Length > Metadata.Length);
}
