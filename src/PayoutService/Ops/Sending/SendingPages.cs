using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Operators;
using PayoutService.Storage.Sending;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Ops.Sending;

/// <summary>A merchant's sending.</summary>
public sealed record MerchantSending(string Merchant, SendingView Sending);

/// <summary>Whether payouts are sent: pauses and balances.</summary>
internal static class SendingPages
{
    /// <summary>The choice of all merchants, for a key that sees them all.</summary>
    private const string All = "*";

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/sending", ShowAsync).WithName("opsSending");
        ops.MapGet("/sending/balances", BalancesAsync).WithName("opsBalances")
            .RequireRateLimiting(ReadBalances.Limit);
        foreach (var isPause in (bool[])[true, false])
        {
            var path = isPause ? "/sending/pause" : "/sending/resume";
            ops.MapGet(path, (Session session, HttpContext context, SendingStore store, string? of) =>
                ConfirmAsync(isPause, of, session, context, store, error: null, reason: null))
                .WithName(isPause ? "opsConfirmPause" : "opsConfirmResume");
            ops.MapPost(path, (Session session, HttpContext context, SendingStore store, string? of,
                CancellationToken cancel) => DoAsync(isPause, of, session, context, store, cancel))
                .WithName(isPause ? "opsPause" : "opsResume").RequireAuthorization(OpsSessions.Act);
        }
    }

    private static async Task<IResult> ShowAsync(Session session, HttpContext context, SendingStore store) =>
        Pages.Show<SendingPage>(session, context, ("Merchants", await ReadAsync(session.Merchants, store)));

    private static async Task<IResult> BalancesAsync(
        Session session, HttpContext context, SendingStore store, ReadBalances balances, CancellationToken cancel)
    {
        var told = await balances.RunAsync(session.Merchant, currency: null, cancel);
        return Pages.Show<SendingPage>(
            session,
            context,
            ("Merchants", await ReadAsync(session.Merchants, store)),
            ("Balances", told is null ? [] : told.Select(BalanceView.Of).ToList()),
            ("BalancesProblem", told is null ? "Pockyt did not say what the balance is." : null));
    }

    private static async Task<IResult> ConfirmAsync(
        bool isPause,
        string? of,
        Session session,
        HttpContext context,
        SendingStore store,
        string? error,
        string? reason)
    {
        var merchants = MerchantsOf(of, session);
        if (merchants.Count == 0)
        {
            return Pages.NotFound(context, "merchant");
        }

        var before = await ReadAsync(merchants, store);
        var paused = before.Where(one => one.Sending.Paused).ToList();
        if (!session.MayAct || (!isPause && paused.Count == 0))
        {
            return Answer(session, context, isDone: false, "That is not possible now.", session.MayAct
                ? "Nothing is paused." : Session.WatchesOnly);
        }

        var names = string.Join(", ", merchants);
        return Pages.Show<ConfirmPage>(
            session with { Path = $"{session.Path}?of={Uri.EscapeDataString(of ?? session.Merchant)}" },
            context,
            ("Title", isPause ? $"Pause sending of {names}?" : $"Resume sending of {names}?"),
            ("Consequences", (string[])(isPause
                ? ["No payout is sent until somebody resumes it. Payouts are still accepted and asked about.",
                    "What is on its way to Pockyt goes on: its money may still move."]
                : ["Payouts that wait are sent within seconds, and nobody can call their money back.",
                    .. paused.SelectMany(one => one.Sending.Pauses.Select(pause =>
                        $"This ends the pause of {one.Merchant} by {pause.Actor} ({Words.Word(pause.Kind)}), since "
                        + $"{Words.Utc(pause.Since)}: {pause.Reason}"))])),
            ("Button", isPause ? "Pause sending" : "Resume sending"),
            ("Back", session.At("/ops/sending")),
            ("Version", VersionOf(before)),
            ("Error", error),
            ("Reason", reason));
    }

    private static async Task<IResult> DoAsync(
        bool isPause, string? of, Session session, HttpContext context, SendingStore store, CancellationToken cancel)
    {
        var form = await context.Request.ReadFormAsync(cancel);
        var merchants = MerchantsOf(of, session);
        var (reason, problem) = Forms.Text(form, "reason");
        if (problem is not null || merchants.Count == 0)
        {
            return await ConfirmAsync(isPause, of, session, context, store, problem, reason);
        }

        if (form["version"] != VersionOf(await ReadAsync(merchants, store)))
        {
            return Answer(session, context, isDone: false, "The pauses changed meanwhile.",
                "Nothing was done. Read them again first.");
        }

        var rules = context.RequestServices.GetRequiredService<PayoutRules>();
        var log = context.RequestServices.GetRequiredService<OperatorLog>();
        var resume = context.RequestServices.GetRequiredService<ResumeSending>();
        List<string> done = [];
        foreach (var merchant in merchants)
        {
            await log.WriteAsync(
                merchant, session.Actor, isPause ? OperatorAction.Paused : OperatorAction.Resumed, merchant, reason)
                .InTimeAsync(rules, cancel);
            if (isPause)
            {
                var (_, isNew) = await store.PauseAsync(merchant, session.Actor, reason).InTimeAsync(rules, cancel);
                done.Add(isNew ? $"{merchant} is paused." : $"{merchant} was paused already.");
            }
            else
            {
                var ended = await resume.RunAsync(merchant, session.Actor, nothingLost: null, cancel);
                done.Add($"{merchant} is sent again: {Words.Count(ended.Count, "pause")} ended.");
            }
        }

        return Answer(
            session, context, isDone: true, isPause ? "Sending is paused." : "Sending is resumed.",
            string.Join(' ', done));
    }

    private static IReadOnlyList<string> MerchantsOf(string? of, Session session) =>
        of == All && session.Merchants.Count > 1 ? session.Merchants
        : session.Merchants.Contains(of ?? session.Merchant) ? [of ?? session.Merchant] : [];

    private static async Task<List<MerchantSending>> ReadAsync(IReadOnlyList<string> merchants, SendingStore store)
    {
        List<MerchantSending> all = [];
        foreach (var merchant in merchants)
        {
            all.Add(new(merchant, SendingView.Of(await store.PausesOfAsync(merchant))));
        }

        return all;
    }

    /// <summary>The pauses as they were seen.</summary>
    private static string VersionOf(IEnumerable<MerchantSending> sending) => string.Join(
        ';', sending.SelectMany(one => one.Sending.Pauses.Select(pause =>
            $"{one.Merchant},{Words.Word(pause.Kind)},{pause.Since.UtcTicks}")));

    private static IResult Answer(
        Session session, HttpContext context, bool isDone, string title, string sentence) =>
        Pages.Result(session, context, isDone, title, sentence, (session.At("/ops/sending"), "To sending"));
}
