using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;

namespace PayoutService.UseCases;

/// <summary>A line of a review.</summary>
/// <param name="Record">What it is: a rule, a step of a hold, a key, or an act.</param>
/// <param name="At">When; since when, of a rule.</param>
/// <param name="Actor">Who: the name of an API key, or one of ours.</param>
/// <param name="What">The rule, the step, or the act.</param>
/// <param name="Subject">The object it is about: a public id has its place in the view.</param>
/// <param name="Detail">The value, the reason, or what was seen.</param>
/// <param name="Payout">The payout as it is now: what was returned later shows here.</param>
internal sealed record ReviewLine(
    string Record, DateTimeOffset? At, string Actor, string What, string Subject, string Detail, Payout? Payout = null);

/// <summary>Reads what a review of the rules and of the people needs, for a time.</summary>
internal sealed class ReadReview(PayoutDb db, ICallers callers, Searches searches)
{
    private const int PartSize = 500;

    private static readonly EventKind[] Steps =
    [
        EventKind.Held, EventKind.Released, EventKind.Approved, EventKind.Rejected, EventKind.ApprovalBlocked,
        EventKind.Expired, EventKind.Canceled,
    ];

    private static readonly EventKind[] Acts =
    [
        EventKind.Released, EventKind.Approved, EventKind.Rejected, EventKind.ApprovalBlocked, EventKind.Canceled,
        EventKind.Overruled, EventKind.Resolved, EventKind.Cleared,
    ];

    /// <summary>The rules in force and their changes, then every step of every hold of a rule, with what became of the
    /// payout.</summary>
    public async IAsyncEnumerable<ReviewLine> RulesAsync(
        string merchant, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancel)
    {
        var sets = await db.RuleSets.AsNoTracking().Where(row => row.Merchant == merchant && row.Since < to)
            .OrderBy(row => row.No).ToListAsync(cancel);
        var before = new Dictionary<string, string>();
        foreach (var (set, next) in sets.Zip(sets.Skip(1).Append(null)))
        {
            foreach (var (rule, value) in set.Rules.OrderBy(rule => rule.Key, StringComparer.Ordinal))
            {
                // Of what was before the time, only what was in force at its beginning.
                if (before.GetValueOrDefault(rule) != value && (next is null || next.Since > from))
                {
                    yield return new("rule", set.Since, "settings", rule, merchant, value);
                    before[rule] = value;
                }
            }
        }

        await foreach (var (line, payout) in LinesAsync(merchant, from, to, cancel))
        {
            if (line.Kind is EventKind.Accepted or EventKind.Held
                ? line.HoldReason?.IsOfRule() is true : Steps.Contains(line.Kind) && WasHeld(line))
            {
                yield return new(
                    "hold", line.At, line.Actor.Name, PayoutDb.EnumText<EventKind>.Word(line.Kind), payout.InvoiceId,
                    DetailOf(line), payout);
            }
        }
    }

    /// <summary>Who may do what now, then what each did to payouts beside asking for them.</summary>
    public async IAsyncEnumerable<ReviewLine> PeopleAsync(
        string merchant, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var key in callers.Keys.Where(key => key.Merchant == merchant || key.Merchant == Caller.AllMerchants))
        {
            yield return new("key", null, key.Name, string.Join(' ', key.Scopes), key.Owner, key.NotAfter);
        }

        await foreach (var (line, payout) in LinesAsync(merchant, from, to, cancel))
        {
            if (Acts.Contains(line.Kind) && line.Actor.Kind is ActorKind.ApiKey or ActorKind.Operator)
            {
                yield return new(
                    "act", line.At, line.Actor.Name, PayoutDb.EnumText<EventKind>.Word(line.Kind), payout.InvoiceId,
                    DetailOf(line), payout);
            }
        }
    }

    /// <summary>The lines of the histories of payouts that were accepted in the time, by their age.</summary>
    private async IAsyncEnumerable<(PayoutEvent Line, Payout Payout)> LinesAsync(
        string merchant, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancel)
    {
        var after = SortableId.FirstAt(from);
        while (true)
        {
            var last = after;
            var payouts = await searches.RunPartAsync(
                db.Payouts.AsNoTracking().Where(row => row.Merchant == merchant && row.Id > last && row.CreatedAt < to)
                    .OrderBy(row => row.Id).Take(PartSize),
                cancel);
            if (payouts.Count == 0)
            {
                yield break;
            }

            after = payouts[^1].Id;
            var ids = payouts.Where(payout => payout.CreatedAt >= from).Select(payout => payout.Id).ToArray();
            var lines = (await db.PayoutEvents.AsNoTracking()
                .Where(line => ids.Contains(line.PayoutId) && (Steps.Contains(line.Kind) || Acts.Contains(line.Kind)
                    || (line.Kind == EventKind.Accepted && line.To == PayoutStatus.Held)))
                .OrderBy(line => line.Version).ToListAsync(cancel)).ToLookup(line => line.PayoutId);
            foreach (var payout in payouts)
            {
                foreach (var line in lines[payout.Id])
                {
                    yield return (line, payout);
                }
            }
        }
    }

    private static bool WasHeld(PayoutEvent line) =>
        line.Kind is not EventKind.Canceled and not EventKind.Released || line.From is PayoutStatus.Held;

    private static string DetailOf(PayoutEvent line) =>
        string.Join("; ", line.Detail.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => $"{one.Key}: {one.Value}"));
}
