using System.Globalization;
using System.Text.RegularExpressions;
using PayoutService.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>deploy/prometheus/alerts.yml has an alert for each cause that has a time, in the words of the cause, and
/// each alert has its line in docs/operations.md and its tests.</summary>
public sealed partial class AlertsTests
{
    private static readonly Alert[] Alerts =
    [
        .. Rule().Matches(Read("deploy/prometheus/alerts.yml")).Select(rule => new Alert(
            rule.Groups["name"].Value,
            Plain(rule.Groups["expr"].Value),
            rule.Groups["owner"].Value,
            Plain(rule.Groups["summary"].Value),
            Plain(rule.Groups["action"].Value),
            rule.Groups["target"].Value,
            rule.Groups["runbook"].Value)),
    ];

    private static IEnumerable<Cause> Causes =>
        Cause.All.Concat(Cause.OfService).Where(cause => cause.TargetAge is not null);

    [Fact]
    public void Each_cause_with_a_time_has_an_alert_in_its_words()
    {
        var expected = Causes.Select(cause => (NameOf(cause), cause.Owner.ToString().ToLowerInvariant(),
            cause.Sentence, cause.Action, $"docs/operations.md#cause-{cause.Word}"));

        var alerts = Alerts.Where(alert => alert.Runbook.Contains("#cause-", StringComparison.Ordinal))
            .Select(alert => (alert.Name, alert.Owner, alert.Summary, alert.Action, alert.Runbook));

        Assert.Equal(expected.Order(), alerts.Order());
    }

    [Fact]
    public void An_alert_of_a_payouts_cause_comes_when_its_time_is_over() =>
        Assert.All(Cause.All.Intersect(Causes), cause => Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"max by (merchant) (payouts_oldest_age_seconds{{cause=\"{cause.Word}\"}}) > "
                + $"{cause.TargetAge!.Value.TotalSeconds}"),
            Alerts.Single(alert => alert.Name == NameOf(cause)).Expression));

    [Fact]
    public void Each_alert_links_to_a_line_of_the_page_and_is_tested_silent_and_firing()
    {
        var page = Read("docs/operations.md");
        var tests = Read("deploy/prometheus/alerts.test.yml").Split('\n', StringSplitOptions.TrimEntries);

        Assert.All(Alerts, alert =>
        {
            Assert.Contains($"| <a id=\"{alert.Runbook.Split('#')[1]}\"></a>`", page, StringComparison.Ordinal);
            Assert.Equal(2, tests.Count(line => line == $"alertname: {alert.Name}"));
        });
    }

    [Fact]
    public void Alerts_and_dashboard_ask_for_metrics_that_the_page_lists()
    {
        var asked = Alerts.Select(alert => alert.Expression).Append(Read("deploy/grafana/payouts.json"))
            .SelectMany(text => Metric().Matches(text)).Select(found => Suffix().Replace(found.Value, "")).Distinct();

        var page = Read("docs/metrics.md");

        Assert.All(asked, name => Assert.Contains($"| `{name}` |", page, StringComparison.Ordinal));
    }

    private static string NameOf(Cause cause) => $"Payouts{char.ToUpperInvariant(cause.Word[0])}{cause.Word[1..]}";

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    private static string Plain(string quoted) => quoted.Trim('\'').Replace("''", "'", StringComparison.Ordinal);

    [GeneratedRegex(
        """
        - alert: (?<name>\w+)
        \s+expr: (?<expr>.*)
        \s+for: .*
        \s+labels:
        \s+severity: (page|ticket)
        \s+owner: (?<owner>\w+)
        \s+annotations:
        \s+summary: (?<summary>.*)
        \s+action: (?<action>.*)
        \s+target: (?<target>.*)
        \s+runbook: (?<runbook>.*)
        """)]
    private static partial Regex Rule();

    [GeneratedRegex(@"\b(payouts|pockyt|webhooks|db|http_server|dotnet|kestrel)_[a-z_]+(?=[\[{) ]|\\)")]
    private static partial Regex Metric();

    [GeneratedRegex("(?<=_seconds|_size)_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    private sealed record Alert(
        string Name, string Expression, string Owner, string Summary, string Action, string Target, string Runbook);
}
