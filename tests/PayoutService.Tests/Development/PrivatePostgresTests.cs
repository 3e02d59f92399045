using System.Runtime.Versioning;
using Npgsql;
using PayoutService.Development;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Development;

/// <summary>Whoever reaches the socket of a private cluster owns its databases.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivatePostgresTests
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public async Task Only_its_owner_may_enter_the_folders_of_a_cluster_and_its_socket()
    {
        var folder = TestDatabase.FolderFor("closed");
        await using var cluster = await PrivatePostgres.StartAsync(folder, durable: false);

        var socket = new NpgsqlConnectionStringBuilder(cluster.ConnectionString("postgres")).Host!;

        Assert.StartsWith(folder, socket, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(socket, ".s.PGSQL.5432")));
        Assert.Equal((OwnerOnly, OwnerOnly), (File.GetUnixFileMode(folder), File.GetUnixFileMode(socket)));
        await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("socket")]
    public async Task A_link_in_the_place_of_a_folder_is_refused(string below)
    {
        var elsewhere = Directory.CreateTempSubdirectory("elsewhere-");
        var state = Directory.CreateTempSubdirectory("state-");
        var folder = Path.Combine(state.FullName, "postgres");
        Directory.CreateDirectory(below.Length > 0 ? folder : state.FullName);
        Directory.CreateSymbolicLink(Path.Combine(folder, below).TrimEnd('/'), elsewhere.FullName);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => PrivatePostgres.StartAsync(folder, durable: false));

        Assert.Contains("is a link", refused.Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.GetFileSystemInfos());
        state.Delete(recursive: true);
        elsewhere.Delete();
    }

    [Fact]
    public async Task A_path_that_no_socket_can_have_is_refused_with_what_to_do()
    {
        var folder = Path.Combine(Path.GetTempPath(), new string('a', 90));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => PrivatePostgres.StartAsync(folder, durable: false));

        Assert.Contains("PAYOUTS_STATE", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }
}
