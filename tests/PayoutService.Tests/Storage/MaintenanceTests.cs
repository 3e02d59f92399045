using Npgsql;
using PayoutService.Host;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>The verb that removes what is old.</summary>
public sealed class MaintenanceTests
{
    [Fact]
    public async Task All_that_is_old_is_removed_by_the_owner_in_one_go_and_what_is_young_stays()
    {
        var owner = await TestDatabase.CreateEmptyAsync();
        await TestDatabase.MigrateAsync(owner);
        await TestDatabase.ExecuteAsync(owner, """
            INSERT INTO provider_calls (id, merchant, operation, at, latency_ms, outcome, result)
            SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000800000000'
                || lpad(no::text, 7, '0'))::uuid, 'main', '/v3/payouts/inquiry', at, 1, 'answered', '000100'
            FROM generate_series(1, 20005) AS no,
                LATERAL (SELECT now() - CASE WHEN no <= 20001 THEN 91 ELSE 89 END * interval '1 day' AS at) AS day
            """);
        string[] settings = [.. Example.Production, $"--ConnectionStrings:Owner={owner}"];

        var code = await Commands.MaintainAsync(["maintain", .. settings]);

        await using var source = NpgsqlDataSource.Create(owner);
        await using var left = source.CreateCommand("SELECT count(*) FROM provider_calls");
        Assert.Equal((0, 4L), (code, await left.ExecuteScalarAsync()));
    }

    [Fact]
    public async Task Without_its_database_it_ends_with_a_sentence_and_exit_code_1()
    {
        string[] settings = [.. Example.Production, "--ConnectionStrings:Owner=Host=127.0.0.1;Port=1"];

        Assert.Equal(1, await Commands.MaintainAsync(["maintain", .. settings]));
    }
}
