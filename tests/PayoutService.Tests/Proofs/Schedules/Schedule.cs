using System.Text.Json.Nodes;
using PockytSimulator.Calls;
using PockytSimulator.Control;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>One payout of a schedule, and what becomes of it at Pockyt once it is accepted there.</summary>
/// <param name="Destination">Which of the world's destinations.</param>
/// <param name="Amount">How much; the simulator itself does nothing with it.</param>
/// <param name="Course">The statuses it takes.</param>
internal sealed record PlannedPayout(int Destination, string Amount, string[] Course)
{
    /// <summary>Pockyt takes back what it said, so two things we were told cannot both be true.</summary>
    public bool Contradicts => Course is ["failed", "success"];
}

/// <summary>Pockyt itself misbehaves once.</summary>
/// <param name="Name">For the trace.</param>
/// <param name="Answer">What it answers; null: as it should.</param>
/// <param name="Execute">Whether the call has its effect.</param>
/// <param name="Lies">What it says is not so: a human may be called.</param>
/// <param name="Becomes">The status that the payout has at once.</param>
internal sealed record Misbehaviour(
    string Name, FaultAnswer? Answer, bool Execute = true, bool Lies = false, string? Becomes = null);

/// <summary>
/// What a seed decides before anything runs. What it decides on the way comes from the same chance, in the order in
/// which the driver asks, so the same seed is the same schedule.
/// </summary>
internal sealed class Schedule
{
    private static readonly string[][] Courses =
    [
        ["success"], ["success"], ["success"], ["failed"], ["returned"], ["success", "returned"], ["onhold", "success"],
        ["processing", "completed"], ["unclaimed", "refunded"], ["blocked"], [], ["failed", "success"],
    ];

    private static readonly Misbehaviour[] OfPay =
    [
        new("500 before", Http("500"), Execute: false),
        new("500 after", Http("500")),
        new("429 before", Http("429"), Execute: false),
        new("429 after", Http("429")),
        new("a page", Http("200")),
        new("half an answer", Http("200", "{\"result\":{\"amount\":\"1", "application/json")),
        new("000000 before", Ret("000000", "system error"), Execute: false),
        new("000000 after", Ret("000000", "system error")),
        new("000080 after", Ret("000080", "supplier system error")),
        new("an unknown code", Ret("000777", "new")),
        new("duplicate 000022", Ret("000022", "duplicate")),
        new("duplicate 000023", Ret("000023", "Duplicate request error")),
        new("no result", new FaultAnswer("replace", Remove: ["result"])),
        new("another invoiceId", Replace("invoiceId", "another"), Lies: true),
        new("another amount", Replace("amount", "0.01"), Lies: true),
        new("another currency", Replace("currency", "JPY"), Lies: true),
        new("an unknown status", Replace("status", "mystery"), Lies: true),
        new("capitals", Replace("status", "PENDING")),
        new("success at once", Replace("status", "success"), Becomes: "success"),
        new("failed at once", Replace("status", "failed"), Becomes: "failed"),
        new("balance", Ret("000040", "balance is not sufficient"), Execute: false),
        new("balance", Ret("000040", "balance is not sufficient"), Execute: false),
        new("access", Ret("000030", "no rights"), Execute: false),
        new("data error", Ret("000000", "data error : verifySign"), Execute: false),
        new("refused 000020", Ret("000020", "parameter is required"), Execute: false),
        new("refused 000021", Ret("000021", "no record found"), Execute: false),
        new("refused 000022", Ret("000022", "parameters do not match"), Execute: false),
        new("refused 000023", Ret("000023", "parameter format error"), Execute: false),
        new("timestamp", Ret("000023", "timestamp is too old"), Execute: false),
    ];

    private static readonly Misbehaviour[] OfInquiry =
    [
        new("500", Http("500")),
        new("a page", Http("200")),
        new("000080", Ret("000080", "supplier system error")),
        new("000030", Ret("000030", "no rights")),
        new("000023", Ret("000023", "parameter format error")),
        new("000040", Ret("000040", "balance is not sufficient")),
        new("no result", new FaultAnswer("replace", Remove: ["result"])),
        new("another's payout", Replace("invoiceId", "another"), Lies: true),
        new("another amount", Replace("amount", "0.01"), Lies: true),
        new("an unknown status", Replace("status", "mystery"), Lies: true),
    ];

    private readonly Random chance;

    public Schedule(int seed, bool restores = false)
    {
        Seed = seed;
        chance = new Random(seed);
        Payouts = [.. Enumerable.Range(0, Pick(1, 1, 2, 2, 2, 3, 3, 4)).Select(_ => Planned())];
        Replicas = Pick(1, 2, 2);
        Skews = [.. Enumerable.Range(0, 2).Select(_ => TimeSpan.FromSeconds(Skew()))];
        ResendAfterNotSeen = Happens(0.5);
        InquiryLag = TimeSpan.FromMinutes(Pick(0, 0, 0, 1, 10));
        WrapsAnswers = Happens(0.2);
        JsonNotices = Happens(0.5);
        FaultChance = Pick(0, 0.03, 0.06, 0.1, 0.1, 0.15, 0.25);
        SwitchChance = Pick(0.02, 0.1, 0.3);
        Steps = chance.Next(40, 120);
        Replacements = [.. Payouts.Select(payout => Happens(0.5) ? payout with { Course = Pick(Courses) } : null)];
        if (restores)
        {
            Restores = Pick(1, 1, 2);
            Deduplicates = Happens(0.25);

            // Who repeats after a restore that a payout takes another's place is refused for as long as Pockyt says of
            // that other what it took back before.
            Replacements = [.. Replacements.Zip(Payouts).Select(pair => pair.Second.Contradicts ? null : pair.First)];
        }
    }

    public int Seed { get; }

    public IReadOnlyList<PlannedPayout> Payouts { get; }

    /// <summary>What callers ask for in the place of a payout, each in the place of its own; null: nothing.</summary>
    public IReadOnlyList<PlannedPayout?> Replacements { get; }

    /// <summary>The number of times that the database goes back to an earlier moment, or another server takes over, at
    /// most. </summary>
    public int Restores { get; }

    /// <summary>Pockyt recognizes a repeated request, and does not pay twice.</summary>
    public bool Deduplicates { get; }

    public int Replicas { get; }

    public IReadOnlyList<TimeSpan> Skews { get; }

    public bool ResendAfterNotSeen { get; }

    /// <summary>The time that Pockyt's inquiry does not know what Pockyt has accepted.</summary>
    public TimeSpan InquiryLag { get; }

    public bool WrapsAnswers { get; }

    public bool JsonNotices { get; }

    /// <summary>How probable it is that something happens to a message.</summary>
    public double FaultChance { get; }

    /// <summary>How probable it is that another activity gets its turn after a message.</summary>
    public double SwitchChance { get; }

    /// <summary>The time that the faults last.</summary>
    public int Steps { get; }

    public double Next() => chance.NextDouble();

    public int Next(int limit) => chance.Next(limit);

    public bool Happens(double probability) => chance.NextDouble() < probability;

    public T Pick<T>(params IReadOnlyList<T> of) => of[chance.Next(of.Count)];

    /// <summary>One of several, each as probable as its weight says.</summary>
    public T Weigh<T>(IReadOnlyList<(double Weight, T Choice)> of)
    {
        var at = chance.NextDouble() * of.Sum(choice => choice.Weight);
        foreach (var (weight, choice) in of)
        {
            at -= weight;
            if (at < 0)
            {
                return choice;
            }
        }

        return of[^1].Choice;
    }

    public Misbehaviour PickMisbehaviour(string call) => Pick(call == "pay" ? OfPay : OfInquiry);

    /// <summary>A skew past 30 s stops sending; one below it must not matter.</summary>
    public int Skew() => Happens(0.7) ? 0 : Pick(-3600, -300, -40, -25, -10, 10, 25, 40, 300, 3600);

    private PlannedPayout Planned() =>
        new(Pick(0, 0, 1), $"{chance.Next(1, 100_000)}.04", Pick(Courses));

    private static FaultAnswer Http(string status, string body = "<html></html>", string type = "text/html") =>
        new("http", Status: int.Parse(status, PockytFormat.Culture), ContentType: type, Body: body);

    private static FaultAnswer Ret(string code, string message) => new("ret", Code: code, Message: message);

    private static FaultAnswer Replace(string name, string value) =>
        new("replace", Members: new JsonObject { [name] = value });
}
