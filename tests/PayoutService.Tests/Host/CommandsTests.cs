using System.Diagnostics;
using Npgsql;
using PayoutService.Development;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>What an operator reads when the program cannot do what it was asked.</summary>
[Trait("Run", "Long")]
public sealed class CommandsTests
{
    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Timeout=2")]
    [InlineData("Host=no-such-host.invalid;Timeout=2")]
    [InlineData("no such database")]
    public async Task Migrate_without_its_database_ends_with_a_sentence_and_exit_code_1(string connection)
    {
        var named = connection == "no such database"
            ? (await TestDatabase.CreateEmptyAsync()).Replace("=test_", "=none_", StringComparison.Ordinal)
            : connection;
        var start = new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "PayoutService.dll"), "migrate", "--environment=Development",
            $"--ConnectionStrings:Payouts={named}",
        ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };

        using var verb = Process.Start(start)!;
        var said = await verb.StandardError.ReadToEndAsync();
        await verb.WaitForExitAsync();

        Assert.Equal(1, verb.ExitCode);
        Assert.StartsWith("The database cannot be used: ", said, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:Payouts", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_cluster_of_another_version_is_moved_aside_and_a_new_one_serves()
    {
        var state = TestDatabase.FolderFor("aside");
        await using (var earlier = await PrivatePostgres.StartAsync(Path.Combine(state, "postgres"), durable: false))
        {
            await earlier.CreateDatabaseAsync("payouts");
            await TestDatabase.ExecuteAsync(earlier.ConnectionString("payouts"), """
                CREATE TABLE "__EFMigrationsHistory"
                    ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32));
                INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Later', '99.0.0')
                """);
            NpgsqlConnection.ClearAllPools();
        }

        var address = $"http://127.0.0.1:{Ports.Take()}";
        var start = new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "PayoutService.dll"),
            "--environment=Development", $"--urls={address}", "--Pockyt:BaseUrl=http://127.0.0.1:1",
        ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["PAYOUTS_STATE"] = state;

        using var service = Process.Start(start)!;
        var said = await service.StandardOutput.ReadLineAsync();
        using var api = new HttpClient { BaseAddress = new Uri(address) };
        while (!await AnswersAsync(api))
        {
            Assert.False(service.HasExited, said);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        using (Process.Start("kill", $"-TERM {service.Id}"))
        {
            await service.StandardOutput.ReadToEndAsync();
            await service.WaitForExitAsync();
        }

        var aside = Assert.Single(Directory.GetDirectories(state, "postgres-*"));
        Assert.Contains(
            $"made by another version of this service. It is now in {aside}", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(aside, "data", "PG_VERSION")));
        Directory.Delete(state, recursive: true);
    }

    private static async Task<bool> AnswersAsync(HttpClient api)
    {
        try
        {
            using var answer = await api.GetAsync("/health/live");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
