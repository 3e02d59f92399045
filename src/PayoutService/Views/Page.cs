namespace PayoutService.Views;

/// <summary>A list without pages.</summary>
public sealed record ListOf<T>(IReadOnlyList<T> Data);

/// <summary>One page of a list, newest first.</summary>
/// <param name="Data">The page.</param>
/// <param name="NextCursor">Send it as <c>cursor</c> for the next page; absent on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);
