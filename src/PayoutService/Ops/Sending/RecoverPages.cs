using PayoutService.Ops.Layout;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Events;
using PayoutService.Storage.Operators;
using PayoutService.Views;

namespace PayoutService.Ops.Sending;

/// <summary>Sends an endpoint what it missed.</summary>
internal static class RecoverPages
{
    private static readonly (string Word, string Meaning, TimeSpan Time)[] Times =
    [
        ("hour", "The last hour.", TimeSpan.FromHours(1)),
        ("day", "The last 24 hours.", TimeSpan.FromDays(1)),
        ("week", "The last 7 days.", TimeSpan.FromDays(7)),
        ("month", "The last 30 days.", TimeSpan.FromDays(30)),
    ];

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/endpoints/{id}/recover", AskAsync).WithName("opsConfirmRecover");
        ops.MapPost("/endpoints/{id}/recover", RecoverAsync).WithName("opsRecover")
            .RequireAuthorization(OpsSessions.Act);
    }

    private static async Task<IResult> AskAsync(
        string id,
        Session session,
        HttpContext context,
        EndpointStore store,
        PayoutRules rules,
        CancellationToken cancel) =>
        await FindAsync(id, session, store).InTimeAsync(rules, cancel) is { } endpoint
            ? Confirm(endpoint, session, context, error: null, reason: null)
            : Pages.NotFound(context, "webhook endpoint");

    private static async Task<IResult> RecoverAsync(
        string id,
        Session session,
        HttpContext context,
        EndpointStore store,
        RecoveryStore recoveries,
        OperatorLog log,
        DatabaseClock clock,
        PayoutRules rules,
        CancellationToken cancel)
    {
        if (await FindAsync(id, session, store).InTimeAsync(rules, cancel) is not { } endpoint)
        {
            return Pages.NotFound(context, "webhook endpoint");
        }

        var form = await context.Request.ReadFormAsync(cancel);
        var (reason, problem) = Forms.Text(form, "reason");
        var time = Times.FirstOrDefault(one => one.Word == form["choice"]).Time;
        if (problem is not null || time == TimeSpan.Zero)
        {
            return Confirm(endpoint, session, context, problem ?? "Choose one of the times.", reason);
        }

        if (form["version"] != $"{endpoint.Version}")
        {
            return Answer(session, context, endpoint, isDone: false, "It changed meanwhile.",
                "Nothing was done: somebody changed the endpoint after you saw it. Look at it again first.");
        }

        await log.WriteAsync(session.Merchant, session.Actor, OperatorAction.Recovered, id, reason)
            .InTimeAsync(rules, cancel);
        var started = await recoveries
            .StartAsync(session.Merchant, endpoint.Id, clock.GetUtcNow() - time, until: null)
            .InTimeAsync(rules, cancel);
        return started switch
        {
            RecoveryStarted.Created => Answer(session, context, endpoint, isDone: true, "It is sent what it missed.",
                "Its events of that time that were not delivered become due. They stand in the list as pending."),
            RecoveryStarted.Disabled => Answer(session, context, endpoint, isDone: false, "Nothing is sent to it.",
                "The endpoint is disabled. Its owner enables it first."),
            RecoveryStarted.Running(var running) => Answer(session, context, endpoint, isDone: false,
                "It is being recovered already.",
                $"The recovery since {Words.Utc(running.Since)} is not finished: {running.Scheduled} events so far."),
            _ => Pages.NotFound(context, "webhook endpoint"),
        };
    }

    private static IResult Confirm(
        WebhookEndpoint endpoint, Session session, HttpContext context, string? error, string? reason) =>
        session.MayAct ? Pages.Show<ConfirmPage>(
            session,
            context,
            ("Title", "Send this endpoint what it missed?"),
            ("Consequences", (string[])[
                endpoint.Url,
                "Every event of the time that was not delivered is sent, with its own id; what was delivered is not "
                + "sent again. No money moves by it."]),
            ("ChoiceName", "Of which time?"),
            ("Choices", Times.Select(time => (time.Word, time.Meaning)).ToArray()),
            ("Button", "Send what it missed"),
            ("Back", BackOf(endpoint, session)),
            ("Version", $"{endpoint.Version}"),
            ("Error", error),
            ("Reason", reason))
        : Answer(session, context, endpoint, isDone: false, "That is not possible now.", Session.WatchesOnly);

    private static Task<WebhookEndpoint?> FindAsync(string id, Session session, EndpointStore store) =>
        PublicId.TryParse(PublicId.Endpoint, id, out var endpointId)
            ? store.FindAsync(session.Merchant, endpointId) : Task.FromResult<WebhookEndpoint?>(null);

    private static string BackOf(WebhookEndpoint endpoint, Session session) =>
        session.At($"/ops/deliveries?endpoint={PublicId.Of(PublicId.Endpoint, endpoint.Id)}");

    private static IResult Answer(
        Session session,
        HttpContext context,
        WebhookEndpoint endpoint,
        bool isDone,
        string title,
        string sentence) =>
        Pages.Result(session, context, isDone, title, sentence, (BackOf(endpoint, session), "To its deliveries"));
}
