using System.Diagnostics;
using PayoutService.Tests.Support;

namespace PayoutService.WebTests;

/// <summary>Programs that `./test web` installs: the tools of package.json, and Chromium.</summary>
internal static class Tool
{
    /// <summary>The folder of this project.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "PayoutService.WebTests");

    /// <summary>A service whose workers run by themselves, and ask Pockyt within seconds.</summary>
    public static ServiceFixture LiveService() => Enumerable.Range(0, 6).Aggregate(
        new ServiceFixture().With("Roles", "api,workers"),
        (stage, at) => stage.With($"Payouts:AskDelays:{at}", $"00:00:0{at + 1}"));

    /// <summary>Runs a tool of package.json.</summary>
    public static Task<(int Code, string Output)> NpmAsync(string name, params string[] arguments) =>
        RunAsync(Path.Combine(Folder, "node_modules", ".bin", name), arguments);

    /// <summary>The path of an installed program.</summary>
    public static string Find(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"{program} is not installed: ./run install-web installs it.");

    /// <summary>Runs a program in the folder of this project.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Folder,
            },
        };
        process.Start();
        var said = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }
}
