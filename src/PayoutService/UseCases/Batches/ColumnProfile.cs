using PayoutService.Storage.Batches;

namespace PayoutService.UseCases.Batches;

/// <summary>The forms of the texts of a whole file, by which it finds cells that a spreadsheet or a person in a hurry
/// spoiled.</summary>
internal sealed class ColumnProfile
{
    /// <summary>Texts that people put where they have none.</summary>
    private static readonly HashSet<string> Placeholders = new(StringComparer.OrdinalIgnoreCase)
    {
        "test", "testing", "n/a", "tbd", "todo", "xxx", "dummy", "placeholder", "asdf", "123456789",
    };

    /// <summary>By column and number of digits: how many cells of digits there are, and whether one begins with 0.
    /// </summary>
    private readonly Dictionary<(string Column, int Length), (int Count, bool HasZero)> digits = [];

    /// <summary>Takes in a row.</summary>
    public void Add(IReadOnlyDictionary<string, string> cells)
    {
        foreach (var (column, text) in cells.Where(cell => IsKey(cell.Key) && IsDigits(cell.Value)))
        {
            var (count, hasZero) = digits.GetValueOrDefault((column, text.Length));
            digits[(column, text.Length)] = (count + 1, hasZero || text[0] == '0');
        }
    }

    /// <summary>The faults of a row, once all rows are taken in.</summary>
    public IEnumerable<RowFault> FaultsOf(IReadOnlyDictionary<string, string> cells)
    {
        foreach (var (column, text) in cells)
        {
            if (Placeholders.Contains(text.Trim()) || text.Contains("example.com", StringComparison.OrdinalIgnoreCase))
            {
                yield return new RowFault("placeholder", column, "is a placeholder: send what is meant");
            }
            else if (IsKey(column) && HasLostZeros(column, text))
            {
                yield return new RowFault(
                    "leading-zeros-lost", column,
                    "has fewer digits than others, which begin with 0: a spreadsheet may have dropped the zeros");
            }
            else if (IsKey(column) && IsScientific(text))
            {
                yield return new RowFault(
                    "number-format", column, "is a number as a spreadsheet shortens it: format the column as text");
            }
        }
    }

    /// <summary>Texts that may be an invoice id before it lost its zeros.</summary>
    public static IEnumerable<string> WithZeros(string invoiceId) =>
        IsDigits(invoiceId) && invoiceId[0] != '0' ? ["0" + invoiceId, "00" + invoiceId, "000" + invoiceId] : [];

    private bool HasLostZeros(string column, string text) =>
        IsDigits(text) && text[0] != '0' && digits.Any(one =>
            one.Key.Column == column && one.Key.Length > text.Length && one.Value.HasZero
            && one.Value.Count >= digits[(column, text.Length)].Count);

    /// <summary>Columns of texts that a spreadsheet may take for numbers.</summary>
    private static bool IsKey(string column) =>
        column == BatchColumns.InvoiceId || column.StartsWith(BatchColumns.Metadata, StringComparison.Ordinal);

    private static bool IsDigits(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    /// <summary>1.23457E+12.</summary>
    private static bool IsScientific(string text)
    {
        var at = text.IndexOf("E+", StringComparison.OrdinalIgnoreCase);
        return at > 0 && IsDigits(text[(at + 2)..]) && IsDigits(text[..at].Replace(".", "", StringComparison.Ordinal));
    }
}
