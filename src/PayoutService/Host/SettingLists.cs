using System.Collections;
using System.Reflection;

namespace PayoutService.Host;

/// <summary>
/// Reads settings so that each list comes whole from the last source that has it, and from no other. Binding alone adds
/// one source's list to another's, place by place: a key or a token that the last source dropped would go on working.
/// </summary>
internal static class SettingLists
{
    /// <summary>A section of the settings, with every list in it, at any depth, read whole.</summary>
    public static T Read<T>(IConfigurationRoot configuration, string path)
        where T : class, new()
    {
        var settings = configuration.GetSection(path).Get<T>() ?? new T();
        Replace(settings, new T(), configuration, path);
        return settings;
    }

    /// <summary>A section that another one lies over: each setting, and each list, comes from the section if it is
    /// there, else from the general one.</summary>
    public static T ReadOver<T>(IConfigurationRoot configuration, string general, string path)
        where T : class, new()
    {
        var settings = Read<T>(configuration, general);
        configuration.GetSection(path).Bind(settings);
        Replace(settings, Read<T>(configuration, general), configuration, path);
        return settings;
    }

    /// <summary>One list. Null: no source has it.</summary>
    public static T[]? List<T>(IConfigurationRoot configuration, string path) =>
        (T[]?)List(typeof(T[]), configuration, path);

    private static void Replace(object settings, object defaults, IConfigurationRoot configuration, string path)
    {
        foreach (var property in settings.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanWrite))
        {
            var at = $"{path}:{property.Name}";
            if (property.PropertyType.IsArray)
            {
                property.SetValue(
                    settings, List(property.PropertyType, configuration, at) ?? property.GetValue(defaults));
            }
            else if (property.GetValue(settings) is IDictionary named)
            {
                foreach (DictionaryEntry entry in named)
                {
                    var value = entry.Value!;
                    Replace(value, Activator.CreateInstance(value.GetType())!, configuration, $"{at}:{entry.Key}");
                }
            }
        }
    }

    private static object? List(Type type, IConfigurationRoot configuration, string path)
    {
        foreach (var source in configuration.Providers.Reverse())
        {
            if (source.GetChildKeys([], path).Any())
            {
                Dictionary<string, string?> alone = [];
                Copy(source, path, alone);
                return new ConfigurationBuilder().AddInMemoryCollection(alone).Build().GetSection(path).Get(type);
            }

            if (source.TryGet(path, out _))
            {
                return Array.CreateInstance(type.GetElementType()!, 0);
            }
        }

        return null;
    }

    /// <summary>The settings of one source at a path and below it. Null in a list is an empty text, never left
    /// out.</summary>
    private static void Copy(IConfigurationProvider source, string path, Dictionary<string, string?> copy)
    {
        if (source.TryGet(path, out var value))
        {
            copy[path] = value ?? "";
        }

        foreach (var key in source.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            Copy(source, $"{path}:{key}", copy);
        }
    }
}
