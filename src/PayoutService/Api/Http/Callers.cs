using System.Net;
using PayoutService.UseCases;

namespace PayoutService.Api.Http;

/// <summary>The API keys with which operators log in.</summary>
internal sealed class Callers(ApiKeyTable keys, Failures failures, TimeProvider clock) : ICallers
{
    public Caller? Find(string key) => FindByHash(ApiKeyTable.Hash(key));

    public Caller? FindByHash(string keyHash) =>
        keys.FindByHash(keyHash) is { } key && key.IsGoodAt(clock.GetUtcNow())
            && key.Scopes.Intersect(Scopes.OfOperators).Any()
            ? new Caller(
                key.Name,
                key.OwnerOrName,
                key.Merchant,
                keyHash,
                key.Scopes.Contains(Scopes.Ops),
                key.Scopes.Contains(Scopes.Approve),
                key.Scopes.Contains(Scopes.Ops) && key.Scopes.Contains(Scopes.WritePayouts))
            : null;

    public IReadOnlyList<Grant> Keys =>
    [
        .. keys.All.OrderBy(key => key.Name, StringComparer.Ordinal).Select(key =>
            new Grant(key.Name, key.OwnerOrName, key.Merchant, key.Scopes, key.NotAfter)),
    ];

    public IReadOnlyList<string> ApproversOf(string merchant) =>
    [
        .. keys.All.Where(key => key.Scopes.Contains(Scopes.Approve)
                && (key.Merchant == merchant || key.Merchant == Caller.AllMerchants)
                && key.IsGoodAt(clock.GetUtcNow()))
            .Select(key => key.OwnerOrName).Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    public string OwnerOf(string keyName) => keys.FindByName(keyName)?.OwnerOrName ?? keyName;

    public TimeSpan? CountFailure(IPAddress? source) => failures.Count(source);
}
