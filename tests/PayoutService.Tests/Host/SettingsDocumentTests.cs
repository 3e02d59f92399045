using System.Collections;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using PayoutService.Api.Http;
using PayoutService.Api.Payees;
using PayoutService.Controls;
using PayoutService.Host;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Storage.Events;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>docs/settings.md names every setting with the default that the code has.</summary>
public sealed class SettingsDocumentTests
{
    private static readonly string[] Page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "settings.md"));

    [Fact]
    public void Every_setting_stands_in_the_page_with_its_default_and_no_other_does()
    {
        var inCode = Of<PayoutRules>("Payouts").Concat(Of<PockytOptions>("Pockyt"))
            .Concat(Of<PockytMerchant>("Pockyt:Merchants:<name>")).Concat(Of<Limits>("Limits"))
            .Concat(Of<PayeeRules>("Payees")).Concat(Of<ApiKey>("ApiKeys"))
            .Concat(Of<ControlRules>("Controls")).Concat(Of<AmountLimit>("Limits:Payout"))
            .Concat(Of<AmountLimit>("Limits:PayeeDay")).Concat(Of<AmountLimit>("Limits:MerchantDay"))
            .Concat(Of<EventRules>("Events")).Concat(Of<TelemetrySettings>("Telemetry"));

        var inPage = Page.Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (Name: cells[1].Trim('`'), Default: cells[2]))
            .Where(row => row.Name.Contains(':', StringComparison.Ordinal)
                && !row.Name.StartsWith("ConnectionStrings", StringComparison.Ordinal)
                && !row.Name.StartsWith("Database", StringComparison.Ordinal)
                && !row.Name.StartsWith("Listen", StringComparison.Ordinal))
            .ToList();

        Assert.Equal(inCode.Select(setting => setting.Name).Order(), inPage.Select(row => row.Name).Order());
        var defaults = inCode.Where(setting => setting.Default.Length > 0).ToDictionary();
        Assert.All(inPage.Where(row => defaults.ContainsKey(row.Name)), row =>
            Assert.Equal($"{row.Name}: {defaults[row.Name]}", $"{row.Name}: {row.Default}"));
    }

    [Fact]
    public void The_production_example_starts_a_service()
    {
        var json = string.Join(
            '\n', Page.SkipWhile(line => line != "```json").Skip(1).TakeWhile(line => line != "```"));
        var configuration = (IConfigurationRoot)new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build();

        var settings = Settings.Read(configuration, new InProduction());

        Assert.Equal(["billing", "anna"], settings.ApiKeys.Select(key => key.Name));
        var names = JsonDocument.Parse(json).RootElement.EnumerateObject().Select(member => member.Name);
        Assert.All(names, name => Assert.Contains(
            Page, line => line.StartsWith($"| `{name}", StringComparison.Ordinal)));
    }

    private static IEnumerable<(string Name, string Default)> Of<T>(string section)
        where T : new() =>
        from property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.SetMethod is { IsPublic: true } && property.Name != nameof(PockytOptions.Merchants)
        select ($"{section}:{property.Name}", Words(property.GetValue(new T())));

    /// <summary>Empty for a setting without a default.</summary>
    private static string Words(object? value) => value switch
    {
        null => "",
        string text => text,
        bool yes => yes ? "true" : "false",
        TimeSpan time => Words(time),
        IEnumerable many => string.Join(", ", many.Cast<object>().Select(Words)),
        _ => $"{value}",
    };

    private static string Words(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{time.TotalDays} d",
        { TotalHours: >= 1 } => $"{time.TotalHours} h",
        { TotalMinutes: >= 1 } when time.Seconds == 0 => $"{time.TotalMinutes} min",
        { TotalSeconds: >= 1 } => $"{time.TotalSeconds} s",
        _ => $"{time.TotalMilliseconds} ms",
    };

    private sealed class InProduction : Microsoft.Extensions.Hosting.IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } = null!;
    }
}
