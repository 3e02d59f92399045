using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Sending;

namespace PayoutService.UseCases;

/// <summary>Open payouts of one cause.</summary>
/// <param name="Merchant">Whose they are.</param>
/// <param name="Cause">The cause.</param>
/// <param name="Status">Their status.</param>
/// <param name="NeedsAttention">A person must look at them.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Amount">The sum of their amounts.</param>
/// <param name="Currency">Their currency.</param>
/// <param name="Since">Since when the oldest has its status.</param>
internal sealed record BacklogOfCause(
    string Merchant,
    Cause Cause,
    PayoutStatus Status,
    bool NeedsAttention,
    int Count,
    decimal Amount,
    string Currency,
    DateTimeOffset Since);

/// <summary>Counts open payouts by their cause, by the same rules by which a single one is explained.</summary>
internal sealed class CountBacklog(PayoutDb db, Approvers approvers, PayoutRules rules, TimeProvider clock)
{
    public async Task<List<BacklogOfCause>> RunAsync(IReadOnlyList<string> merchants, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var groups = await Backlog.CountAsync(db, [.. merchants], now, cancel);
        var first = await Backlog.FirstInLineAsync(db, groups.Where(MayStandInLine), cancel);
        var paused = await Blockers.PausedAsync(db, merchants, cancel);
        var isPresent = await DatabaseState.IsPresentAsync(db, rules);
        return
        [
            .. groups.SelectMany(group => isPresent
                ? ByCause(group, paused.Contains(group.Merchant), FirstOf(group, first))
                : [Of(group, Cause.Restored, group.Count, group.Minor)]),
        ];
    }

    private static bool MayStandInLine(BacklogGroup group) => IsDue(group) || IsHeldForBalance(group);

    private static Payout? FirstOf(BacklogGroup group, List<Payout> first) => MayStandInLine(group)
        ? first.Find(one => one.Merchant == group.Merchant && one.Currency == group.Currency) : null;

    /// <summary>A group is of one cause, but for the payout in it that is first in line: that waits for the balance,
    /// and the others for it.</summary>
    private IEnumerable<BacklogOfCause> ByCause(BacklogGroup group, bool isPaused, Payout? first)
    {
        var facts = FactsOf(group);
        var isHeldForAccess = facts is { Status: PayoutStatus.Held, HoldReason: HoldReason.Access };
        var isRepeated = facts.Status is PayoutStatus.Unconfirmed && group.IsGranted;
        if (isPaused && (IsDue(group) || isRepeated || isHeldForAccess))
        {
            yield return Of(group, Cause.Of(facts, BlockerKind.Pause), group.Count, group.Minor);
        }
        else if (first is null)
        {
            yield return Of(group, Cause.Of(facts, blocker: null), group.Count, group.Minor);
        }
        else
        {
            var isIn = first.Status == facts.Status && first.Attention == facts.Attention;
            if (isIn)
            {
                yield return Of(group, Cause.Of(facts, blocker: null), 1, first.AmountMinor);
            }

            var (count, minor) = isIn ? (group.Count - 1, group.Minor - first.AmountMinor) : (group.Count, group.Minor);
            if (count > 0)
            {
                yield return Of(group, Cause.Of(facts, BlockerKind.Payout), count, minor);
            }
        }
    }

    private CauseFacts FactsOf(BacklogGroup group) => new(
        Enum.Parse<PayoutStatus>(group.Status, ignoreCase: true),
        group.HoldReason is null ? null : Enum.Parse<HoldReason>(group.HoldReason, ignoreCase: true),
        group.Attention is null ? null : Enum.Parse<Attention>(group.Attention, ignoreCase: true),
        group.IsSentBefore,
        group.IsScheduled,
        group.IsPerhapsSent,
        group.IsConfirmed,
        group is { RequestedBy: { } by, RequestedOwner: { } owner, Approvers: { } needed }
            && approvers.AreMissing(group.Merchant, by, owner, group.FirstOwner, needed));

    private static bool IsDue(BacklogGroup group) =>
        group is { Status: "queued", IsScheduled: false, Attention: not ("contradiction" or "mismatch") };

    private static bool IsHeldForBalance(BacklogGroup group) => group is { Status: "held", HoldReason: "balance" };

    private static BacklogOfCause Of(BacklogGroup group, Cause cause, int count, decimal minor)
    {
        var decimals = Currency.Decimals(group.Currency) ?? 0;
        return new(
            group.Merchant,
            cause,
            Enum.Parse<PayoutStatus>(group.Status, ignoreCase: true),
            group.Attention is not null,
            count,
            minor / (decimal)Math.Pow(10, decimals),
            group.Currency,
            group.Since);
    }
}
