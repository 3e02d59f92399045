using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;

namespace PayoutService;

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

        configuration.AddJsonFile(source =>
        {
            // Looked at every few seconds, because a mounted secret is exchanged by pointing a link elsewhere, and
            // that is no event of the file itself.
            source.FileProvider = new PhysicalFileProvider(file.DirectoryName!, ExclusionFilters.None)
            {
                UsePollingFileWatcher = true,
                UseActivePolling = true,
            };
            source.Path = file.Name;
            source.ReloadOnChange = true;

            // A file that is gone or broken is empty, and an empty one is a problem: see below.
            source.Optional = true;
            source.OnLoadException = failure => failure.Ignore = true;
        });
    }

    /// <summary>What is wrong with the file as it was last read. A file that says nothing must not uncover what it
    /// covered in the sources below it.</summary>
    public static IEnumerable<string> Problems(IConfigurationRoot configuration)
    {
        if (configuration[Setting] is { Length: > 0 }
            && !configuration.Providers.OfType<JsonConfigurationProvider>().Last().GetChildKeys([], null).Any())
        {
            yield return $"{Setting} names a file that is empty, gone, or not JSON.";
        }
    }
}
