using PayoutService.Tests.Support;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("PayoutService.Tests.Support." + nameof(LongestFirst), "PayoutService.Tests")]

namespace PayoutService.Tests.Support;

/// <summary>Begins with the tests that take longest, so that at the end nobody waits for one of them alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        "Proof", "ChaosTests", "KillTests", "FiguresTests", "StandbyAwayTests", "RestoreTests", "SecretReloaderTests",
        "AuthorizationMatrixTests", "MagicAmountsTests", "PayoutBatchTests",
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(PlaceOf);

    private static int PlaceOf(ITestCollection collection)
    {
        var place = Array.FindIndex(
            Longest, name => collection.DisplayName.EndsWith(name, StringComparison.Ordinal));
        return place < 0 ? Longest.Length : place;
    }
}
