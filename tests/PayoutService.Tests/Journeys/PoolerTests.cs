using System.Net;
using System.Net.Http.Json;
using Npgsql;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>The service connects through PgBouncer.</summary>
[Trait("Run", "Long")]
public sealed class PoolerTests
{
    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task Behind_a_pooler_many_payouts_at_once_are_accepted_and_each_is_paid_once(string mode)
    {
        await using var pooler = await PgBouncer.StartAsync(await TestDatabase.CreateAsync(), mode);
        var stage = Behind(pooler);
        await stage.InitializeAsync();

        // Between two writes of one caller others read, so that each write gets another session.
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(PayAndReadAsync));
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        Assert.All(answers.SelectMany(all => all), answer => Assert.Equal(HttpStatusCode.Created, answer));
        Assert.All(Enumerable.Range(0, 200), number => Assert.Single(stage.Book.ArrivalsOf($"pooled-{number}")));
        Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync("pooled-199")).Status);
        await stage.DisposeAsync();

        async Task<List<HttpStatusCode>> PayAndReadAsync(int caller)
        {
            List<HttpStatusCode> statuses = [];
            for (var number = caller * 20; number < (caller + 1) * 20; number++)
            {
                var answer = await stage.Api.PostAsJsonAsync(
                    "/v1/payouts", Example.Payout(stage.AccountId, $"pooled-{number}", "500.00"));
                statuses.Add(answer.StatusCode);
                await stage.Api.GetAsync("/v1/payouts");
            }

            return statuses;
        }
    }

    [Fact]
    public async Task A_pooler_whose_server_is_away_means_503_and_not_a_fault_of_ours()
    {
        var database = await TestDatabase.CreateAsync();
        await using var pooler = await PgBouncer.StartAsync(database, "transaction");
        var stage = Behind(pooler);
        await stage.InitializeAsync();
        await AllowConnectionsAsync(database, false);

        var away = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "away", "500.00"));
        var read = await stage.Api.GetAsync("/v1/payouts");
        await AllowConnectionsAsync(database, true);
        await stage.PayAsync();

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable),
            (away.StatusCode, read.StatusCode));
        await stage.DisposeAsync();
    }

    [Fact]
    public async Task Sessions_that_do_not_wait_for_the_disk_are_not_ready()
    {
        var database = await TestDatabase.CreateAsync();
        await TestDatabase.ExecuteAsync(
            database, $"ALTER DATABASE {NameOf(database)} SET synchronous_commit = off");
        await using var pooler = await PgBouncer.StartAsync(database, "transaction");
        var stage = Behind(pooler);
        await stage.InitializeAsync();

        var ready = await stage.Api.GetAsync("/health/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains(
            "synchronous_commit=off", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await stage.DisposeAsync();
    }

    [Fact]
    public async Task Migrating_gives_the_role_behind_a_pooler_the_settings_of_its_sessions()
    {
        var owner = await TestDatabase.CreateEmptyAsync();
        var role = new ServiceRole($"pooled_{Environment.ProcessId}", "pooled", BehindPooler: true);
        await using var source = NpgsqlDataSource.Create(owner);

        await Migrating.RunAsync(source, role, TimeProvider.System);

        await using var ask = source.CreateCommand(
            $"SELECT array_to_string(rolconfig, ' ') FROM pg_roles WHERE rolname = '{role.Name}'");
        Assert.Equal("random_page_cost=1.1 jit=off synchronous_commit=on", await ask.ExecuteScalarAsync());
        await TestDatabase.ExecuteAsync(owner, $"DROP OWNED BY {role.Name}; DROP ROLE {role.Name}");
    }

    private static ServiceFixture Behind(PgBouncer pooler) =>
        new ServiceFixture { ConnectionString = pooler.ConnectionString }.With("Database:BehindPooler", "true");

    private static string NameOf(string database) => new NpgsqlConnectionStringBuilder(database).Database!;

    /// <summary>As a server that is away, of which only the pooler knows.</summary>
    private static async Task AllowConnectionsAsync(string database, bool allow)
    {
        var postgres = new NpgsqlConnectionStringBuilder(database) { Database = "postgres" }.ConnectionString;
        await TestDatabase.ExecuteAsync(
            postgres, $"ALTER DATABASE {NameOf(database)} WITH ALLOW_CONNECTIONS {(allow ? "true" : "false")}");
        await TestDatabase.ExecuteAsync(
            postgres, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{NameOf(database)}'");
    }
}
