namespace PockytSimulator;

/// <summary>
/// The verb <c>health</c>: asks the simulator that runs with the same settings whether it answers, so that a
/// container needs no curl for its health check.
/// </summary>
internal static class HealthCheck
{
    public static async Task<int> RunAsync(string[] args)
    {
        var settings = new ConfigurationBuilder()
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddEnvironmentVariables("DOTNET_")
            .AddCommandLine(args)
            .Build();

        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{PortOf(settings)}/simulator/health"));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
    }

    // Urls win over ports, as they do in Kestrel.
    private static int PortOf(IConfiguration settings)
    {
        if (settings["urls"] is { Length: > 0 } urls)
        {
            return BindingAddress.Parse(urls.Split(';')[0]).Port;
        }

        return settings["http_ports"] is { Length: > 0 } ports
            ? int.Parse(ports.Split(';')[0], System.Globalization.CultureInfo.InvariantCulture)
            : BindingAddress.Parse(Simulator.DefaultUrl).Port;
    }
}
