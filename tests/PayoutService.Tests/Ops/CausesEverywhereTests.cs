using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using PayoutService.Ops;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using PayoutService.Workers;

namespace PayoutService.Tests.Ops;

/// <summary>Each cause is planted; explain, the board and the metrics that alerts are made of say the same of it.
/// </summary>
public sealed class CausesEverywhereTests : OpsTests
{
    private const string Sent = "sends = 1, heard = true, open_sends = '{1}'";

    /// <summary>What makes a queued payout one of the cause.</summary>
    private static readonly Dictionary<string, string> Plants = new()
    {
        ["contradiction"] = $"status = 'processing', {Sent}, attention = 'contradiction'",
        ["mismatch"] = $"status = 'processing', {Sent}, attention = 'mismatch'",
        ["blocked"] = $"status = 'processing', {Sent}, attention = 'blocked'",
        ["notSeen"] = "status = 'unconfirmed', sends = 1, open_sends = '{1}', attention = 'notSeen'",
        ["stuck"] = "status = 'held', hold_reason = 'payeeStatus', attention = 'stuck'",
        ["paused"] = "sends = 0",
        ["behind"] = "sends = 0",
        ["balance"] = "status = 'held', hold_reason = 'balance', holds = 1",
        ["access"] = "status = 'held', hold_reason = 'access'",
        ["payeeStatus"] = "status = 'held', hold_reason = 'payeeStatus'",
        ["accountStatus"] = "status = 'held', hold_reason = 'accountStatus'",
        ["noApprover"] = HeldByRule("approval"),
        ["notSent"] = "sends = 1",
        ["scheduled"] = "due_at = due_at + interval '1 day'",
        ["due"] = "sends = 0",
        ["submitting"] = "status = 'submitting', sends = 1, claim = 1, open_sends = '{1}', signed_at = due_at, "
            + "lease_until = due_at, request_id = id",
        ["perhapsSent"] = "status = 'unconfirmed', open_sends = '{0}'",
        ["unconfirmed"] = "status = 'unconfirmed', sends = 1, open_sends = '{1}'",
        ["processing"] = $"status = 'processing', {Sent}",
        ["notConfirmed"] = $"status = 'succeeded', {Sent}",
    };

    /// <summary>What makes the service one of the cause, and the metric by which it is seen with its value.</summary>
    private static readonly Dictionary<string, (string Sql, string Metric, double Value)> OfTheService = new()
    {
        ["notReady"] = ("DELETE FROM \"__EFMigrationsHistory\"", "payouts.ready", 0),
        ["workersSilent"] = ("UPDATE replicas SET beat_at = beat_at - interval '2 minutes'", "payouts.replicas", 0),
        ["endpointFailing"] = ("UPDATE webhook_endpoints SET failing_since = created_at", "webhooks.endpoints", 1),
        ["endpointDisabled"] = ("UPDATE webhook_endpoints SET status = 'disabled'", "webhooks.endpoints", 1),
        ["restored"] = (
            "INSERT INTO restores (no, at, is_lossy, marker, timeline, reason) "
                + "SELECT max(no) + 1, now(), true, 'another', '00000001', 'planted' FROM restores",
            "payouts.open", 1),
    };

    /// <summary>Of those who may approve, one is left: the owner of the key that asks.</summary>
    public CausesEverywhereTests() => Stage.With("ApiKeys:3:Scopes:8", "ops:read")
        .With("ApiKeys:8:Scopes:0", "ops:read").With("ApiKeys:9:Scopes:0", "ops:read");

    public static TheoryData<string> CausesOfPayouts =>
        new(Cause.All.Where(cause => cause != Cause.Ended && cause != Cause.Restored).Select(cause => cause.Word));

    public static TheoryData<string> CausesOfTheService =>
        new(Cause.OfService.Append(Cause.Restored).Select(cause => cause.Word));

    [Theory]
    [MemberData(nameof(CausesOfPayouts))]
    public async Task A_cause_of_payouts_is_said_and_counted_alike_everywhere(string word)
    {
        var cause = Cause.All.Single(one => one.Word == word);
        await PlantWhatIsBeforeAsync(word);

        // Of those that wait for a balance, the first does, and the others stand behind it.
        string[] invoiceIds = word is "balance" ? [await Stage.PayAsync()]
            : [await Stage.PayAsync(), await Stage.PayAsync()];
        await TestDatabase.ExecuteAsync(
            Stage.ConnectionString,
            $"UPDATE payouts SET {Plants.GetValueOrDefault(word, HeldByRule(word))} "
                + $"WHERE invoice_id IN ('{string.Join("', '", invoiceIds)}')");
        if (word is "approval" or "noApprover")
        {
            await TestDatabase.ExecuteAsync(
                Stage.ConnectionString,
                "INSERT INTO approvals (payout_id, merchant, requested_by, requested_owner, approvers, asked_at) "
                + $"SELECT id, merchant, k, k, 1, now() FROM payouts, (VALUES ('{AskedBy(word)}')) AS who (k)");
        }

        var payout = await ServiceFixture.Answer(
            await Stage.Api.GetAsync($"/v1/payouts/by-invoice/{invoiceIds[0]}"));
        var explain = payout.GetProperty("explain");
        var board = await Browser.OpenAsync("/ops");
        var measured = await MeasureAsync();

        Assert.Equal(
            (word, Words.Word(cause.Owner)),
            (explain.GetProperty("cause").GetString(), explain.GetProperty("owner").GetString()));
        Assert.StartsWith(cause.Sentence, explain.GetProperty("why").GetString(), Ordinal);
        Assert.Matches(RowOf(cause, $"{invoiceIds.Length}"), board.Text);
        Assert.Equal(
            invoiceIds.Length,
            measured.Where(one => (one.Metric, one.Labels.GetValueOrDefault("cause")) == ("payouts.open", word))
                .Sum(one => one.Value));
    }

    [Theory]
    [MemberData(nameof(CausesOfTheService))]
    public async Task A_cause_of_the_service_is_said_by_the_board_and_seen_in_the_metrics(string word)
    {
        var cause = Cause.OfService.Append(Cause.Restored).Single(one => one.Word == word);
        var (sql, metric, value) = OfTheService[word];
        await Stage.PayAsync();
        await Stage.Api.PostAsJsonAsync("/v1/webhook-endpoints", new { url = "http://127.0.0.1:9/" });
        await TestDatabase.ExecuteAsync(Stage.ConnectionString, sql);

        var board = await Browser.OpenAsync("/ops");
        var measured = await MeasureAsync();

        Assert.Matches(RowOf(cause, word is "restored" ? "1" : "–"), board.Text);
        Assert.Contains(measured, one => one.Metric == metric && one.Value == value
            && one.Labels.GetValueOrDefault("state", "") is "" or "failing" or "disabled");
    }

    private static string AskedBy(string word) => word is "noApprover" ? "dev" : "somebody";

    private static string HeldByRule(string word) =>
        $$"""status = 'held', hold_reason = '{{word}}', findings = '{"{{word}}": "It was seen."}'""";

    private async Task PlantWhatIsBeforeAsync(string word)
    {
        if (word is "paused")
        {
            await Stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Audit" });
        }

        if (word is "behind")
        {
            await Stage.PayAsync();
            await TestDatabase.ExecuteAsync(Stage.ConnectionString, $"UPDATE payouts SET {Plants["balance"]}");
        }
    }

    /// <summary>The line of a table of causes as text.</summary>
    private static string RowOf(Cause cause, string count) =>
        $"{cause.Word} {Regex.Escape(cause.Sentence)} ?{Regex.Escape(cause.Action)} {Words.Who(cause.Owner)} {count} ";

    /// <summary>The state of the work as metrics.</summary>
    private async Task<List<(string Metric, Dictionary<string, string> Labels, double Value)>> MeasureAsync()
    {
        List<(string Metric, Dictionary<string, string> Labels, double Value)> measured = [];
        using var gauges = Stage.Make<StateGauges>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == Stage.Get<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Keep(instrument, value, labels));
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Keep(instrument, value, labels));
        await gauges.RunOnceAsync(CancellationToken.None);
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;

        void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
            measured.Add((
                instrument.Name, labels.ToArray().ToDictionary(one => one.Key, one => $"{one.Value}"), value));
    }
}
