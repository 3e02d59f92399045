using PayoutService.Ops.Sessions;
using PayoutService.Views.Csv;

namespace PayoutService.Ops;

/// <summary>Answers with a list as a CSV file, which is sent while it is read.</summary>
internal static class Downloads
{
    /// <param name="session">Who asked.</param>
    /// <param name="list">The name of the list.</param>
    /// <param name="header">The names of the fields.</param>
    /// <param name="lines">The lines and their totals.</param>
    /// <param name="cancel">Ends it when nobody takes it any more.</param>
    public static IResult Send(
        Session session,
        string list,
        string[] header,
        IAsyncEnumerable<string?[]> lines,
        CancellationToken cancel) => TypedResults.Stream(
            to => CsvFile.WriteAsync(to, header, lines, cancel),
            CsvFile.ContentType,
            $"{list}-{session.Merchant}-{session.Now:yyyyMMdd'T'HHmmss'Z'}.csv");
}
