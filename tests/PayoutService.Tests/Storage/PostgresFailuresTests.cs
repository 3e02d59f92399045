using Npgsql;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>What passes by itself is told from what is our fault.</summary>
public sealed class PostgresFailuresTests
{
    [Theory]
    [InlineData("XX000", "cannot assign TransactionIds during recovery", true)]
    [InlineData("XX000", "unexpected data beyond EOF", false)]
    [InlineData("25006", "cannot execute INSERT in a read-only transaction", true)]
    [InlineData("57P01", "terminating connection due to administrator command", true)]
    [InlineData("08P01", "server login failed", true)]
    [InlineData("23505", "duplicate key", false)]
    [InlineData("42P01", "no such table", false)]
    public async Task A_server_that_is_away_or_about_to_be_the_primary_is_unavailable(
        string state, string message, bool isUnavailable)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(async () => await TestDatabase.ExecuteAsync(
            await TestDatabase.CreateEmptyAsync(),
            $"DO $do$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{state}'; END $do$"));

        Assert.Equal((state, isUnavailable), (refused.SqlState, PostgresFailures.IsUnavailable(refused)));
    }
}
