using System.Diagnostics;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>What an operator reads when the program cannot do what it was asked.</summary>
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
}
