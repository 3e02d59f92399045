using System.Diagnostics.Metrics;
using PayoutService.Payouts;
using PayoutService.Storage.Events;
using PayoutService.Telemetry;
using PayoutService.UseCases;

namespace PayoutService.Workers;

/// <summary>Shows the state of the work as metrics. A question for them has it read, for the next one and at most once
/// in a few seconds. Every process shows the same state, so dashboards take the maximum over processes.</summary>
internal sealed class StateGauges : PollingWorker
{
    private readonly IServiceScopeFactory scopes;
    private readonly IPayoutGateway gateway;

    /// <summary>The last state that was read; null while the database is away.</summary>
    private volatile State? state;

    /// <summary>Null: nobody has asked yet.</summary>
    private bool? isReady;

    public StateGauges(
        IServiceScopeFactory scopes,
        IPayoutGateway gateway,
        IMeterFactory meters,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        ILogger<StateGauges> logger)
        : base(Timeout.InfiniteTimeSpan, lifetime, clock, logger)
    {
        this.scopes = scopes;
        this.gateway = gateway;
        Add(meters.Create(Metrics.Name));
    }

    protected override TimeSpan Rest => TimeSpan.FromSeconds(5);

    public override async Task<bool> RunOnceAsync(CancellationToken cancel)
    {
        State? read = null;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            read = await scope.ServiceProvider.GetRequiredService<ReadState>().RunAsync(cancel);
        }
        finally
        {
            // What cannot be read is not known, and has no value.
            (state, isReady) = (read, read?.IsReady ?? false);
        }

        return false;
    }

    public override Task WhenIdleAsync() => Task.CompletedTask;

    private void Add(Meter meter)
    {
        meter.CreateObservableGauge<int>(
            "payouts.ready", Ready, description: "1: this process can do its work.");
        meter.CreateObservableGauge(
            "payouts.open", OpenPayouts, "{payout}", "Payouts that are not finished, by status and cause.");
        meter.CreateObservableGauge(
            "payouts.oldest.age", OldestAges, "s", "Age of the oldest payout of a cause in its status.");
        meter.CreateObservableGauge(
            "payouts.target.age", TargetAges, "s", "Age by which a cause should be over.");
        meter.CreateObservableGauge(
            "payouts.replicas", Replicas, "{process}", "Processes that reported within a minute.");
        meter.CreateObservableGauge(
            "payouts.replica.beat.age", BeatAge, "s", "Time since any process last reported.");
        meter.CreateObservableGauge(
            "webhooks.endpoints", Endpoints, "{endpoint}", "Webhook endpoints by state.");
        meter.CreateObservableGauge(
            "webhooks.failing.age", FailingAges, "s", "Time for which the worst webhook endpoint has failed.");
        meter.CreateObservableGauge(
            "pockyt.circuit_breaker.open",
            () => gateway.AwaySince is null ? 0 : 1,
            description: "1: Pockyt does not answer, and nothing is sent.");
        meter.CreateObservableGauge(
            "payouts.database.xmin.age",
            () => Of(state, state => state.Database.XminAge),
            "{transaction}",
            "Transactions since the oldest one that somebody may still see.");
        meter.CreateObservableGauge(
            "payouts.database.dead_rows",
            () => Of(state, state => state.Database.DeadRows),
            "{row}",
            "Dead rows of the table of payouts.");
        meter.CreateObservableGauge(
            "payouts.database.live_rows",
            () => Of(state, state => state.Database.LiveRows),
            "{row}",
            "Live rows of the table of payouts.");
    }

    private IEnumerable<Measurement<int>> Ready()
    {
        Wake();
        return isReady is { } known ? [new(known ? 1 : 0)] : [];
    }

    private static IEnumerable<Measurement<long>> Of(State? state, Func<State, long> value) =>
        state is null ? [] : [new(value(state))];

    /// <summary>A status without payouts is 0, so that no line ends where there is nothing to do.</summary>
    private IEnumerable<Measurement<long>> OpenPayouts() => state is not { } known ? [] :
    [
        .. known.Backlog.GroupBy(one => (one.Merchant, one.Status, one.Cause, one.NeedsAttention))
            .Select(group => new Measurement<long>(
                group.Sum(one => one.Count),
                [
                    .. Labels(group.Key.Merchant, group.Key.Status, group.Key.Cause),
                    Metrics.Label("attention", group.Key.NeedsAttention ? "true" : "false"),
                ])),
        .. from merchant in gateway.Merchants
           from status in PayoutStatuses.Open
           where !known.Backlog.Any(one => one.Merchant == merchant && one.Status == status)
           select new Measurement<long>(
               0,
               Metrics.Label("merchant", merchant),
               Metrics.Label("status", Metrics.Word(status)),
               Metrics.Label("cause", "none"),
               Metrics.Label("attention", "false")),
    ];

    private IEnumerable<Measurement<double>> OldestAges() => state is not { } known ? [] :
        known.Backlog.GroupBy(one => (one.Merchant, one.Status, one.Cause)).Select(group => new Measurement<double>(
            Age(known, group.Min(one => one.Since)), Labels(group.Key.Merchant, group.Key.Status, group.Key.Cause)));

    private static IEnumerable<Measurement<double>> TargetAges() =>
        from cause in Cause.All.Concat(Cause.OfService)
        where cause.TargetAge is not null
        select new Measurement<double>(cause.TargetAge!.Value.TotalSeconds, Metrics.Label("cause", cause.Word));

    private IEnumerable<Measurement<long>> Replicas() =>
        Of(state, known => known.Beats.Count(beat => known.At - beat < ReadHealth.Silence));

    private IEnumerable<Measurement<double>> BeatAge() =>
        state is { Beats: [var newest, ..] } known ? [new(Age(known, newest))] : [];

    private IEnumerable<Measurement<long>> Endpoints() => state is not { } known ? [] :
        from merchant in gateway.Merchants
        from word in (string[])["enabled", "failing", "disabled"]
        select new Measurement<long>(
            known.Endpoints.Count(one => one.Merchant == merchant && StateOf(one) == word),
            Metrics.Label("merchant", merchant),
            Metrics.Label("state", word));

    private IEnumerable<Measurement<double>> FailingAges() => state is not { } known ? [] :
        from merchant in gateway.Merchants
        let failing = known.Endpoints.Where(one => one.Merchant == merchant && StateOf(one) == "failing")
        select new Measurement<double>(
            failing.Select(one => Age(known, one.FailingSince!.Value)).DefaultIfEmpty().Max(),
            Metrics.Label("merchant", merchant));

    private static string StateOf(WebhookEndpoint endpoint) => endpoint switch
    {
        { Status: EndpointStatus.Disabled } => "disabled",
        { FailingSince: not null } => "failing",
        _ => "enabled",
    };

    private static double Age(State known, DateTimeOffset since) => Math.Max((known.At - since).TotalSeconds, 0);

    private static KeyValuePair<string, object?>[] Labels(string merchant, PayoutStatus status, Cause cause) =>
    [
        Metrics.Label("merchant", merchant),
        Metrics.Label("status", Metrics.Word(status)),
        Metrics.Label("cause", cause.Word),
    ];
}
