using PayoutService.Storage;
using PayoutService.Views;

namespace PayoutService.Api.Http;

/// <summary>The query members every list has.</summary>
/// <param name="Limit">How many at most: 1 to 200.</param>
/// <param name="Cursor">Where the page begins: <c>nextCursor</c> of the page before.</param>
internal sealed record Paging(int Limit, string? Cursor)
{
    public const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    /// <summary>Reasons why these members cannot be used, by name; null when they can.</summary>
    public (string Field, string Reason)? Problem(Cursors cursors, string list, string merchant) =>
        Limit is < 1 or > MaxLimit ? ("limit", $"must be 1 to {MaxLimit}")
        : Cursor is not null && !cursors.TryRead(Cursor, list, merchant, out _) ? ("cursor", "is not one we gave you")
        : null;

    /// <summary>Reads one page of rows that are already ordered newest first.</summary>
    /// <exception cref="SearchException">It was not finished.</exception>
    public async Task<Page<TView>> ReadAsync<TRow, TView>(
        Func<Guid?, IQueryable<TRow>> rowsBefore,
        Func<TRow, Guid> idOf,
        Func<TRow, TView> view,
        Cursors cursors,
        string list,
        string merchant,
        Searches searches,
        CancellationToken cancel,
        Func<IReadOnlyList<TRow>, Task>? check = null)
        where TRow : class
    {
        Guid? before = Cursor is not null && cursors.TryRead(Cursor, list, merchant, out var last) ? last : null;
        var rows = await searches.RunAsync(rowsBefore(before).Take(Limit + 1), cancel);
        var page = rows.Take(Limit).ToList();
        if (check is not null)
        {
            await check(page);
        }

        var next = rows.Count > Limit ? cursors.After(idOf(page[^1]), list, merchant) : null;
        return new Page<TView>([.. page.Select(view)], next);
    }
}
