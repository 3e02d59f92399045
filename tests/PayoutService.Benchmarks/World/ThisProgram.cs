using System.Text.Json;

namespace PayoutService.Benchmarks.World;

/// <summary>This program again, as a process that is measured.</summary>
internal static class ThisProgram
{
    /// <summary>What a published program says of its runtime, and the variable that says the same to another.</summary>
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["System.GC.Server"] = "DOTNET_gcServer",
        ["System.GC.Concurrent"] = "DOTNET_gcConcurrent",
        ["System.Runtime.TieredPGO"] = "DOTNET_TieredPGO",
    };

    public static string Assembly { get; } = typeof(ThisProgram).Assembly.Location;

    /// <summary>The environment in which whatever stands beside the service in the table has the service's own garbage
    /// collector and runtime settings, as they were published.</summary>
    public static Dictionary<string, string> AsTheService()
    {
        using var config = JsonDocument.Parse(
            File.ReadAllText(Bench.Published("service", "PayoutService.runtimeconfig.json")));
        var published = config.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        var environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Production" };
        foreach (var (name, variable) in Variables)
        {
            if (published.TryGetProperty(name, out var value))
            {
                environment[variable] = value.GetBoolean() ? "1" : "0";
            }
        }

        return environment;
    }
}
