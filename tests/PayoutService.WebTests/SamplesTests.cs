using PayoutService.Tests.Support;

namespace PayoutService.WebTests;

/// <summary>The samples pay and hear that the payout is confirmed, by clients that were generated.</summary>
public sealed class SamplesTests : IAsyncLifetime
{
    private static readonly string TypeScript = Path.Combine(Repository.Root, "samples", "typescript");

    private readonly ServiceFixture stage = Tool.LiveService();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task The_sample_in_CSharp_pays_and_hears_that_it_is_confirmed()
    {
        var program = typeof(Client.PayoutServiceClient).Assembly.Location
            .Replace("PayoutService.Client.dll", "PayAndListen.dll", StringComparison.Ordinal);

        var (code, output) = await Tool.RunAsync("dotnet", program, $"{stage.Api.BaseAddress}", "dev-key");

        Assert.Contains("Succeeded, money moved: Yes", output, StringComparison.Ordinal);
        Assert.Equal(0, code);
        Assert.True(Lines("samples/PayAndListen/Program.cs") < 60);
    }

    [Fact]
    public async Task The_sample_in_TypeScript_compiles_strictly_and_hears_that_it_is_confirmed()
    {
        await DoneAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        await DoneAsync("npm", "run", "generate");
        await DoneAsync("npm", "run", "build");

        var (code, output) = await Tool.RunAsync(
            "node", Path.Combine(TypeScript, "out", "pay-and-listen.js"), $"{stage.Api.BaseAddress}".TrimEnd('/'));

        Assert.Contains("succeeded, money moved: yes", output, StringComparison.Ordinal);
        Assert.Equal(0, code);
        Assert.True(Lines("samples/typescript/pay-and-listen.ts") < 60);
    }

    [Fact]
    public async Task The_Arazzo_workflow_pays_and_reads_events_until_it_is_confirmed()
    {
        var (code, output) = await Tool.NpmAsync(
            "redocly",
            "respect",
            Path.Combine(Repository.Root, "docs", "arazzo.yaml"),
            $"--server=payouts={$"{stage.Api.BaseAddress}".TrimEnd('/')}",
            "--input=apiKey=dev-key",
            "--input=customerCode=arazzo",
            "--input=email=arazzo@example.com",
            "--input=invoiceId=arazzo");

        Assert.Contains("Steps: 6 passed, 6 total", output, StringComparison.Ordinal);
        Assert.Equal(0, code);
    }

    private static int Lines(string file) => File.ReadAllLines(Path.Combine(Repository.Root, file)).Length;

    private static async Task DoneAsync(string program, params string[] arguments)
    {
        var (code, output) = await Tool.RunAsync(program, ["--prefix", TypeScript, .. arguments]);
        Assert.True(code == 0, output);
    }
}
