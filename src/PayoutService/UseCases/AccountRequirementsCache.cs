using System.Collections.Concurrent;
using PayoutService.Payees;
using PayoutService.Payouts;

namespace PayoutService.UseCases;

/// <summary>Pockyt's requirements for each kind of account, remembered for a while: it rarely changes, and every new
/// account is checked against it.</summary>
internal sealed class AccountRequirementsCache(IPayeeGateway gateway, TimeProvider clock)
{
    /// <summary>A change at Pockyt is seen within the hour.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    /// <summary>Countries times currencies times kinds, with room; past it, everything is asked for anew.</summary>
    private const int MaxKept = 5_000;

    private readonly ConcurrentDictionary<(string, AccountKind), Answer> kept = new();

    /// <summary>Pockyt's requirements for this kind of account; empty when it knows no such kind, null when it did not
    /// say.</summary>
    public async Task<IReadOnlyList<AccountRequirements>?> FindAsync(
        string merchant, AccountKind kind, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (kept.TryGetValue((merchant, kind), out var known) && now - known!.At < FreshFor)
        {
            return known.Told;
        }

        IReadOnlyList<AccountRequirements>? told = await gateway.RequirementsAsync(merchant, kind, cancel) switch
        {
            ProviderAnswer<IReadOnlyList<AccountRequirements>>.Done(var all) => Of(kind, all),
            ProviderAnswer<IReadOnlyList<AccountRequirements>>.NotFound => [],
            _ => null,
        };
        if (told is null)
        {
            return known?.Told;
        }

        if (kept.Count >= MaxKept)
        {
            kept.Clear();
        }

        kept[(merchant, kind)] = new Answer(now, told);
        return told;
    }

    /// <summary>Pockyt may list other kinds beside the one it was asked for; when it leaves that one out, it did not
    /// say.</summary>
    private static List<AccountRequirements>? Of(AccountKind kind, IReadOnlyList<AccountRequirements> all)
    {
        var asked = all.Where(told =>
            (told.AccountType.Length == 0 || told.AccountType == kind.AccountType)
            && (told.Currency.Length == 0 || told.Currency == kind.Currency)
            && (told.ProfileType is null || told.ProfileType == kind.ProfileType)).ToList();
        return asked.Count > 0 || all.Count == 0 ? asked : null;
    }

    private sealed record Answer(DateTimeOffset At, IReadOnlyList<AccountRequirements> Told);
}
