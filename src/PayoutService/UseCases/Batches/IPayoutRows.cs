using PayoutService.Payouts;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Payouts;

namespace PayoutService.UseCases.Batches;

/// <summary>Reads the rows of batches by the rules that hold for the body of POST /v1/payouts, and names what is wrong
/// with them as that call does.</summary>
internal interface IPayoutRows
{
    /// <summary>Turns the cells of a row into an order.</summary>
    /// <param name="cells">The cells by the names of their columns.</param>
    /// <param name="by">Who made the batch.</param>
    /// <param name="now">The time that bounds executeAt.</param>
    /// <param name="order">The order; null when there is a fault.</param>
    /// <returns>What is wrong with the row.</returns>
    IReadOnlyList<RowFault> Read(
        IReadOnlyDictionary<string, string> cells,
        BatchMaker by,
        DateTimeOffset now,
        out PayoutOrder? order);

    /// <summary>The faults of a row whose order would be refused; none: it would be created, or was before.</summary>
    IReadOnlyList<RowFault> FaultsOf(JudgedOrder judged);
}

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

    /// <summary>What a name of metadata begins with.</summary>
    public const string Metadata = "metadata.";

    /// <summary>The column of a corrected file that says what was wrong; it is not read.</summary>
    public const string Error = "error";

    public static readonly string[] Required = [InvoiceId, AccountId, Amount, Currency];

    /// <summary>The columns of a CSV file, without metadata.</summary>
    public static readonly string[] OfFile = [.. Required, Description, Note, ExecuteAt];

    /// <summary>An id as callers write it.</summary>
    public static string IdOf(Guid id, string prefix) => prefix + new Ulid(id).ToString().ToLowerInvariant();

    public static bool IsOfFile(string column) =>
        OfFile.Contains(column) || column == Error
        || (column.StartsWith(Metadata, StringComparison.Ordinal) && column.Length > Metadata.Length);
}
