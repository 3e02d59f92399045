using System.Net;
using System.Net.Sockets;
using Npgsql;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

public sealed class StorageSetupTests
{
    [Theory]
    [InlineData("Host=unused", 40, GssEncryptionMode.Disable, 1, 10, -1)]
    [InlineData(
        "Host=unused;Maximum Pool Size=7;GSS Encryption Mode=Prefer;Timeout=3;Command Timeout=4;Cancellation Timeout=5",
        7, GssEncryptionMode.Prefer, 3, 4, 5)]
    public async Task A_connection_string_is_believed_where_it_says_something(
        string given, int poolSize, GssEncryptionMode encryption, int timeout, int commandTimeout, int cancellation)
    {
        await using var source = StorageSetup.Open(given);

        var settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);

        Assert.Equal((poolSize, encryption), (settings.MaxPoolSize, settings.GssEncryptionMode));
        Assert.Equal(
            (timeout, commandTimeout, cancellation),
            (settings.Timeout, settings.CommandTimeout, settings.CancellationTimeout));
    }

    [Fact]
    public async Task A_connection_that_breaks_while_it_is_opened_means_that_the_database_is_away()
    {
        var database = new NpgsqlConnectionStringBuilder(await TestDatabase.CreateAsync());
        EndPoint server = Path.IsPathRooted(database.Host)
            ? new UnixDomainSocketEndPoint(Path.Combine(database.Host, $".s.PGSQL.{database.Port}"))
            : new DnsEndPoint(database.Host!, database.Port, AddressFamily.InterNetwork);
        var nobody = new IPEndPoint(IPAddress.Loopback, 1);
        var connections = 0;
        await using var gate = new TcpProxy(() => connections++ == 0 ? nobody : server);
        (database.Host, database.Port) = ("127.0.0.1", gate.Port);
        await using var source = StorageSetup.Open(database.ConnectionString);

        var broken = await Record.ExceptionAsync(AskAsync);
        await AskAsync();

        Assert.True(PostgresFailures.IsUnavailable(broken), $"{broken}");

        async Task AskAsync()
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand("SELECT 1", connection, transaction);
            await command.ExecuteScalarAsync();
        }
    }
}
