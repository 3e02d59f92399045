using System.Globalization;
using System.Text.RegularExpressions;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using static PayoutService.Payouts.PayoutStatus;
using static PayoutService.Payouts.ReportKind;

namespace PayoutService.Tests.Payouts;

public sealed partial class PayoutMachineTests
{
    private static readonly string[] Document = ReadDocument();
    private static readonly Dictionary<(string Status, string Report), string> Table = ReadTable();

    private static readonly PayoutStatus[] NeverSent = [Queued, Held, Canceled];
    private static readonly bool[] Either = [true, false];

    public static TheoryData<PayoutStatus, string> Cells => AllCells(Enum.GetValues<PayoutStatus>());

    public static TheoryData<PayoutStatus, string> SentCells =>
        AllCells(Enum.GetValues<PayoutStatus>().Except(NeverSent));

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_machine_does_what_its_table_says(PayoutStatus status, string report)
    {
        var kind = Enum.Parse<ReportKind>(report);
        var (source, answersOnlySend) = UsualTeller(kind);

        var verdict = PayoutMachine.Next(status, new Report(kind, source), answersOnlySend, confirmed: false);

        Assert.Equal($"{status}, {report}: {Cell(status, report)}", $"{status}, {report}: {Words(verdict)}");
    }

    [Fact]
    public void The_table_names_no_status_and_no_report_that_does_not_exist()
    {
        var statuses = Enum.GetNames<PayoutStatus>().Select(Camel);

        var rows = Table.Keys.Select(cell => cell.Status).Distinct().Order();
        var columns = Table.Keys.Select(cell => cell.Report).Distinct().Order();

        Assert.Equal(statuses.Order(), rows);
        Assert.Equal(Enum.GetNames<ReportKind>().Order(), columns);
    }

    [Fact]
    public void Every_footnote_of_the_table_is_explained_and_every_explanation_is_used()
    {
        var rows = string.Join('\n', TableLines());

        var used = Footnote().Matches(rows).Select(match => match.Value).Distinct().Order();

        var explained = Document
            .Where(line => line.StartsWith("- (", StringComparison.Ordinal))
            .Select(line => line[2..5]);
        Assert.Equal(explained, used);
    }

    [Fact]
    public void Every_time_in_the_document_is_the_one_the_code_uses()
    {
        var inCode = typeof(PayoutRules).GetProperties()
            .Select(rule => $"{rule.Name}: {Words(rule.GetValue(new PayoutRules())!)}");

        var inDocument = Document
            .SkipWhile(line => line != "## Times")
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => $"{cells[1].Trim('`')}: {cells[2]}");

        Assert.Equal(inCode.Order(), inDocument.Order());
    }

    [Theory]
    [InlineData("Refused", Submitting, Unconfirmed)]
    [InlineData("Postponed", Submitting, Unconfirmed)]
    [InlineData("NotSent", Submitting, Unconfirmed)]
    [InlineData("Refused", Unconfirmed, null)]
    [InlineData("Postponed", Unconfirmed, null)]
    [InlineData("NotSent", Unconfirmed, null)]
    public void Footnote_a_A_reply_to_a_send_that_is_not_the_only_open_one_proves_nothing(
        string report, PayoutStatus status, PayoutStatus? to)
    {
        var reply = new Report(Enum.Parse<ReportKind>(report), Source.Reply);

        var verdict = PayoutMachine.Next(status, reply, answersOnlySend: false, confirmed: false);

        Assert.Equal(new Verdict(to, Contradicts: false), verdict);
    }

    [Theory]
    [InlineData("Postponed", Source.Notice)]
    [InlineData("Postponed", Source.Inquiry)]
    [InlineData("NotSent", Source.Notice)]
    [InlineData("NotSent", Source.Inquiry)]
    [InlineData("NotSent", Source.Operator)]
    public void Footnote_a_Postponed_and_NotSent_are_believed_in_replies_only(string report, Source source)
    {
        var told = new Report(Enum.Parse<ReportKind>(report), source);

        var whileSubmitting = PayoutMachine.Next(Submitting, told, answersOnlySend: false, confirmed: false);
        var whileUnconfirmed = PayoutMachine.Next(Unconfirmed, told, answersOnlySend: false, confirmed: false);

        Assert.Equal(default, whileSubmitting);
        Assert.Equal(default, whileUnconfirmed);
    }

    [Theory]
    [InlineData(Submitting, Source.Notice)]
    [InlineData(Submitting, Source.Inquiry)]
    [InlineData(Submitting, Source.Operator)]
    [InlineData(Unconfirmed, Source.Notice)]
    [InlineData(Unconfirmed, Source.Inquiry)]
    [InlineData(Unconfirmed, Source.Operator)]
    public void Footnote_a_Refused_from_anybody_but_a_reply_is_believed(PayoutStatus status, Source source)
    {
        var told = new Report(Refused, source);

        var verdict = PayoutMachine.Next(status, told, answersOnlySend: false, confirmed: false);

        Assert.Equal(new Verdict(Failed, Contradicts: false), verdict);
    }

    [Theory]
    [InlineData("Postponed", true)]
    [InlineData("NotSent", true)]
    [InlineData("Refused", false)]
    [InlineData("Unclear", false)]
    [InlineData("Acknowledged", false)]
    [InlineData("Settled", false)]
    [InlineData("Reversed", false)]
    public void Footnote_a_A_send_is_closed_only_by_its_own_Postponed_or_NotSent(string report, bool closes)
    {
        var payout = PayoutBuilder.Submitting();
        var claim = payout.Claim!.Value;

        payout.Hear(
            new Report(Enum.Parse<ReportKind>(report), Source.Reply) { Claim = claim }, PayoutBuilder.Start);

        Assert.Equal(closes ? [] : [claim], payout.OpenSends);
    }

    [Fact]
    public void Footnote_a_A_refusal_of_a_resend_proves_nothing_about_the_first_send()
    {
        var payout = PayoutBuilder.Unconfirmed();
        payout.ClaimForSending(PayoutBuilder.LeaseEnd);

        payout.Hear(new Report(Refused, Source.Reply) { Claim = payout.Claim }, PayoutBuilder.LeaseEnd);

        Assert.Equal(Unconfirmed, payout.Status);
    }

    [Fact]
    public void Footnote_a_A_refusal_of_a_resend_is_believed_once_the_first_send_is_closed()
    {
        var payout = PayoutBuilder.Unconfirmed();
        var first = payout.Claim;
        payout.ClaimForSending(PayoutBuilder.LeaseEnd);
        payout.Hear(new Report(NotSent, Source.Reply) { Claim = first }, PayoutBuilder.LeaseEnd);

        payout.Hear(new Report(Refused, Source.Reply) { Claim = payout.Claim }, PayoutBuilder.LeaseEnd);

        Assert.Equal(Failed, payout.Status);
    }

    [Fact]
    public void Footnote_a_A_reply_to_an_earlier_claim_does_not_speak_for_the_latest()
    {
        var payout = PayoutBuilder.Unconfirmed();
        var first = payout.Claim;
        payout.ClaimForSending(PayoutBuilder.LeaseEnd);

        payout.Hear(new Report(NotSent, Source.Reply) { Claim = first }, PayoutBuilder.LeaseEnd);

        Assert.Equal(Unconfirmed, payout.Status);
        Assert.Equal([payout.Claim!.Value], payout.OpenSends);
    }

    [Fact]
    public void Footnote_b_NotSeen_moves_nothing_but_is_counted()
    {
        var payout = PayoutBuilder.Unconfirmed();
        var asked = PayoutBuilder.LeaseEnd.AddSeconds(1);

        payout.Hear(new Report(NotSeen, Source.Inquiry) { AskedAt = asked }, asked);

        Assert.Equal((Unconfirmed, 1, asked), (payout.Status, payout.NotSeenCount, payout.NotSeenSince));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Footnote_c_A_reply_that_refuses_what_Pockyt_has_is_a_contradiction_and_never_a_failure(bool onlySend)
    {
        var reply = new Report(Refused, Source.Reply);

        var verdict = PayoutMachine.Next(Processing, reply, answersOnlySend: onlySend, confirmed: false);

        Assert.Equal(new Verdict(null, Contradicts: true), verdict);
    }

    [Theory]
    [InlineData(Succeeded, "Refused", Failed)]
    [InlineData(Returned, "Refused", Failed)]
    [InlineData(Failed, "Settled", Succeeded)]
    public void Footnote_d_An_inquiry_turns_around_what_nobody_confirmed_and_a_human_must_look(
        PayoutStatus status, string report, PayoutStatus to)
    {
        var told = new Report(Enum.Parse<ReportKind>(report), Source.Inquiry);

        var verdict = PayoutMachine.Next(status, told, answersOnlySend: false, confirmed: false);

        Assert.Equal(new Verdict(to, Contradicts: true), verdict);
    }

    [Theory]
    [InlineData(Succeeded, "Refused", Source.Inquiry)]
    [InlineData(Succeeded, "Refused", Source.Notice)]
    [InlineData(Succeeded, "Refused", Source.Reply)]
    [InlineData(Returned, "Refused", Source.Inquiry)]
    [InlineData(Returned, "Refused", Source.Notice)]
    [InlineData(Returned, "Refused", Source.Reply)]
    [InlineData(Failed, "Settled", Source.Inquiry)]
    [InlineData(Failed, "Settled", Source.Notice)]
    [InlineData(Failed, "Settled", Source.Reply)]
    public void Footnote_d_What_is_confirmed_stays(PayoutStatus status, string report, Source source)
    {
        var told = new Report(Enum.Parse<ReportKind>(report), source);

        var verdict = PayoutMachine.Next(status, told, answersOnlySend: true, confirmed: true);

        Assert.Equal(new Verdict(null, Contradicts: true), verdict);
    }

    [Theory]
    [InlineData(30 * 60, null)]
    [InlineData(30 * 60 + 1, Attention.Contradiction)]
    public void Footnote_e_A_success_that_Pockyt_does_not_know_for_over_30_minutes_is_a_contradiction(
        int secondsBetween, Attention? attention)
    {
        var payout = PayoutBuilder.Of(Succeeded);
        var first = PayoutBuilder.LeaseEnd.AddSeconds(1);
        payout.Hear(new Report(NotSeen, Source.Inquiry) { AskedAt = first }, first);

        var second = first.AddSeconds(secondsBetween);
        payout.Hear(new Report(NotSeen, Source.Inquiry) { AskedAt = second }, second);

        Assert.Equal((Succeeded, attention), (payout.Status, payout.Attention));
    }

    [Theory]
    [InlineData(15 * 60 - 1, null)]
    [InlineData(15 * 60, Source.Inquiry)]
    public void Footnote_f_Two_NotSeen_15_minutes_apart_confirm_a_refusal_of_the_only_send(
        int secondsBetween, Source? confirmedBy)
    {
        var payout = PayoutBuilder.After(new Report(Refused, Source.Reply) { Claim = 1 });
        var first = PayoutBuilder.LeaseEnd.AddSeconds(1);
        payout.Hear(new Report(NotSeen, Source.Inquiry) { AskedAt = first }, first);

        var second = first.AddSeconds(secondsBetween);
        payout.Hear(new Report(NotSeen, Source.Inquiry) { AskedAt = second }, second);

        Assert.Equal((Failed, confirmedBy), (payout.Status, payout.ConfirmedBy));
    }

    [Fact]
    public void Footnote_f_One_NotSeen_never_confirms_a_refusal()
    {
        var payout = PayoutBuilder.After(new Report(Refused, Source.Reply) { Claim = 1 });
        var asked = PayoutBuilder.LeaseEnd.AddSeconds(1);

        payout.Hear(new Report(NotSeen, Source.Inquiry) { AskedAt = asked }, asked.AddHours(1));

        Assert.Null(payout.ConfirmedBy);
    }

    [Fact]
    public void Footnote_f_A_failure_that_a_notice_told_of_is_never_confirmed_by_NotSeen()
    {
        var payout = PayoutBuilder.After(new Report(Refused, Source.Notice));
        var asked = PayoutBuilder.LeaseEnd.AddSeconds(1);

        for (var hour = 0; hour < 24; hour++)
        {
            payout.Hear(new Report(NotSeen, Source.Inquiry) { AskedAt = asked.AddHours(hour) }, asked.AddHours(hour));
        }

        Assert.Equal((Failed, null), (payout.Status, payout.ConfirmedBy));
    }

    [Theory]
    [InlineData(Source.Notice)]
    [InlineData(Source.Inquiry)]
    [InlineData(Source.Operator)]
    public void Footnote_g_Unclear_from_anybody_but_a_reply_moves_nothing(Source source)
    {
        var told = new Report(Unclear, source);

        var verdict = PayoutMachine.Next(Submitting, told, answersOnlySend: false, confirmed: false);

        Assert.Equal(default, verdict);
    }

    [Theory]
    [InlineData(Source.Notice, true)]
    [InlineData(Source.Notice, false)]
    [InlineData(Source.Inquiry, true)]
    [InlineData(Source.Inquiry, false)]
    public void Footnote_h_What_a_bare_code_refused_and_Pockyt_has_all_the_same_may_not_be_replaced(
        Source source, bool confirmedBySilence)
    {
        var payout = PayoutBuilder.After(new Report(Refused, Source.Reply) { Claim = 1 });
        var asked = PayoutBuilder.LeaseEnd.AddSeconds(1);
        for (var hour = 0; confirmedBySilence && hour < 2; hour++)
        {
            payout.Hear(new Report(NotSeen, Source.Inquiry) { AskedAt = asked.AddHours(hour) }, asked.AddHours(hour));
        }

        payout.Hear(new Report(Acknowledged, source) { AskedAt = asked.AddHours(2) }, asked.AddHours(2));

        Assert.Equal((Failed, Attention.Contradiction), (payout.Status, payout.Attention));
        Assert.Equal((MoneyMoved.Unknown, false), (payout.MoneyMoved, payout.MayBeReplaced));
    }

    [Fact]
    public void Footnote_h_That_Pockyt_had_what_it_says_it_refused_is_no_contradiction()
    {
        var payout = PayoutBuilder.After(new Report(Refused, Source.Reply) { Claim = 1 });
        payout.Hear(
            new Report(Refused, Source.Inquiry) { ProviderStatus = "failed" }, PayoutBuilder.LeaseEnd);

        payout.Hear(new Report(Acknowledged, Source.Notice), PayoutBuilder.LeaseEnd);

        Assert.Equal((Failed, Source.Inquiry, null), (payout.Status, payout.ConfirmedBy, payout.Attention));
    }

    [Theory]
    [MemberData(nameof(SentCells))]
    public void An_operator_is_believed_in_every_status_that_was_sent(PayoutStatus status, string report)
    {
        var kind = Enum.Parse<ReportKind>(report);
        PayoutStatus? believed = kind switch
        {
            Settled => Succeeded,
            Refused => Failed,
            Reversed => Returned,
            _ => null,
        };

        var verdict = PayoutMachine.Next(
            status, new Report(kind, Source.Operator), answersOnlySend: false, confirmed: true);

        Assert.Equal(new Verdict(believed, Contradicts: false), verdict);
    }

    [Theory]
    [InlineData(Queued)]
    [InlineData(Held)]
    [InlineData(Canceled)]
    public void An_operator_contradicts_like_anybody_else_what_was_never_sent(PayoutStatus status)
    {
        var told = new Report(Settled, Source.Operator);

        var verdict = PayoutMachine.Next(status, told, answersOnlySend: false, confirmed: false);

        Assert.Equal(new Verdict(Unconfirmed, Contradicts: true), verdict);
    }

    [Fact]
    public void Only_a_reply_to_the_only_open_send_leads_back_to_where_a_payout_can_be_sent_anew()
    {
        var sentAnew = Everything().Where(asked => asked.Verdict.To is Queued or Held);

        Assert.All(sentAnew, asked => Assert.True(
            asked.AnswersOnlySend
            && asked.Report.Kind is Postponed or NotSent
            && asked.Status is Submitting or Unconfirmed,
            $"{asked}"));
    }

    [Fact]
    public void A_final_status_is_left_without_a_contradiction_only_when_a_success_comes_back_or_an_operator_says_so()
    {
        var left = Everything().Where(asked =>
            asked.Status is Succeeded or Failed or Returned
            && asked.Verdict is { To: { } to, Contradicts: false } && to != asked.Status);

        Assert.All(left, asked => Assert.True(
            asked is { Status: Succeeded, Report.Kind: Reversed } or { Report.Source: Source.Operator },
            $"{asked}"));
    }

    private static IEnumerable<Asked> Everything() =>
        from status in Enum.GetValues<PayoutStatus>()
        from kind in Enum.GetValues<ReportKind>()
        from source in Enum.GetValues<Source>()
        from answersOnlySend in Either
        where source is Source.Reply || !answersOnlySend
        from confirmed in Either
        let report = new Report(kind, source)
        let verdict = PayoutMachine.Next(status, report, answersOnlySend, confirmed)
        select new Asked(status, report, answersOnlySend, verdict);

    private static TheoryData<PayoutStatus, string> AllCells(IEnumerable<PayoutStatus> statuses)
    {
        var cells = new TheoryData<PayoutStatus, string>();
        foreach (var status in statuses)
        {
            foreach (var kind in Enum.GetNames<ReportKind>())
            {
                cells.Add(status, kind);
            }
        }

        return cells;
    }

    /// <summary>Whom the table shows a report from: the document says so above the table.</summary>
    private static (Source Source, bool AnswersOnlySend) UsualTeller(ReportKind kind) => kind switch
    {
        Postponed or NotSent or Unclear => (Source.Reply, true),
        NotSeen => (Source.Inquiry, false),
        _ => (Source.Notice, false),
    };

    private static string Cell(PayoutStatus status, string report) =>
        Table.TryGetValue((Camel(status.ToString()), report), out var cell) ? cell : "has no cell in docs/machine.md";

    private static string Words(Verdict verdict) => (verdict.To, verdict.Contradicts) switch
    {
        (null, false) => "=",
        (null, true) => "!",
        ({ } to, false) => Camel(to.ToString()),
        ({ } to, true) => $"{Camel(to.ToString())}!",
    };

    private static string Words(object rule) => rule switch
    {
        TimeSpan[] times => string.Join(", ", times.Select(Words)),
        TimeSpan time => Words(time),
        _ => Convert.ToString(rule, CultureInfo.InvariantCulture)!,
    };

    private static string Words(TimeSpan time) => time switch
    {
        _ when time.TotalDays % 1 == 0 => $"{time.TotalDays} d",
        _ when time.TotalHours % 1 == 0 => $"{time.TotalHours} h",
        _ when time.TotalMinutes % 1 == 0 => $"{time.TotalMinutes} min",
        _ when time.TotalSeconds % 1 == 0 => $"{time.TotalSeconds} s",
        _ => $"{time.TotalMilliseconds} ms",
    };

    private static Dictionary<(string Status, string Report), string> ReadTable()
    {
        var lines = TableLines();
        var columns = SplitRow(lines[0])[1..];
        return new(
            from line in lines[1..]
            let cells = SplitRow(line)
            from status in cells[0].Split(", ")
            from column in Enumerable.Range(0, columns.Length)
            select KeyValuePair.Create((status, columns[column]), Footnote().Replace(cells[column + 1], "").Trim()));
    }

    private static string[] SplitRow(string line) => Gap().Split(line);

    private static string[] TableLines() =>
        [.. Document.SkipWhile(line => line != "```text").Skip(1).TakeWhile(line => line != "```")];

    private static string[] ReadDocument()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PayoutService.sln")))
        {
            folder = folder.Parent!;
        }

        return File.ReadAllLines(Path.Combine(folder.FullName, "docs", "machine.md"));
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private sealed record Asked(PayoutStatus Status, Report Report, bool AnswersOnlySend, Verdict Verdict);

    [GeneratedRegex(@"\([a-z]\)")]
    private static partial Regex Footnote();

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Gap();
}
