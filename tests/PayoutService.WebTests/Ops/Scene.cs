using System.Net.Http.Json;
using System.Text;
using Microsoft.Playwright;
using PayoutService.Events;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Views;

namespace PayoutService.WebTests.Ops;

/// <summary>A page in one of its states.</summary>
/// <param name="Endpoint">The name of the endpoint that answers it.</param>
/// <param name="Name">The state, in words of a file name.</param>
/// <param name="Path">Its address.</param>
internal sealed record Place(string Endpoint, string Name, string Path);

/// <summary>A service in the middle of a working day, with something to see on every page.</summary>
internal sealed class Scene(ServiceFixture stage) : IAsyncDisposable
{
    private readonly List<Subscriber> subscribers = [];
    private readonly List<string> accounts = [];

    /// <summary>The key of the operator who looks.</summary>
    public const string Key = "grace";

    /// <summary>The settings of its key, for a stage that has not started.</summary>
    public static ServiceFixture WithKey(ServiceFixture stage) =>
        Example.Key(60, "main", Key, "ops").Select(setting => setting[2..].Split('=', 2))
            .Aggregate(stage, (made, parts) => made.With(parts[0], parts[1]));

    /// <summary>Every page, most of them once.</summary>
    public IReadOnlyList<Place> Places { get; private set; } = [];

    public async Task PlantAsync()
    {
        await stage.Control.PostAsJsonAsync("/simulator/settings", new { noticeDelayMs = 1_000 });
        await stage.Control.PostAsJsonAsync("/simulator/balance", new { currency = "USD", amount = 212_400 });
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await ListenAsync(204, "Ledger of the marketplace");
        await ListenAsync(503, "Tax reports");
        foreach (var name in (string[])["ana-perez", "kofi-mensah", "studio-nordlys", "maria-rossi"])
        {
            accounts.Add(await RegisterAsync(name));
        }

        var done = await PayAsync("1250.00", "87.00", "19.99", "430.02", "95.01", "640.00", "310.00");
        await stage.RunAsync(TimeSpan.FromMinutes(20));
        await DeliverAsync();
        await PayAsync("2300.04", "118.04", "75.04");
        await stage.DispatchAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(95));
        var disputed = (await PayAsync("250.00"))[0];
        await stage.DispatchAsync();
        await TellAsync(disputed, new Report(ReportKind.Settled, Source.Notice));
        await TellAsync(
            disputed, new Report(ReportKind.Refused, Source.Inquiry) { AskedAt = stage.Clock.GetUtcNow() });
        await stage.AdvanceAsync(TimeSpan.FromMinutes(41));
        var unconfirmed = (await PayAsync("2960.06"))[0];
        await stage.DispatchAsync();
        await PayAsync("5400.08");
        await stage.DispatchAsync();
        await PayAsync("1200.00", "333.00");
        await stage.Api.PostAsJsonAsync(
            "/v1/sending/pause", new { reason = "The balance is moved to the new bank until noon" });
        var queued = (await PayAsync("45.00"))[0];
        await stage.AdvanceAsync(TimeSpan.FromMinutes(3));
        await DeliverAsync();
        await SetPlacesAsync(done[0], disputed, unconfirmed, queued);
    }

    /// <summary>Opens every page.</summary>
    public async Task WalkAsync(IPage page, Func<Place, Task> look)
    {
        // The clock of the database does not move with the test's, and workers would seem silent.
        await TestDatabase.ExecuteAsync(
            stage.ConnectionString, $"UPDATE replicas SET beat_at = '{stage.Clock.GetUtcNow():O}'");
        foreach (var place in Places)
        {
            await page.GotoAsync(place.Path);
            await look(place);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var subscriber in subscribers)
        {
            await subscriber.DisposeAsync();
        }
    }

    private async Task SetPlacesAsync(string done, string disputed, string unconfirmed, string queued)
    {
        using var browser = await Operator.LogInAsync(stage.Api.BaseAddress!, Key);
        var payee = (await browser.OpenAsync("/ops/payees")).Links
            .First(link => link.StartsWith("/ops/payees/pye_", StringComparison.Ordinal));
        await browser.ConfirmAsync($"{await PageOfAsync(unconfirmed)}/ask", "The payee asked where it is");
        var endpoint = (await browser.OpenAsync("/ops/deliveries")).Links
            .First(link => link.Contains("endpoint=", StringComparison.Ordinal));
        var resend = (await browser.OpenAsync(endpoint)).Links
            .First(link => link.EndsWith("/resend", StringComparison.Ordinal));
        var batch = await BatchAsync();
        Places =
        [
            new("opsLogin", "login", "/ops/login"),
            new("opsBoard", "board", "/ops"),
            new("opsAttention", "attention", "/ops/attention"),
            new("opsPayouts", "payouts", "/ops/payouts"),
            new("opsPayouts", "payouts-none", "/ops/payouts?q=status:held+amount:%3E999999"),
            new("opsPayouts", "payouts-refused", "/ops/payouts?q=colour:red"),
            new("opsPayout", "payout", await PageOfAsync(disputed)),
            new("opsPayout", "payout-unconfirmed", await PageOfAsync(unconfirmed)),
            new("opsPayout", "payout-waiting", await PageOfAsync(queued)),
            new("opsPayout", "payout-done", await PageOfAsync(done)),
            new("opsConfirmAsk", "ask", $"{await PageOfAsync(unconfirmed)}/ask"),
            new("opsConfirmAskAll", "ask-all", "/ops/payouts/ask?q=status:processing"),
            new("opsConfirmCancel", "cancel", $"{await PageOfAsync(queued)}/cancel"),
            new("opsConfirmCancel", "cancel-refused", $"{await PageOfAsync(done)}/cancel"),
            new("opsConfirmResolve", "resolve", $"{await PageOfAsync(disputed)}/resolve"),
            new("opsApprovals", "approvals", "/ops/approvals"),
            new("opsBatches", "batches", "/ops/batches"),
            new("opsBatch", "batch", batch),
            new("opsConfirmBatch", "confirm-batch", $"{batch}/confirm"),
            new("opsConfirmCancelBatch", "cancel-batch", $"{batch}/cancel"),
            new("opsConfirmApproveBatch", "approve-batch-refused", $"{batch}/approve"),
            new("opsConfirmRelease", "release-refused", $"{await PageOfAsync(done)}/release"),
            new("opsConfirmApprove", "approve-refused", $"{await PageOfAsync(done)}/approve"),
            new("opsConfirmReject", "reject-refused", $"{await PageOfAsync(done)}/reject"),
            new("opsPayees", "payees", "/ops/payees"),
            new("opsPayee", "payee", payee),
            new("opsNotices", "notices", "/ops/notices"),
            new("opsDeliveries", "endpoints", "/ops/deliveries"),
            new("opsDeliveries", "deliveries", endpoint),
            new("opsConfirmResend", "resend", resend),
            new("opsConfirmRecover", "recover", $"/ops/endpoints/{endpoint.Split('=')[1]}/recover"),
            new("opsSending", "sending", "/ops/sending"),
            new("opsBalances", "balances", "/ops/sending/balances"),
            new("opsConfirmPause", "pause", "/ops/sending/pause"),
            new("opsConfirmResume", "resume", "/ops/sending/resume"),
            new("opsReports", "reports", "/ops/reports"),
            new("opsCharts", "charts", "/ops/charts"),
            new("opsHealth", "health", "/ops/health"),
            new("opsAudit", "audit", "/ops/audit"),
            new("opsNothing", "nothing", "/ops/nothing"),
        ];
    }

    private async Task<string> PageOfAsync(string invoiceId) =>
        $"/ops/payouts/{PublicId.Of(PublicId.Payout, (await stage.PayoutAsync(invoiceId)).Id)}";

    /// <summary>A plan with an error, and its page.</summary>
    private async Task<string> BatchAsync()
    {
        using var file = new StringContent(
            $"""
            invoiceId,accountId,amount,currency
            inv-2026-0901,{accounts[0]},1250.00,USD
            inv-2026-0902,{accounts[^1]},980.00,USD
            inv-2026-0902,{accounts[0]},75.001,USD
            """,
            Encoding.UTF8,
            "text/csv");
        using var made = await stage.Api.PostAsync("/v1/batches", file);
        var batch = await ServiceFixture.Answer(made.EnsureSuccessStatusCode());
        return $"/ops/batches/{batch.GetProperty("id").GetString()}";
    }

    private async Task<string> RegisterAsync(string name)
    {
        var payee = await ServiceFixture.RepeatAsync(stage.Api, "/v1/payees", Example.Payee(name));
        return await ServiceFixture.RepeatAsync(
            stage.Api, $"/v1/payees/{payee}/accounts", Example.Account($"{name}-bank"));
    }

    private async Task<List<string>> PayAsync(params string[] amounts)
    {
        List<string> invoices = [];
        foreach (var amount in amounts)
        {
            var invoiceId = $"inv-2026-{stage.NewKey("")[1..].PadLeft(4, '0')}";
            var account = accounts[invoices.Count % accounts.Count];
            await ServiceFixture.RepeatAsync(stage.Api, "/v1/payouts", Example.Payout(account, invoiceId, amount));
            invoices.Add(invoiceId);
            await stage.AdvanceAsync(TimeSpan.FromSeconds(20));
        }

        return invoices;
    }

    private async Task TellAsync(string invoiceId, Report report) =>
        await stage.Reports.RecordAsync(await stage.PayoutAsync(invoiceId), report, CancellationToken.None);

    private async Task ListenAsync(int status, string description)
    {
        var subscriber = await Subscriber.StartAsync();
        subscriber.Answer = _ => status;
        subscribers.Add(subscriber);
        await stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = subscriber.Url, description });
    }

    private async Task DeliverAsync()
    {
        using var deliverer = stage.Make<Deliverer>();
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        await deliverer.RunOnceAsync(CancellationToken.None);
        await deliverer.WhenIdleAsync();
    }
}
