using System.Globalization;
using PayoutService.Payouts;

namespace PayoutService.Controls;

/// <summary>The rules of one merchant, each a question about a payout and what was known when it was asked for.
/// </summary>
internal sealed class MerchantRules
{
    private readonly ControlRules rules;
    private readonly Dictionary<string, long> firstPayoutAbove;
    private readonly Dictionary<string, long> approvalAbove;
    private readonly Dictionary<string, long> secondApprovalAbove;
    private readonly (string Name, Dictionary<string, long> Max, Dictionary<string, long> Hold)[] limits;

    /// <param name="rules">The settings; those that hold by themselves count only when they are enabled.</param>
    /// <param name="limits">The amount limits.</param>
    public MerchantRules(ControlRules rules, AmountLimits limits)
    {
        this.rules = rules.Enabled is true ? rules : new ControlRules
        {
            NewAccountWithin = default,
            OwnChangeWithin = default,
            DuplicateWithin = default,
            FirstPayoutAbove = [],
            FirstPayoutTimes = 0,
            VelocityCount = 0,
            SharedBy = 0,
            ApprovalAbove = [],
            SecondApprovalAbove = [],
            ScreeningUrl = rules.ScreeningUrl,
            ScreeningSecret = rules.ScreeningSecret,
        };
        firstPayoutAbove = Amounts.Read(this.rules.FirstPayoutAbove);
        approvalAbove = Amounts.Read(this.rules.ApprovalAbove);
        secondApprovalAbove = Amounts.Read(this.rules.SecondApprovalAbove);
        this.limits =
        [
            ("Payout", Amounts.Read(limits.Payout.Max), Amounts.Read(limits.Payout.Hold)),
            ("PayeeDay", Amounts.Read(limits.PayeeDay.Max), Amounts.Read(limits.PayeeDay.Hold)),
            ("MerchantDay", Amounts.Read(limits.MerchantDay.Max), Amounts.Read(limits.MerchantDay.Hold)),
        ];
        Texts = TextsOf(this.rules, limits);
        Needed = IsOn ? new NeededFacts(LookBack, NewWithin, IsSet("PayeeDay"), IsSet("MerchantDay")) : null;
    }

    /// <summary>The facts that are needed; null when no rule is on.</summary>
    public NeededFacts? Needed { get; }

    public bool NeedsScreening => rules.ScreeningUrl.Length > 0;

    public ControlRules Settings => rules;

    /// <summary>The rules as texts, for the record of what was in force when.</summary>
    public Dictionary<string, string> Texts { get; }

    private bool IsOn => rules.Enabled is true || NeedsScreening || limits.Any(limit => IsSet(limit.Name));

    private TimeSpan LookBack => new[]
    {
        rules.NewAccountWithin, rules.DuplicateWithin, rules.VelocityWithin, rules.ApprovalWithin,
    }.Max();

    private TimeSpan NewWithin => new[] { rules.NewAccountWithin, rules.OwnChangeWithin }.Max();

    public Judgement Judge(PayoutOrder order, PayoutFacts facts, DateTimeOffset now)
    {
        if (ExceededBy(order.Amount, facts) is { } exceeded)
        {
            return Judgement.Passed with { Exceeded = exceeded };
        }

        var at = order.ExecuteAt > now ? order.ExecuteAt.Value : now;
        var approvers = ApproversOf(order.Amount, facts, at);
        return new Judgement(
            null,
            [
                .. new[]
                {
                    Unscreened(facts),
                    AboveLimit(order.Amount, facts),
                    Twin(order, facts, at),
                    NewAccount(order, facts, now),
                    FirstPayout(order, facts, now),
                    TooMany(facts, at),
                    Shared(facts),
                    ToApprove(approvers),
                }.OfType<Finding>(),
            ],
            approvers);
    }

    private bool IsSet(string limit) => limits.Any(one => one.Name == limit && one.Max.Count + one.Hold.Count > 0);

    private Exceeded? ExceededBy(Money amount, PayoutFacts facts)
    {
        foreach (var (name, max, _) in limits)
        {
            var before = Before(name, facts);
            if (max.TryGetValue(amount.Currency, out var most) && amount.Minor > most - before)
            {
                return new Exceeded(name, new Money(most, amount.Currency), new Money(before, amount.Currency));
            }
        }

        return null;
    }

    private Finding? AboveLimit(Money amount, PayoutFacts facts)
    {
        foreach (var (name, _, hold) in limits)
        {
            if (hold.TryGetValue(amount.Currency, out var most) && amount.Minor > most - Before(name, facts))
            {
                return new(HoldReason.Limit, $"It passes {new Money(most, amount.Currency)} {amount.Currency}, which "
                    + $"is Limits:{name}:Hold.");
            }
        }

        return null;
    }

    private static long Before(string limit, PayoutFacts facts) => limit switch
    {
        "PayeeDay" => facts.PayeeDay,
        "MerchantDay" => facts.MerchantDay,
        _ => 0,
    };

    private Finding? Unscreened(PayoutFacts facts) => NeedsScreening && !facts.IsScreened
        ? new(HoldReason.Screening, "Payee and account, as they are now, are not screened yet.") : null;

    private Finding? Twin(PayoutOrder order, PayoutFacts facts, DateTimeOffset at) =>
        facts.Earlier.FirstOrDefault(one =>
            one.Amount == order.Amount && (one.At - at).Duration() < rules.DuplicateWithin) is { } twin
                ? new(HoldReason.DuplicateSuspect, $"The payout {twin.InvoiceId} pays its payee the same amount.")
                : null;

    private Finding? NewAccount(PayoutOrder order, PayoutFacts facts, DateTimeOffset now)
    {
        return IsNew(facts.AccountAddedAt, facts.AccountAddedBy)
            ? new(HoldReason.NewAccount, $"{facts.AccountAddedBy} added the account {Ago(facts.AccountAddedAt)}.")
            : facts.PayeeChangedAt is { } changed && IsNew(changed, facts.PayeeChangedBy)
            ? new(HoldReason.NewAccount, $"{facts.PayeeChangedBy} changed the payee {Ago(changed)}.")
            : null;

        bool IsNew(DateTimeOffset since, string? by) =>
            now - since < (by == order.ApiKey && rules.OwnChangeWithin > rules.NewAccountWithin
                ? rules.OwnChangeWithin : rules.NewAccountWithin);

        string Ago(DateTimeOffset since) => (now - since).TotalHours < 48
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)(now - since).TotalHours} h before")
            : string.Create(CultureInfo.InvariantCulture, $"{(now - since).Days} days before");
    }

    /// <summary>Until an account was paid for a while, what it gets counts together.</summary>
    private Finding? FirstPayout(PayoutOrder order, PayoutFacts facts, DateTimeOffset now)
    {
        if (now - facts.PaidSince >= rules.NewAccountWithin)
        {
            return null;
        }

        var (minor, currency) = order.Amount;
        var sum = minor + facts.Earlier
            .Where(one => one.AccountId == order.AccountId && one.Amount.Currency == currency)
            .Sum(one => one.Amount.Minor);
        if (firstPayoutAbove.TryGetValue(currency, out var most) && sum > most)
        {
            return new(
                HoldReason.FirstPayout,
                $"The first payouts to the account pass {new Money(most, currency)} {currency}.");
        }

        return rules.FirstPayoutTimes > 0 && facts.LargestElsewhere.TryGetValue(currency, out var largest)
            && sum > rules.FirstPayoutTimes * largest
                ? new(
                    HoldReason.FirstPayout,
                    $"The first payouts to the account pass {rules.FirstPayoutTimes} times "
                    + $"{new Money(largest, currency)} {currency}, the most that its other accounts got.")
                : null;
    }

    private Finding? TooMany(PayoutFacts facts, DateTimeOffset at)
    {
        var before = facts.Earlier.Count(one => (one.At - at).Duration() < rules.VelocityWithin);
        return rules.VelocityCount > 0 && before >= rules.VelocityCount
            ? new(HoldReason.Velocity, $"The payee has {before} other payouts within {Words(rules.VelocityWithin)}.")
            : null;
    }

    private Finding? Shared(PayoutFacts facts) => rules.SharedBy > 0 && facts.OtherPayees + 1 >= rules.SharedBy
        ? new(HoldReason.SharedAccount, $"The account belongs to {facts.OtherPayees + 1} payees.") : null;

    /// <summary>One sum in parts is one sum: what a payee gets within the time counts together.</summary>
    private int ApproversOf(Money amount, PayoutFacts facts, DateTimeOffset at)
    {
        var sum = amount.Minor + facts.Earlier
            .Where(one => one.Amount.Currency == amount.Currency && (one.At - at).Duration() < rules.ApprovalWithin)
            .Sum(one => one.Amount.Minor);
        return IsAbove(secondApprovalAbove) ? 2 : IsAbove(approvalAbove) ? 1 : 0;

        bool IsAbove(Dictionary<string, long> amounts) =>
            amounts.TryGetValue(amount.Currency, out var most) && sum > most;
    }

    private Finding? ToApprove(int approvers) => approvers == 0 ? null : new(
        HoldReason.Approval,
        $"What its payee gets within {Words(rules.ApprovalWithin)} is above the amount that "
        + (approvers == 1 ? "a second person approves." : "two other people approve."));

    private static Dictionary<string, string> TextsOf(ControlRules rules, AmountLimits limits)
    {
        string Of(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        string List(string[] amounts) => amounts is [] ? "none" : string.Join(", ", amounts);
        return new()
        {
            ["NewAccountWithin"] = Of($"{rules.NewAccountWithin}"),
            ["OwnChangeWithin"] = Of($"{rules.OwnChangeWithin}"),
            ["DuplicateWithin"] = Of($"{rules.DuplicateWithin}"),
            ["FirstPayoutAbove"] = List(rules.FirstPayoutAbove),
            ["FirstPayoutTimes"] = Of($"{rules.FirstPayoutTimes}"),
            ["VelocityCount"] = Of($"{rules.VelocityCount}"),
            ["VelocityWithin"] = Of($"{rules.VelocityWithin}"),
            ["SharedBy"] = Of($"{rules.SharedBy}"),
            ["ApprovalAbove"] = List(rules.ApprovalAbove),
            ["SecondApprovalAbove"] = List(rules.SecondApprovalAbove),
            ["ApprovalWithin"] = Of($"{rules.ApprovalWithin}"),
            ["Screening"] = rules.ScreeningUrl.Length > 0 ? "on" : "off",
            ["Limits:Payout:Max"] = List(limits.Payout.Max),
            ["Limits:Payout:Hold"] = List(limits.Payout.Hold),
            ["Limits:PayeeDay:Max"] = List(limits.PayeeDay.Max),
            ["Limits:PayeeDay:Hold"] = List(limits.PayeeDay.Hold),
            ["Limits:MerchantDay:Max"] = List(limits.MerchantDay.Max),
            ["Limits:MerchantDay:Hold"] = List(limits.MerchantDay.Hold),
        };
    }

    private static string Words(TimeSpan time) => time.TotalHours <= 48
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days");
}
