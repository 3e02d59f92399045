using PayoutService.Payouts;

namespace PayoutService.Storage;

/// <summary>
/// Bounds how long a caller waits for the database. Only the wait ends: what was begun goes on, and is committed or
/// not. A token that reached a COMMIT would cancel its wait for the synchronous standby, and PostgreSQL would answer
/// success for what a failover may undo; so no token reaches a transaction.
/// </summary>
internal static class Patience
{
    /// <summary>For what is done for many rows: a batch, or a restore that lost nothing.</summary>
    public static readonly TimeSpan ForMany = TimeSpan.FromSeconds(15);

    /// <summary>The seconds that a statement of a reading request may take, half of what a caller waits: nothing is in
    /// doubt when it is given up. With the time to get a connection and to give it up, a caller waits less than 3 s.
    /// </summary>
    public static int ReadingSeconds(PayoutRules rules) => Math.Max(1, (int)(rules.CallerPatience.TotalSeconds / 2));

    /// <exception cref="TimeoutException">The database did not answer in time; it may still do what was asked.
    /// </exception>
    public static Task<T> InTimeAsync<T>(this Task<T> work, PayoutRules rules, CancellationToken cancel) =>
        work.WaitAsync(rules.CallerPatience, cancel);

    /// <inheritdoc cref="InTimeAsync{T}(Task{T}, PayoutRules, CancellationToken)"/>
    public static Task InTimeAsync(this Task work, PayoutRules rules, CancellationToken cancel) =>
        work.WaitAsync(rules.CallerPatience, cancel);

    /// <summary>The same for what waits in a queue first: while it is still there when time is up, it is taken out.
    /// </summary>
    public static async Task<T> InTimeAsync<T>(
        Func<CancellationToken, Task<T>> queued, TimeSpan patience, CancellationToken cancel)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        enough.CancelAfter(patience);
        try
        {
            return await queued(enough.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException("The database did not answer in time; it may be accepted nevertheless.");
        }
    }
}
