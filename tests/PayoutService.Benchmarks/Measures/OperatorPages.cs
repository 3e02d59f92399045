using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using PayoutService.Benchmarks.Baselines;
using PayoutService.Benchmarks.Reports;
using PayoutService.Benchmarks.World;
using PayoutService.Views;

namespace PayoutService.Benchmarks.Measures;

/// <summary>The pages of operators with very many payouts: how long one takes, and how large it is.</summary>
internal sealed partial class OperatorPages(Bench bench, Scale scale, Findings findings, Action<string> say)
{
    private const string Database = "ops_many";
    private const int OfEachStatus = 10_000;
    private const int Requests = 200;
    private const int WarmUps = 20;
    private const int MostKiB = 60;

    public async Task RunAsync()
    {
        await bench.CopyAsync(Database, Bench.Migrated);
        await Seeds.PayeesAsync(bench.Postgres, Database, scale.Payees);
        await Settled.FillAsync(bench.Postgres, Database, scale.Grown, scale.Payees, say, Step);
        await FillTodayAsync();
        await Seeds.SettleAsync(bench.Postgres, Database);
        await using var service = await bench.Service.StartAsync(Database, "api", Service.NothingElseFallsDue);
        using var browser = await LogInAsync(service.Port);
        await MeasureAsync(browser, "board", 150, _ => "/ops");
        await MeasureAsync(browser, "attention", 100, _ => "/ops/attention");
        await MeasureAsync(browser, "list", 100, _ => "/ops/payouts");
        await MeasureAsync(browser, "list of a status", 100, _ => "/ops/payouts?q=status:held");
        await MeasureAsync(browser, "payout", 100, at => $"/ops/payouts/{IdOf(at)}");
        await MeasureAsync(browser, "payee", 100, at => $"/ops/payees/{PayeeOf(at)}");
        await MeasureAsync(browser, "search of an invoiceId", 50, at => $"/ops/payouts?q=p-{NumberOf(at):D12}");
        await MeasureAsync(browser, "search of a transactionNo", 50, at => $"/ops/payouts?q={NumberOf(at):D18}");
        await MeasureAsync(browser, "search of what is not there", 50, at => $"/ops/payouts?q=nothing-{at}");
        await MeasureAsync(browser, "search that reads 100,000", null, _ => "/ops/payouts?q=amount:%3E999999");
    }

    private async Task MeasureAsync(HttpClient browser, string name, int? mostMs, Func<int, string> address)
    {
        say($"ops: {name}.");
        List<double> taken = [];
        var largest = 0;
        for (var at = 0; at < WarmUps + Requests; at++)
        {
            var began = TimeProvider.System.GetTimestamp();
            using var answer = await browser.GetAsync(new Uri(address(at), UriKind.Relative));
            var body = await answer.Content.ReadAsByteArrayAsync();
            var time = TimeProvider.System.GetElapsedTime(began);
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Found)
                || answer.Headers.Location?.ToString().Contains("login", StringComparison.Ordinal) is true)
            {
                throw new InvalidOperationException($"{address(at)} was answered {answer.StatusCode}.");
            }

            largest = Math.Max(largest, body.Length);
            if (at >= WarmUps)
            {
                taken.Add(time.TotalMilliseconds);
            }
        }

        taken.Sort();
        var (p50, p95) = (taken[taken.Count / 2], taken[taken.Count * 95 / 100]);
        findings.Lines.Add(new Line(
            $"ops: {name}, {scale.Grown:N0} payouts",
            $"p50 {p50:N1} ms, p95 {p95:N1} ms, {largest / 1024.0:N1} KiB",
            "",
            "",
            mostMs is null ? "reported" : $"p95 at most {mostMs} ms, {MostKiB} KiB",
            mostMs is { } most ? p95 <= most && largest <= MostKiB * 1024 : null));
    }

    /// <summary>A bad day: thousands wait in each status, and a part of them for a person.</summary>
    private Task FillTodayAsync() => bench.Postgres.RunAsync(Database, $$"""
        SET session_replication_role = replica;
        INSERT INTO payouts
        SELECT made.*
        FROM (SELECT settled FROM payouts AS settled ORDER BY id LIMIT 1) AS pattern
        CROSS JOIN (VALUES
            ('queued', NULL, NULL, '[]'), ('held', 'balance', NULL, '[]'), ('unconfirmed', NULL, 'notSeen', '[2]'),
            ('processing', NULL, NULL, '[]'), ('failed', NULL, NULL, '[]')) AS kind (status, reason, attention, sends)
        CROSS JOIN generate_series(1, {{OfEachStatus}}) AS number
        CROSS JOIN LATERAL jsonb_populate_record(pattern.settled, jsonb_build_object(
            'id', lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - number * 8000), 12, '0')
                || '70008000' || lpad(to_hex(ascii(kind.status)), 4, '0') || lpad(to_hex(number), 8, '0'),
            'invoice_id', kind.status || '-' || number, 'status', kind.status, 'hold_reason', kind.reason,
            'attention', CASE WHEN number % 10 = 0 THEN kind.attention END, 'open_sends', kind.sends::jsonb,
            'status_since', now() - number * interval '8 s', 'created_at', now() - number * interval '8 s',
            'transaction_no', NULL, 'due_at', CASE WHEN kind.status <> 'failed' THEN now() + interval '1 hour' END,
            'confirmed_by', CASE WHEN kind.status = 'failed' THEN 'inquiry' END)) AS made
        """);

    private static async Task<HttpClient> LogInAsync(int port)
    {
        var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        };
        var page = await browser.GetStringAsync(new Uri("/ops/login", UriKind.Relative));
        using var form = new FormUrlEncodedContent(
            [new("_form", FormToken().Match(page).Groups[1].Value), new("key", Service.Key)]);
        using var entered = await browser.PostAsync(new Uri("/ops/login", UriKind.Relative), form);
        return entered.StatusCode is HttpStatusCode.Found ? browser
            : throw new InvalidOperationException($"The login was answered {entered.StatusCode}.");
    }

    /// <summary>The distance of the payouts that are opened; only they have a history, which is read by its key.
    /// </summary>
    private int Step => scale.Grown / (WarmUps + Requests);

    private long NumberOf(int at) => 1 + ((long)at * Step);

    private string IdOf(int at) => PublicId.Of(PublicId.Payout, GuidOf(NumberOf(at)));

    private string PayeeOf(int at) => PublicId.Of(PublicId.Payee, GuidOf(1 + (at % scale.Payees)));

    private static Guid GuidOf(long number) =>
        Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-7000-8000-{number:D12}"));

    [GeneratedRegex("name=\"_form\" value=\"([^\"]*)\"")]
    private static partial Regex FormToken();
}
