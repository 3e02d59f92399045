namespace PayoutService.Tests.Controls;

/// <summary>
/// Makes twenty variants of each kind of fraud, the same for the same seed. Of each kind several stay within 5 % of a
/// threshold, and some of these just beyond it, where nothing but luck would hold them.
/// </summary>
internal sealed class FraudGenerator(int seed)
{
    public const int Variants = 20;

    private const string Hr = "hr";
    private const string Payroll = "payroll";

    /// <summary>When every fraud happens; what was before is history.</summary>
    private static readonly DateTimeOffset Day = new(2026, 6, 15, 10, 0, 0, TimeSpan.Zero);

    private readonly Random random = new(seed);
    private List<Step> steps = [];
    private string merchant = "";
    private int made;

    public IReadOnlyList<Fraud> All() =>
    [
        .. from kind in Enum.GetValues<FraudKind>()
           from variant in Enumerable.Range(0, Variants)
           select Make(kind, variant),
    ];

    private Fraud Make(FraudKind kind, int variant)
    {
        (steps, merchant) = ([], Fraud.MerchantOf(kind, variant));
        var isNear = variant >= 14;
        switch (kind)
        {
            case FraudKind.ChangedThenPaid:
                ChangedThenPaid(variant, Reach(variant, Thresholds.NewAccount, missed: 1));
                break;
            case FraudKind.SharedAccount:
                SharedAccount(2 + (variant % 8));
                break;
            case FraudKind.JustUnder:
                JustUnder(variant, isNear);
                break;
            case FraudKind.SplitOverHours:
                SplitOverHours(variant, isNear);
                break;
            case FraudKind.SplitOverPayees:
                SplitOverPayees(variant, isNear);
                break;
            case FraudKind.SplitOverInvoices:
                SplitOverInvoices(variant, isNear);
                break;
            case FraudKind.SameAgain:
                SameAgain(Reach(variant, Thresholds.Duplicate, missed: 1));
                break;
            case FraudKind.YoungBurst:
                YoungBurst(10 + variant, Reach(variant, Thresholds.NewAccount, missed: 1));
                break;
            case FraudKind.ChangedByPayer:
                ChangedByPayer(variant, Reach(variant, Thresholds.OwnChange, missed: 1));
                break;
            default:
                FirstFarAbove(variant, isNear);
                break;
        }

        // Two payees that share an account are as near to one as can be.
        isNear = kind is FraudKind.SharedAccount ? variant % 8 == 0 || isNear : isNear;
        return new Fraud(kind, variant, isNear, [.. steps.OrderBy(step => step.At)]);
    }

    private void ChangedThenPaid(int variant, TimeSpan before)
    {
        var (payee, account) = Established(Salary());
        if (variant % 2 == 0)
        {
            steps.Add(new Step.Changed(Day - before, merchant, Hr, payee));
        }
        else
        {
            account = Account(payee, Day - before, Hr);
        }

        Ask(account, Salary(), Day);
    }

    private void SharedAccount(int payees)
    {
        var number = Name("number");
        var added = Day - Days(random.Next(8, 20));
        for (var at = 0; at < payees; at++)
        {
            var (payee, _) = Established(Salary());
            Ask(Account(payee, added, Hr, number), Salary(), Day + TimeSpan.FromMinutes(at));
        }
    }

    /// <summary>Under the amount that needs approval, or under the first payout that is looked at.</summary>
    private void JustUnder(int variant, bool isNear)
    {
        var isFirst = variant % 2 == 0;
        var limit = isFirst ? Thresholds.FirstPayout : Thresholds.Approval;
        var payee = isFirst ? Registered(Day - Days(20)) : "";
        var account = isFirst ? Account(payee, Day - Days(18), Hr) : Established(limit / 4).Account;
        var parts = 2 + (variant % 3);
        for (var at = 0; at < parts; at++)
        {
            // One waits until the first no longer counts.
            var wait = variant == Variants - 1 ? Thresholds.Together * 1.04 : isNear ? Hours(20) : Hours(5);
            var cents = isNear ? limit - random.Next(1, (int)limit / 20) : limit - random.Next(1, (int)limit / 5);
            Ask(account, cents, Day + (at * wait));
        }
    }

    private void SplitOverHours(int variant, bool isNear)
    {
        var (_, account) = Established(Thresholds.Approval / 5);
        var parts = isNear ? Thresholds.Velocity : random.Next(6, 30);
        var sum = variant switch
        {
            // Just under the sum that needs approval, in as few parts as pass.
            Variants - 1 => Thresholds.Approval * 97 / 100,
            _ when isNear => Thresholds.Approval * random.Next(101, 105) / 100,
            _ => Thresholds.Approval * random.Next(12, 40) / 10,
        };
        foreach (var (cents, at) in Parts(sum, parts).Select((cents, at) => (cents, at)))
        {
            Ask(account, cents, Day + (at * Hours(isNear ? 4 : random.Next(1, 4))));
        }
    }

    /// <summary>Payees that were made for it, or that all lead to one account.</summary>
    private void SplitOverPayees(int variant, bool isNear)
    {
        var payees = random.Next(3, 12);
        var number = Name("number");
        var isShared = variant % 3 == 0;
        var age = !isNear ? Hours(random.Next(1, 60))
            : Thresholds.NewAccount * (variant == Variants - 1 ? 1.03 : 0.96);
        foreach (var cents in Parts(random.Next(5_000_00, 20_000_00), payees))
        {
            var payee = Registered(Day - Days(12));
            var added = isShared ? Day - Days(8) : Day - age;
            Ask(Account(payee, added, Hr, isShared ? number : null), cents, Day);
        }
    }

    private void SplitOverInvoices(int variant, bool isNear)
    {
        var (_, account) = Established(Thresholds.Approval / 4);
        var invoice = Name("inv");
        var parts = isNear ? Thresholds.Velocity + (variant == Variants - 1 ? 0 : 1) : random.Next(3, 15);
        var sum = isNear ? Thresholds.Approval * 96 / 100 : Thresholds.Approval * random.Next(11, 30) / 10;
        var isEven = variant % 2 == 0;
        foreach (var (cents, at) in Parts(sum, parts, isEven && !isNear).Select((cents, at) => (cents, at)))
        {
            Ask(account, cents, Day + TimeSpan.FromMinutes(10 * at), $"{invoice}-{at + 1}");
        }
    }

    private void SameAgain(TimeSpan after)
    {
        var (_, account) = Established(Salary());
        var cents = Salary() + 17;
        Ask(account, cents, Day - after, isJudged: false);
        Ask(account, cents, Day);
    }

    private void YoungBurst(int payees, TimeSpan age)
    {
        for (var at = 0; at < payees; at++)
        {
            var payee = Registered(Day - Days(10));
            Ask(Account(payee, Day - age, Hr), Salary(), Day + TimeSpan.FromSeconds(at));
        }
    }

    private void ChangedByPayer(int variant, TimeSpan before)
    {
        var (payee, account) = Established(Salary());
        if (variant % 2 == 0)
        {
            steps.Add(new Step.Changed(Day - before, merchant, Payroll, payee));
        }
        else
        {
            account = Account(payee, Day - before, Payroll);
        }

        Ask(account, Salary(), Day);
    }

    private void FirstFarAbove(int variant, bool isNear)
    {
        var usual = random.Next(200_00, 1_200_00);
        var (payee, _) = Established(usual);
        var account = Account(payee, Day - Days(random.Next(8, 25)), Hr);
        var times = variant == Variants - 1 ? Thresholds.TimesTheLargest * 0.97m
            : isNear ? Thresholds.TimesTheLargest * (1 + (random.Next(1, 5) / 100m))
            : random.Next(Thresholds.TimesTheLargest + 1, 15);
        Ask(account, (long)(usual * times), Day);
    }

    /// <summary>A time well within what a rule looks back; near it for the last six, and beyond it for the very last.
    /// </summary>
    private TimeSpan Reach(int variant, TimeSpan threshold, int missed) =>
        variant >= Variants - missed ? threshold * 1.03
        : variant >= 14 ? threshold * (0.95 + (0.008 * (variant - 14)))
        : threshold * (0.02 + (0.9 * random.NextDouble()));

    /// <summary>A payee that got the same each month for half a year.</summary>
    private (string Payee, string Account) Established(long cents)
    {
        var payee = Registered(Day - Days(220));
        var account = Account(payee, Day - Days(215), Hr);
        for (var month = 1; month <= 6; month++)
        {
            Ask(account, cents, Day - Days(30 * month), isJudged: false);
        }

        return (payee, account);
    }

    private string Registered(DateTimeOffset at)
    {
        var payee = Name("payee");
        steps.Add(new Step.Registered(at, merchant, Hr, payee));
        return payee;
    }

    private string Account(string payee, DateTimeOffset at, string key, string? number = null)
    {
        var account = Name("account");
        steps.Add(new Step.Added(at, merchant, key, payee, account, number ?? Name("number")));
        return account;
    }

    private void Ask(string account, long cents, DateTimeOffset at, string? invoiceId = null, bool isJudged = true) =>
        steps.Add(new Step.Asked(at, merchant, Payroll, account, cents, invoiceId ?? Name("inv"), isJudged));

    /// <summary>A sum in parts, equal or not.</summary>
    private IEnumerable<long> Parts(long sum, int parts, bool areEqual = false)
    {
        for (; parts > 1; parts--)
        {
            var part = areEqual ? sum / parts : sum / parts * random.Next(80, 120) / 100;
            sum -= part;
            yield return part;
        }

        yield return sum;
    }

    private long Salary() => random.Next(900_00, 4_500_00);

    private string Name(string of) => $"{of}-{++made}";

    private static TimeSpan Days(double days) => TimeSpan.FromDays(days);

    private static TimeSpan Hours(double hours) => TimeSpan.FromHours(hours);
}
