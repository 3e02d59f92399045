using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using PayoutService.Api.Http;
using PayoutService.Host;
using PayoutService.Pockyt;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>A list of the settings comes whole from the last source that has it.</summary>
public sealed class SettingListsTests
{
    public static TheoryData<string> Lists => [.. Found(typeof(Settings), "").Select(list => list.Path)];

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_list_comes_whole_from_the_last_source_that_has_it(string path)
    {
        var element = Found(typeof(Settings), "").Single(list => list.Path == path).Element;
        Dictionary<string, string?> first = [];
        Dictionary<string, string?> last = [];
        Fill(first, path, element, from: 1, count: 3);
        Fill(last, path, element, from: 4, count: 1);

        var settings = Read(first, last);

        var values = Values(settings, path);
        Assert.Equal([.. Expected(path, element, from: 4, count: 1)], values);
    }

    [Fact]
    public void Every_list_there_is_is_walked_over()
    {
        string[] known =
        [
            "ApiKeys", "ApiKeys:0:Scopes", "Payouts:AskDelays", "Payouts:HoldDelays", "Payouts:PayeeLookDelays",
            "Payouts:ReturnWatchDelays",
            "Payees:RefusedCountries", "Pockyt:Merchants:main:IpnSecrets", "Pockyt:Merchants:main:Tokens",
            "Pockyt:ProductionHosts", "Pockyt:SandboxHosts",
        ];

        Assert.Empty(known.Except(Found(typeof(Settings), "").Select(list => list.Path)));
    }

    [Fact]
    public void A_list_that_no_source_has_keeps_its_default_and_an_empty_one_is_empty()
    {
        var settings = Read([], new() { ["Pockyt:SandboxHosts"] = "" });

        Assert.Equal(new PockytOptions().ProductionHosts, settings.Pockyt.ProductionHosts);
        Assert.Empty(settings.Pockyt.SandboxHosts);
    }

    /// <summary>Every list below the settings; a list that is no array would not be read whole, so there is none.
    /// </summary>
    private static IEnumerable<(string Path, Type Element)> Found(Type type, string path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanWrite))
        {
            var at = path.Length == 0 ? property.Name : $"{path}:{property.Name}";
            var kind = property.PropertyType;
            if (kind == typeof(byte[]))
            {
                continue;
            }

            if (kind.IsArray)
            {
                yield return (at, kind.GetElementType()!);
                foreach (var inner in Found(kind.GetElementType()!, $"{at}:0"))
                {
                    yield return inner;
                }
            }
            else if (kind.IsAssignableTo(typeof(IDictionary)))
            {
                foreach (var inner in Found(kind.GenericTypeArguments[1], $"{at}:main"))
                {
                    yield return inner;
                }
            }
            else if (kind.Namespace!.StartsWith(nameof(PayoutService), StringComparison.Ordinal))
            {
                foreach (var inner in Found(kind, at))
                {
                    yield return inner;
                }
            }
            else
            {
                var isList = kind != typeof(string) && kind.IsAssignableTo(typeof(IEnumerable));
                Assert.False(isList, $"{at} is a list and no array.");
            }
        }
    }

    private static void Fill(Dictionary<string, string?> source, string path, Type element, int from, int count)
    {
        if (path.StartsWith("ApiKeys:0:", StringComparison.Ordinal))
        {
            Key(source, "ApiKeys:0", from, scopes: 0);
        }

        for (var at = 0; at < count; at++)
        {
            if (element == typeof(ApiKey))
            {
                Key(source, $"{path}:{at}", from + at, scopes: 1);
            }
            else
            {
                source[$"{path}:{at}"] = Text(path, element, from + at);
            }
        }
    }

    private static void Key(Dictionary<string, string?> source, string path, int number, int scopes)
    {
        source[$"{path}:Name"] = $"key-{number}";
        source[$"{path}:Merchant"] = "main";
        source[$"{path}:Sha256"] = new string((char)('0' + number), 64);
        for (var at = 0; at < scopes; at++)
        {
            source[$"{path}:Scopes:{at}"] = Scopes.All[0];
        }
    }

    private static string Text(string path, Type element, int number) =>
        element == typeof(TimeSpan) ? $"00:00:0{number}"
        : path.EndsWith("Scopes", StringComparison.Ordinal) ? Scopes.All[number]
        : path.EndsWith("Networks", StringComparison.Ordinal) ? $"10.{number}.0.0/16"
        : path.EndsWith("Countries", StringComparison.Ordinal) ? $"B{(char)('D' + number)}"
        : $"a-text-of-the-list-{number}";

    private static IEnumerable<string> Expected(string path, Type element, int from, int count) =>
        Enumerable.Range(from, count)
            .Select(number => element == typeof(ApiKey) ? $"key-{number}" : Text(path, element, number));

    private static string[] Values(object settings, string path)
    {
        object? value = settings;
        foreach (var part in path.Split(':'))
        {
            value = value switch
            {
                IDictionary named => named[part],
                Array list => list.GetValue(int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)),
                _ => value!.GetType().GetProperty(part)!.GetValue(value),
            };
        }

        return [.. ((Array)value!).Cast<object>().Select(one => one is ApiKey key ? key.Name : one.ToString()!)];
    }

    private static Settings Read(Dictionary<string, string?> first, Dictionary<string, string?> last)
    {
        var configuration = new ConfigurationManager();
        configuration.AddCommandLine(Example.Production);
        configuration.AddInMemoryCollection(first);
        configuration.AddInMemoryCollection(last);
        return Settings.Read(configuration, new HostingEnvironment { EnvironmentName = "Production" });
    }
}
