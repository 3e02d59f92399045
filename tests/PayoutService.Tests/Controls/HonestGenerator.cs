namespace PayoutService.Tests.Controls;

/// <summary>
/// Makes the payouts of honest employers, the same for the same seed: monthly payrolls of equal amounts at the end of
/// the month, of which 15 % are first ones; changes of accounts; expenses; returns that are paid again.
/// </summary>
internal sealed class HonestGenerator(int seed, int employers = 10)
{
    private const int Employees = 385;
    private const int Months = 5;
    private const string Hr = "hr";
    private const string Payroll = "payroll";

    /// <summary>When the first payroll is paid, which only makes history.</summary>
    private static readonly DateTimeOffset Start = new(2026, 1, 30, 15, 0, 0, TimeSpan.Zero);

    private readonly Random random = new(seed);
    private readonly List<Step> steps = [];
    private int made;

    /// <summary>What happens, in order.</summary>
    public IReadOnlyList<Step> All()
    {
        for (var employer = 0; employer < employers; employer++)
        {
            Employ($"employer-{employer}");
        }

        return [.. steps.OrderBy(step => step.At)];
    }

    private void Employ(string merchant)
    {
        var staff = Enumerable.Range(0, Employees)
            .Select(_ => Hire(merchant, Start - Days(random.Next(20, 60)))).ToList();
        for (var month = 0; month <= Months; month++)
        {
            var payday = Start + Days(30 * month);
            foreach (var at in Enumerable.Range(0, month == 0 ? 0 : staff.Count))
            {
                if (Happens(0.15))
                {
                    staff[at] = Hire(merchant, payday - Lead());
                }
                else if (Happens(0.02))
                {
                    staff[at] = staff[at] with { Account = Account(merchant, staff[at].Payee, payday - Lead()) };
                }
                else if (Happens(0.01))
                {
                    steps.Add(new Step.Changed(payday - Lead(), merchant, Hr, staff[at].Payee));
                }
            }

            foreach (var person in staff)
            {
                Pay(merchant, person, payday, isJudged: month > 0);
            }
        }
    }

    private void Pay(string merchant, Person person, DateTimeOffset payday, bool isJudged)
    {
        // A bonus, now and then.
        var cents = Happens(0.003) ? person.Salary * 2 : person.Salary;
        var invoiceId = Ask(merchant, person.Account, cents, payday, isJudged);
        if (Happens(0.04))
        {
            Ask(merchant, person.Account, random.Next(15_00, 400_00), payday + Days(random.Next(2, 20)), isJudged);
        }

        if (isJudged && Happens(0.01))
        {
            var back = payday + Days(random.Next(1, 4));
            steps.Add(new Step.Returned(back, merchant, invoiceId));
            Ask(merchant, person.Account, cents, back + Hours(5), isJudged, invoiceId);
        }
    }

    private Person Hire(string merchant, DateTimeOffset at)
    {
        var payee = Name("person");
        steps.Add(new Step.Registered(at - Hours(1), merchant, Hr, payee));

        // Most earn little, few earn much.
        var salary = Happens(0.02) ? random.Next(5_000_00, 9_000_00) : random.Next(900_00, 4_600_00);
        return new Person(payee, Account(merchant, payee, at), salary);
    }

    /// <summary>How long before a payday an account is added: nearly always a week or more, now and then on the last
    /// day.</summary>
    private TimeSpan Lead() => Happens(0.025) ? Hours(random.Next(6, 96)) : Days(random.Next(5, 24));

    private string Account(string merchant, string payee, DateTimeOffset at)
    {
        var account = Name("account");

        // Couples have one account.
        var number = Happens(0.0005) ? $"joint-{merchant}-{random.Next(3)}" : Name("number");
        steps.Add(new Step.Added(at, merchant, Happens(0.02) ? Payroll : Hr, payee, account, number));
        return account;
    }

    private string Ask(
        string merchant, string account, long cents, DateTimeOffset at, bool isJudged, string? replaces = null)
    {
        var invoiceId = Name("inv");
        steps.Add(new Step.Asked(at, merchant, Payroll, account, cents, invoiceId, isJudged, replaces));
        return invoiceId;
    }

    private bool Happens(double chance) => random.NextDouble() < chance;

    private string Name(string of) => $"{of}-{++made}";

    private static TimeSpan Days(double days) => TimeSpan.FromDays(days);

    private static TimeSpan Hours(double hours) => TimeSpan.FromHours(hours);

    private sealed record Person(string Payee, string Account, long Salary);
}
