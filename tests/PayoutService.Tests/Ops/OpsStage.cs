using PayoutService.Tests.Support;

namespace PayoutService.Tests.Ops;

/// <summary>A service with the keys of operators.</summary>
internal static class OpsStage
{
    /// <summary>With keys for another merchant and for all, and few wrong ones from one source.</summary>
    public static ServiceFixture Make()
    {
        var stage = new ServiceFixture().With("Limits:FailuresPerSource", "10");
        foreach (var setting in (string[])[
            .. Example.Key(50, "other", "other-ops-key", "ops"), .. Example.Key(51, "*", "all-key", "ops:read", "ops"),
            .. Example.Key(52, "main", "pay-ops-key", "ops", "payouts:write")])
        {
            var parts = setting[2..].Split('=', 2);
            stage.With(parts[0], parts[1]);
        }

        return stage;
    }

    public static Uri AddressOf(ServiceFixture stage) => stage.Api.BaseAddress!;

    public static Task<Operator> LogInAsync(ServiceFixture stage, string key) =>
        Operator.LogInAsync(AddressOf(stage), key);
}
