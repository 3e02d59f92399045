namespace PayoutService.Benchmarks.World;

/// <summary>This program again, as a process that is measured.</summary>
internal static class ThisProgram
{
    public static string Assembly { get; } = typeof(ThisProgram).Assembly.Location;

    /// <summary>The service is a web project and so has the server's garbage collector; whatever stands beside it in
    /// the table has it too.</summary>
    public static IReadOnlyDictionary<string, string> AsTheService { get; } = new Dictionary<string, string>
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["DOTNET_gcServer"] = "1",
    };
}
