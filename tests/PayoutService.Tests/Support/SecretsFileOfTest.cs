using System.Text.Json;

namespace PayoutService.Tests.Support;

/// <summary>A file of secrets as a deployment mounts it; it is not there until it is written.</summary>
internal sealed class SecretsFileOfTest : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("payouts-secrets-");

    public string Path => System.IO.Path.Combine(folder.FullName, "secrets.json");

    /// <summary>Writes beside the file and moves over it, so that nobody ever reads half of it.</summary>
    public async Task WriteAsync(string text)
    {
        await File.WriteAllTextAsync(Path + ".new", text);
        File.Move(Path + ".new", Path, overwrite: true);
    }

    public Task WriteTokensAsync(string merchant, params string[] tokens) =>
        WriteAsync(JsonSerializer.Serialize(new
        {
            Pockyt = new { Merchants = new Dictionary<string, object> { [merchant] = new { Tokens = tokens } } },
        }));

    public void Remove() => File.Delete(Path);

    public void Dispose() => folder.Delete(recursive: true);
}
