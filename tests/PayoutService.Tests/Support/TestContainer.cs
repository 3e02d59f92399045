using DotNet.Testcontainers.Builders;
using Testcontainers.PostgreSql;

namespace PayoutService.Tests.Support;

/// <summary>A PostgreSQL in a container, where a container engine answers.</summary>
internal static class TestContainer
{
    private const string Image = "postgres:17";

    /// <summary>An engine that does not answer in this time is none; an image may have to be pulled first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Starts the container, or says why there is none.</summary>
    public static async Task<(string? ConnectionString, string WhyNot)> TryStartAsync()
    {
        PostgreSqlContainer container;
        try
        {
            container = new PostgreSqlBuilder(Image).WithCommand("-c", "max_connections=300").Build();
        }
        catch (Exception none) when (none is DockerUnavailableException or ArgumentException)
        {
            return (null, "no container engine answers");
        }

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await container.StartAsync(patience.Token);
        }
        catch (Exception failed)
        {
            return (null, $"the container engine did not start {Image}: {failed.Message.ReplaceLineEndings(" ")}");
        }

        // Where nothing else removes it, as the engine's reaper does.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => container.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return (container.GetConnectionString(), "");
    }
}
