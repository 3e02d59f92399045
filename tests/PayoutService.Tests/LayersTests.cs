using System.Reflection;
using NetArchTest.Rules;

namespace PayoutService.Tests;

/// <summary>Which folder of the service may know which. They meet in a row, or at a gateway interface.</summary>
public sealed class LayersTests
{
    private const string Root = nameof(PayoutService);

    private static readonly Assembly Service = typeof(PayoutService.Storage.PayoutDb).Assembly;

    private static readonly string[] Domain = ["Payouts", "Payees", "Refunds", "Payors"];

    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["Payouts"] = [],
        ["Payees"] = ["Payouts"],
        ["Refunds"] = ["Payouts"],
        ["Payors"] = ["Payouts"],
        ["Development"] = [],
        ["Telemetry"] = [],
        ["Storage"] = [.. Domain, "Telemetry"],
        ["UseCases"] = [.. Domain, "Storage", "Telemetry"],
        ["Views"] = [.. Domain, "Storage"],
        ["Pockyt"] = [.. Domain, "Storage", "Telemetry", "UseCases", "Views"],
        ["Workers"] = [.. Domain, "Storage", "Telemetry", "UseCases", "Views"],
        ["Api"] = [.. Domain, "Storage", "Telemetry", "UseCases", "Views"],
        ["Ops"] = [.. Domain, "Storage", "UseCases", "Views"],
        ["Controls"] = [.. Domain, "Storage", "Telemetry", "UseCases", "Views", "Workers"],
        ["Events"] = [.. Domain, "Storage", "Telemetry", "UseCases", "Views", "Workers"],
        ["Host"] =
        [
            .. Domain, "Development", "Telemetry", "Storage", "UseCases", "Views", "Pockyt", "Workers", "Api", "Events",
            "Ops", "Controls",
        ],
    };

    public static TheoryData<string> Folders => [.. Known.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_knows_only_the_folders_it_may_know(string folder)
    {
        string[] unknown = [.. Known.Keys.Where(other => other != folder && !Known[folder].Contains(other))];

        Nothing(folder, [.. unknown.Select(other => $"{Root}.{other}")]);
    }

    /// <summary>Host runs what Program builds; no other folder knows either.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void No_folder_but_Host_knows_the_files_beside_the_folders(string folder)
    {
        string[] beside = [.. Service.GetTypes().Where(type => type.Namespace == Root).Select(type => type.FullName!)];

        Assert.Contains("PayoutService.Program", beside);
        Nothing(folder, folder == "Host" ? [] : beside);
    }

    [Fact]
    public void Every_folder_of_the_service_is_on_the_list()
    {
        var folders = Service.GetTypes()
            .Where(type => type.Namespace?.StartsWith($"{Root}.", StringComparison.Ordinal) is true)
            .Select(type => type.Namespace!.Split('.')[1]).Distinct().Order();

        Assert.Equal(Known.Keys.Order(), folders);
    }

    private static void Nothing(string folder, string[] forbidden)
    {
        var types = Types.InAssembly(Service).That().ResideInNamespaceMatching($@"^{Root}\.{folder}(\.|$)");
        var result = types.Should().NotHaveDependencyOnAny(forbidden).GetResult();

        Assert.NotEmpty(types.GetTypes());
        Assert.True(
            result.IsSuccessful,
            string.Join('\n', result.FailingTypes.Select(type => $"{type.FullName}: {type.Explanation}")));
    }
}
