using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Primitives;

namespace PayoutService.Host;

/// <summary>A file with secrets, as a deployment mounts one. It has the shape of appsettings.json, wins over every
/// other source, and is read again when it changes.</summary>
internal static class SecretsFile
{
    private const string Setting = "SecretsFile";

    /// <exception cref="SettingsException">The file is not there.</exception>
    public static void Add(ConfigurationManager configuration)
    {
        if (configuration[Setting] is not { Length: > 0 } path)
        {
            return;
        }

        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new SettingsException($"{Setting} names {file.FullName}, which is not there.");
        }

        if (!OperatingSystem.IsWindows() && (file.UnixFileMode & UnixFileMode.OtherWrite) != 0)
        {
            throw new SettingsException(
                $"{Setting} names {file.FullName}, which everybody may write: chmod o-w.");
        }

        configuration.AddJsonFile(source =>
        {
            source.FileProvider = new Watched(file);
            source.Path = file.Name;
            source.ReloadOnChange = true;

            // A file that is gone or broken is empty, and an empty one is a problem: see below.
            source.Optional = true;
            source.OnLoadException = failure => failure.Ignore = true;
        });
    }

    /// <summary>Problems of the file as it was last read. A file that says nothing must not uncover what it
    /// covered in the sources below it.</summary>
    public static IEnumerable<string> Problems(IConfigurationRoot configuration)
    {
        if (configuration[Setting] is { Length: > 0 }
            && !configuration.Providers.OfType<JsonConfigurationProvider>().Last().GetChildKeys([], null).Any())
        {
            yield return $"{Setting} names a file that is empty, gone, or not JSON.";
        }
    }

    /// <summary>Reads the file every two seconds. A mounted secret is exchanged by pointing a link elsewhere, which is
    /// no event of the file itself, so only what it holds tells; the framework's own poll takes up to 8 s.</summary>
    private sealed class Watched : IFileProvider, IDisposable
    {
        private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

        private readonly PhysicalFileProvider files;
        private readonly string path;
        private readonly Timer timer;
        private CancellationTokenSource changed = new();
        private byte[] held;

        public Watched(FileInfo file)
        {
            files = new PhysicalFileProvider(file.DirectoryName!, ExclusionFilters.None);
            path = file.FullName;
            held = Read();
            timer = new Timer(_ => Look(), null, LookEvery, LookEvery);
        }

        public IFileInfo GetFileInfo(string subpath) => files.GetFileInfo(subpath);

        public IDirectoryContents GetDirectoryContents(string subpath) => files.GetDirectoryContents(subpath);

        public IChangeToken Watch(string filter) => new CancellationChangeToken(changed.Token);

        public void Dispose()
        {
            timer.Dispose();
            changed.Dispose();
            files.Dispose();
        }

        private void Look()
        {
            var now = Read();
            if (!now.AsSpan().SequenceEqual(held))
            {
                held = now;
                using var before = Interlocked.Exchange(ref changed, new CancellationTokenSource());
                before.Cancel();
            }
        }

        private byte[] Read()
        {
            try
            {
                return File.ReadAllBytes(path);
            }
            catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }
    }
}
