using Testcontainers.PostgreSql;

namespace PayoutService.Tests.Support;

/// <summary>A PostgreSQL in a container; compiled only with <c>-p:UseTestcontainers=true</c>.</summary>
internal static class TestContainer
{
    public static async Task<string> StartAsync()
    {
        var container = new PostgreSqlBuilder("postgres:17").Build();
        await container.StartAsync();
        return container.GetConnectionString();
    }
}
