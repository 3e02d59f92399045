using Npgsql;
using PayoutService.Host;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>What the service can do in its database, should somebody else speak through it.</summary>
public sealed class ServiceRoleTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("UPDATE history SET actor = 'nobody'")]
    [InlineData("DELETE FROM history")]
    [InlineData("UPDATE payout_events SET actor = 'nobody'")]
    [InlineData("DELETE FROM payout_events")]
    [InlineData("UPDATE notices SET text = ''")]
    [InlineData("DELETE FROM notices")]
    [InlineData("UPDATE restores SET reason = ''")]
    [InlineData("UPDATE operator_acts SET actor = 'nobody'")]
    [InlineData("DELETE FROM operator_acts")]
    [InlineData("UPDATE data_protection_keys SET xml = ''")]
    [InlineData("DELETE FROM payouts")]
    [InlineData("TRUNCATE payouts")]
    [InlineData("ALTER TABLE payouts ADD more text")]
    [InlineData("ALTER TABLE history DISABLE TRIGGER ALL")]
    [InlineData("DROP TABLE payouts")]
    [InlineData("CREATE TABLE more (id int)")]
    [InlineData("INSERT INTO \"__EFMigrationsHistory\" VALUES ('more', '10')")]
    [InlineData("SET session_replication_role = replica")]
    public async Task The_service_cannot_change_tables_nor_what_was_written_down(string statement)
    {
        await using var source = StorageSetup.Open(stage.ConnectionString);
        await using var command = source.CreateCommand(statement);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Every_table_has_its_rights()
    {
        await using var source = StorageSetup.Open(stage.ConnectionString);
        await using var hidden = source.CreateCommand("""
            SELECT coalesce(string_agg(relname, ', '), '') FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT has_table_privilege(oid, 'SELECT')
            """);

        Assert.Equal("", await hidden.ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_owner_migrates_and_makes_the_role_that_the_service_runs_as()
    {
        var owner = await TestDatabase.CreateEmptyAsync();
        var role = $"a \"role\" of {Environment.ProcessId}";
        var service = new NpgsqlConnectionStringBuilder(owner) { Username = role, Password = "it's", Pooling = false };
        string[] verb =
        [
            .. Example.Production, $"--ConnectionStrings:Payouts={service}", $"--ConnectionStrings:Owner={owner}",
        ];

        string[] command = ["migrate", .. verb];
        var codes = (await Commands.MigrateAsync(command), await Commands.MigrateAsync(command));

        Assert.Equal((0, 0), codes);
        await using (var source = NpgsqlDataSource.Create(service))
        {
            await using var read = source.CreateCommand("SELECT count(*) FROM payouts");
            Assert.Equal(0L, await read.ExecuteScalarAsync());
        }

        var quoted = $"\"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await TestDatabase.ExecuteAsync(owner, $"DROP OWNED BY {quoted}; DROP ROLE {quoted}");
    }

    [Fact]
    public async Task A_service_that_runs_as_the_owner_says_so_to_operators()
    {
        var asService = await stage.Api.GetStringAsync("/health/ready");
        var owned = new ServiceFixture { ConnectionString = await TestDatabase.AsOwnerAsync(stage.ConnectionString) };
        await owned.InitializeAsync();
        var asOwner = await owned.Api.GetStringAsync("/health/ready");
        await owned.DisposeAsync();

        Assert.Contains("may change history", asOwner, StringComparison.Ordinal);
        Assert.DoesNotContain("may change history", asService, StringComparison.Ordinal);
    }
}
