using System.Text.Json;
using PayoutService.Payouts;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>
/// Holds every answer about money against Pockyt's book. An answer may be as old as its call, and as young as itself:
/// <c>no</c> is wrong when the book held the payout as the call was received and as it was answered, <c>yes</c> and
/// <c>returned</c> when it never held such a status.
/// </summary>
/// <param name="book">What Pockyt accepted, and what became of it.</param>
/// <param name="payouts">Those that callers may be answered about.</param>
/// <param name="breach">Takes what is wrong, in a sentence.</param>
internal sealed class Answers(Ledger book, IReadOnlyList<RunningPayout> payouts, Action<string> breach)
{
    /// <summary>A call is received.</summary>
    /// <returns>Takes the answer's body.</returns>
    public Action<string> Receive()
    {
        var taken = payouts.Where(IsTaken).ToList();
        return body =>
        {
            using var answer = JsonDocument.Parse(body);
            Judge(answer.RootElement, taken.Where(IsTaken).ToHashSet());
        };
    }

    private void Judge(JsonElement answer, HashSet<RunningPayout> taken)
    {
        if (answer.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        if (answer.TryGetProperty("data", out var page))
        {
            foreach (var one in page.EnumerateArray())
            {
                Judge(one, taken);
            }
        }

        if (Text(answer, "moneyMoved") is { } moved && Text(answer, "invoiceId") is { } invoiceId
            && payouts.FirstOrDefault(payout => payout.InvoiceId == invoiceId) is { } payout)
        {
            var status = Text(answer, "status")!;
            payout.Answered = new Answered(
                answer.GetProperty("version").GetInt32(), status, moved, Text(answer, "attention"));
            if (WhyWrong(payout, moved, taken.Contains(payout)) is { } why)
            {
                breach($"{payout.Name} was answered as {status}, money moved: {moved}, and {why}.");
            }
            else if (IsOpenOutcome(status, Text(answer, "confirmedBy")) && moved is not "unknown")
            {
                breach($"{payout.Name} was answered as {status} and not confirmed, money moved: {moved}.");
            }
        }
    }

    private string? WhyWrong(RunningPayout payout, string moved, bool wasTaken) => moved switch
    {
        "no" when wasTaken => "Pockyt had accepted it before the call was received",
        "yes" when !Held(payout, PayoutStatus.Succeeded) => "Pockyt never paid it",
        "returned" when !Held(payout, PayoutStatus.Returned) => "nothing ever came back",
        _ => null,
    };

    private static bool IsOpenOutcome(string status, string? confirmedBy) =>
        status is "submitting" or "unconfirmed"
        || (status is "succeeded" or "failed" or "returned" && confirmedBy is null);

    /// <summary>Pockyt has accepted it, and has not said that it failed. What Pockyt takes back counts from when it
    /// first says so.</summary>
    private bool IsTaken(RunningPayout payout) =>
        book.PayoutsOf(payout.InvoiceId) is { Count: > 0 } booked
        && booked.Any(one => Invariants.StatusOf(one.Status) is not PayoutStatus.Failed)
        && (payout.IsToldOtherwise || !Held(payout, PayoutStatus.Failed));

    private bool Held(RunningPayout payout, PayoutStatus status) =>
        book.PayoutsOf(payout.InvoiceId).Any(
            booked => booked.History.Any(change => Invariants.StatusOf(change.Status) == status));

    private static string? Text(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString() : null;
}

/// <summary>What the API answered last about a payout.</summary>
internal sealed record Answered(int Version, string Status, string MoneyMoved, string? Attention);
