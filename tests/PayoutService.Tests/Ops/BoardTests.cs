using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Tests.Support;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Tests.Ops;

/// <summary>The board counts by the causes by which each payout is explained, and links to what it counts.</summary>
[Trait("Run", "Long")]
public sealed class BoardTests : OpsTests
{
    [Fact]
    public async Task All_is_well_when_nothing_needs_a_person()
    {
        await Stage.DispatchAsync();

        var board = await Browser.OpenAsync("/ops");
        var attention = await Browser.OpenAsync("/ops/attention");

        Assert.Equal(("Nothing needs you.", "Nothing needs you."), (board.Heading, attention.Heading));
    }

    [Fact]
    public async Task Open_payouts_are_counted_by_the_cause_by_which_each_is_explained()
    {
        await PlantAsync();

        var counted = await CountAsync();

        Assert.Equal(await ExplainedAsync(), counted);
        Assert.Equal(
            ["balance", "behind", "contradiction", "processing", "scheduled", "unconfirmed"],
            counted.Select(one => one.Cause).Distinct().Order());
    }

    [Fact]
    public async Task While_sending_is_paused_what_is_due_waits_for_that()
    {
        await PlantAsync();
        await Stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Audit" });
        await Stage.PayAsync("1.00");

        var counted = await CountAsync();

        Assert.Equal(await ExplainedAsync(), counted);
        Assert.Contains("paused", counted.Select(one => one.Cause));
    }

    /// <summary>One cause after the other is made to be, and after each all that is open is counted and explained.
    /// </summary>
    [Fact]
    public async Task However_payouts_come_to_wait_the_board_and_explain_agree()
    {
        HashSet<string> seen = [];
        var other = await Stage.PayAsync("520.04");
        await Stage.DispatchAsync();
        await CompareAsync();
        await TellAsync(other, new Report(ReportKind.Acknowledged, Source.Inquiry)
        {
            AskedAt = Stage.Clock.GetUtcNow(),
            IsBlocked = true,
        });
        await CompareAsync();
        await TellAsync(other, new Report(ReportKind.Unclear, Source.Notice) { Mismatch = "amount differs" });
        await CompareAsync();
        var told = await Stage.PayAsync("600.04");
        await Stage.DispatchAsync();
        await TellAsync(told, new Report(ReportKind.Settled, Source.Notice));
        await Stage.PayAsync("4.00");
        await CompareAsync();
        await Stage.Wire.ShutAsync();
        await Stage.DispatchAsync();
        await CompareAsync();
        Stage.Wire.Open();
        await Stage.RunAsync(TimeSpan.FromMinutes(10));
        var denied = await Stage.PayAsync("700.00");
        await Stage.Control.PostAsJsonAsync("/simulator/faults", new
        {
            call = "pay",
            invoiceId = denied,
            times = 1,
            execute = false,
            answer = new { kind = "ret", code = "000030", message = "denied" },
        });
        await Stage.DispatchAsync();
        await CompareAsync();
        await Stage.Api.PostAsync("/v1/sending/resume", null);
        await CompareAsync();

        Assert.Empty(new[]
        {
            "access", "blocked", "due", "mismatch", "notConfirmed", "notSent", "paused", "processing",
        }.Except(seen));

        async Task CompareAsync()
        {
            var counted = await CountAsync();
            Assert.Equal(await ExplainedAsync(), counted);
            seen.UnionWith(counted.Select(one => one.Cause));
        }
    }

    [Fact]
    public async Task The_board_and_the_attention_page_say_what_explain_says()
    {
        await PlantAsync();
        var disputed = await DisputedAsync();

        var board = await Browser.OpenAsync("/ops");
        var attention = await Browser.OpenAsync("/ops/attention");
        var page = await Browser.OpenAsync($"/ops/payouts/{PublicId.Of(PublicId.Payout, disputed.Id)}");

        Assert.All(
            new[] { board, attention, page },
            one => Assert.Contains(Cause.Contradiction.Sentence, one.Text, Ordinal));
        Assert.Contains("contradiction", board.Text, Ordinal);
        Assert.Contains("/ops/attention", board.Links);
        Assert.Contains($"/ops/payouts/{PublicId.Of(PublicId.Payout, disputed.Id)}", attention.Links);
        Assert.Contains("you: operations", attention.Text, Ordinal);
        var deciding = await Browser.OpenAsync($"/ops/payouts/{PublicId.Of(PublicId.Payout, disputed.Id)}/resolve");
        Assert.Contains("a notice signed as Pockyt says that it was paid (success).", deciding.Text, Ordinal);
        Assert.Contains("Pockyt's answer to our question says that it was not executed.", deciding.Text, Ordinal);
    }

    [Fact]
    public async Task The_tiles_count_what_their_links_list()
    {
        await PlantAsync();
        var board = await Browser.OpenAsync("/ops");

        foreach (var link in board.Links.Where(link => link.StartsWith("/ops/payouts?q=status:", Ordinal)).Distinct())
        {
            var list = await Browser.OpenAsync(link);
            var status = link["/ops/payouts?q=status:".Length..];
            var listed = list.Links.Count(one => one.StartsWith("/ops/payouts/po_", Ordinal));
            Assert.Contains($"{status} {listed} open now", board.Text, Ordinal);
        }
    }

    [Fact]
    public async Task Another_merchants_payouts_are_not_counted()
    {
        await PlantAsync();
        using var other = await OpsStage.LogInAsync(Stage, "other-ops-key");
        using var all = await OpsStage.LogInAsync(Stage, "all-key");

        var theirs = await other.OpenAsync("/ops");
        var both = await all.OpenAsync("/ops");

        Assert.DoesNotContain("contradiction", theirs.Text, Ordinal);
        Assert.Contains("contradiction", both.Text, Ordinal);
    }

    /// <summary>Two that wait for a balance, one behind them, one scheduled, one at Pockyt, one of unknown outcome, and
    /// a contradiction.</summary>
    private async Task PlantAsync()
    {
        await Stage.Control.PostAsJsonAsync("/simulator/balance", new { currency = "USD", amount = 100_000 });
        await Stage.PayAsync("500.06");
        await Stage.PayAsync("500.04");
        var disputed = await Stage.PayAsync("500.00");
        await Stage.DispatchAsync();
        await Stage.WhenAsync(disputed, payout => payout.Status is PayoutStatus.Succeeded);
        await TellAsync(disputed, new Report(ReportKind.Refused, Source.Inquiry) { AskedAt = Stage.Clock.GetUtcNow() });
        await Stage.PayAsync("500.08");
        await Stage.PayAsync("501.08");
        await Stage.DispatchAsync();
        await Stage.PayAsync("1.00");
        await Stage.PayAsync("2.00", Stage.Clock.GetUtcNow().AddDays(1));
    }

    private async Task TellAsync(string invoiceId, Report report) =>
        await Stage.Reports.RecordAsync(await Stage.PayoutAsync(invoiceId), report, CancellationToken.None);

    private async Task<Payout> DisputedAsync()
    {
        await using var db = await Stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Payouts.AsNoTracking().SingleAsync(row => row.Attention == Attention.Contradiction);
    }

    private async Task<List<(string Cause, int Count, decimal Amount)>> CountAsync()
    {
        await using var scope = Stage.Get<IServiceScopeFactory>().CreateAsyncScope();
        var backlog = await scope.ServiceProvider.GetRequiredService<CountBacklog>()
            .RunAsync(["main"], CancellationToken.None);
        return Sorted(backlog.Select(one => (one.Cause.Word, one.Count, one.Amount)));
    }

    /// <summary>The same by asking about each payout.</summary>
    private async Task<List<(string Cause, int Count, decimal Amount)>> ExplainedAsync()
    {
        await using var db = await Stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var open = await db.Payouts.AsNoTracking()
            .Where(row => row.ConfirmedBy == null || row.Attention != null).ToListAsync();
        List<(string Cause, int Count, decimal Amount)> causes = [];
        foreach (var payout in open)
        {
            var answer = await ServiceFixture.Answer(await Stage.Api.GetAsync(PayoutView.Link(payout)));
            causes.Add((
                answer.GetProperty("explain").GetProperty("cause").GetString()!, 1, payout.AmountMinor / 100m));
        }

        return Sorted(causes);
    }

    private static List<(string Cause, int Count, decimal Amount)> Sorted(
        IEnumerable<(string Cause, int Count, decimal Amount)> causes) =>
    [
        .. causes.GroupBy(one => one.Cause).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Sum(one => one.Count), group.Sum(one => one.Amount))),
    ];
}
