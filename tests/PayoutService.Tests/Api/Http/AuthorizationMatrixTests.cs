using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using PockytSimulator.Payees;
using Xunit.Abstractions;

namespace PayoutService.Tests.Api.Http;

/// <summary>
/// Every endpoint, with every scope alone, with none and with all, of the merchant whose objects are named and of
/// another one. The cells come from the endpoints that exist: one without an expectation fails.
/// </summary>
[Trait("Run", "Long")]
public sealed class AuthorizationMatrixTests(ITestOutputHelper output)
{
    private const string PayoutsRead = "payouts:read";
    private const string PayoutsWrite = "payouts:write";
    private const string PayeesRead = "payees:read";
    private const string PayeesWrite = "payees:write";
    private const string RefundsWrite = "refunds:write";
    private const string EventsRead = "events:read";
    private const string EventsWrite = "events:write";
    private const string OpsRead = "ops:read";
    private const string Ops = "ops";
    private const string Approve = "approve";

    private static readonly string[] Scopes =
    [
        PayoutsRead, PayoutsWrite, PayeesRead, PayeesWrite, RefundsWrite, EventsRead, EventsWrite, OpsRead, Ops,
        Approve,
    ];

    /// <summary>Takes any key that is known.</summary>
    private static readonly string[] AnyKey = ["", .. Scopes];

    /// <summary>Takes calls without a key.</summary>
    private static readonly string[] Nobody = ["open"];

    /// <summary>The scopes of which one opens the endpoint. This is the only place that says so.</summary>
    private static readonly Dictionary<string, string[]> Expected = new()
    {
        ["POST /v1/payees"] = [PayeesWrite],
        ["GET /v1/payees"] = [PayeesRead],
        ["GET /v1/payees/{id}"] = [PayeesRead],
        ["PATCH /v1/payees/{id}"] = [PayeesWrite],
        ["POST /v1/payees/{id}/refresh"] = [PayeesWrite],
        ["POST /v1/payees/{payeeId}/accounts"] = [PayeesWrite],
        ["GET /v1/payees/{payeeId}/accounts"] = [PayeesRead],
        ["GET /v1/payees/{payeeId}/accounts/{accountId}"] = [PayeesRead],
        ["DELETE /v1/payees/{payeeId}/accounts/{accountId}"] = [PayeesWrite],
        ["POST /v1/payees/{payeeId}/accounts/sync"] = [PayeesWrite],
        ["GET /v1/payees/{id}/events"] = [PayeesRead],
        ["GET /v1/payees/{payeeId}/accounts/{accountId}/events"] = [PayeesRead],
        ["GET /v1/refunds/{id}/events"] = [PayoutsRead],
        ["GET /v1/payors/{payorNo}/events"] = [PayeesRead],
        ["GET /v1/sending/events"] = [PayoutsRead, OpsRead, Ops],
        ["GET /v1/events"] = [EventsRead],
        ["GET /v1/events/{id}"] = [EventsRead],
        ["POST /v1/webhook-endpoints"] = [EventsWrite],
        ["GET /v1/webhook-endpoints"] = [EventsRead],
        ["GET /v1/webhook-endpoints/{id}"] = [EventsRead],
        ["PATCH /v1/webhook-endpoints/{id}"] = [EventsWrite],
        ["DELETE /v1/webhook-endpoints/{id}"] = [EventsWrite],
        ["POST /v1/webhook-endpoints/{id}/rotate-secret"] = [EventsWrite],
        ["POST /v1/webhook-endpoints/{id}/test"] = [EventsWrite],
        ["GET /v1/webhook-endpoints/{id}/deliveries"] = [EventsRead],
        ["POST /v1/webhook-endpoints/{id}/recover"] = [EventsWrite],
        ["GET /v1/webhook-endpoints/{id}/recoveries/{recoveryId}"] = [EventsRead],
        ["POST /v1/deliveries/{id}/resend"] = [EventsWrite],
        ["GET /v1/account-requirements"] = [PayoutsRead],
        ["POST /v1/payouts"] = [PayoutsWrite],
        ["GET /v1/payouts"] = [PayoutsRead],
        ["GET /v1/payouts/{id}"] = [PayoutsRead],
        ["GET /v1/payouts/by-invoice/{invoiceId}"] = [PayoutsRead],
        ["GET /v1/payouts/{id}/events"] = [PayoutsRead],
        ["POST /v1/payouts/{id}/cancel"] = [PayoutsWrite, Ops],
        ["POST /v1/payouts/{id}/resolve"] = [Ops],
        ["POST /v1/payouts/{id}/pay-again"] = [PayoutsWrite],
        ["POST /v1/payouts/{id}/release"] = [Ops],
        ["POST /v1/payouts/{id}/approve"] = [Approve],
        ["POST /v1/payouts/{id}/reject"] = [Approve],
        ["GET /v1/approvals"] = [Approve],
        ["POST /v1/payouts/{id}/refresh"] = [PayoutsWrite, Ops],
        ["POST /v1/payout-batches"] = [PayoutsWrite],
        ["POST /v1/batches"] = [PayoutsWrite],
        ["GET /v1/batches"] = [PayoutsRead],
        ["GET /v1/batches/template.csv"] = [PayoutsRead],
        ["GET /v1/batches/{id}"] = [PayoutsRead],
        ["GET /v1/batches/{id}/rows"] = [PayoutsRead],
        ["GET /v1/batches/{id}/corrected.csv"] = [PayoutsRead],
        ["POST /v1/batches/{id}/confirm"] = [PayoutsWrite],
        ["POST /v1/batches/{id}/cancel"] = [PayoutsWrite, Ops],
        ["POST /v1/batches/{id}/approve"] = [Approve],
        ["GET /v1/sending"] = [PayoutsRead, OpsRead, Ops],
        ["POST /v1/sending/pause"] = [Ops],
        ["POST /v1/sending/resume"] = [Ops],
        ["GET /v1/balances"] = [PayoutsRead],
        ["GET /v1/transactions"] = [PayoutsRead],
        ["GET /v1/reports/payouts"] = [PayoutsRead],
        ["POST /v1/refunds"] = [RefundsWrite],
        ["GET /v1/refunds"] = [PayoutsRead],
        ["GET /v1/refunds/{id}"] = [PayoutsRead],
        ["POST /v1/payors"] = [PayeesWrite],
        ["GET /v1/payors"] = [PayeesRead],
        ["GET /v1/payors/{payorNo}"] = [PayeesRead],
        ["POST /v1/payors/{payorNo}/documents"] = [PayeesWrite],
        ["POST /v1/payors/resolve"] = [Ops],
        ["GET /v1/me"] = AnyKey,
        ["GET /"] = Nobody,
        ["GET /asyncapi/v1.json"] = Nobody,
        ["GET /problems/{code}"] = Nobody,
        ["GET /health/live"] = Nobody,
        ["GET /health/ready"] = Nobody,
        ["POST /webhooks/pockyt/{merchant}/payouts/{invoiceId}/{capability}"] = Nobody,
        ["POST /webhooks/pockyt/{merchant}/accounts/{accountId}/{capability}"] = Nobody,
        ["POST /webhooks/pockyt/{merchant}/deposits/{capability}"] = Nobody,
    };

    [Fact]
    public async Task Every_endpoint_opens_to_its_scopes_and_its_merchant_only()
    {
        var world = await World.StartAsync();
        await using var _ = world;
        var endpoints = world.Endpoints();
        List<string> wrong = [.. endpoints.Except(Expected.Keys).Select(name => $"{name}: nothing is expected of it")];
        wrong.AddRange(Expected.Keys.Except(endpoints).Select(name => $"{name}: there is no such endpoint"));

        var cells = 0;
        foreach (var endpoint in endpoints.Where(Expected.ContainsKey))
        {
            // Refused calls first, while what they name is untouched; the caller's own last, because they change it.
            var open = Expected[endpoint];
            var before = await world.StateAsync();
            foreach (var (caller, scheme, key) in World.Strangers)
            {
                var answer = await world.CallAsync(endpoint, scheme, key, ref cells);
                wrong.AddRange(
                    open == Nobody ? OfOpen(endpoint, caller, answer) : OfStranger(endpoint, caller, answer));
            }

            foreach (var (merchant, scope) in World.Callers.Where(caller => !Opens(open, caller.Scope)))
            {
                var answer = await world.CallAsync(endpoint, "Bearer", World.KeyOf(merchant, scope), ref cells);
                if (answer.Status != HttpStatusCode.Forbidden || answer.Code != "forbidden")
                {
                    wrong.Add($"{endpoint}: {merchant} with '{scope}' got {answer.Status} {answer.Code}, not 403");
                }
            }

            if (open != Nobody && await world.StateAsync() != before)
            {
                wrong.Add($"{endpoint}: a refused call changed something");
            }

            var mains = await world.RowsOfMainAsync();
            foreach (var (merchant, scope) in World.Callers
                .Where(caller => Opens(open, caller.Scope)).OrderByDescending(caller => caller.Merchant))
            {
                var answer = await world.CallAsync(endpoint, "Bearer", World.KeyOf(merchant, scope), ref cells);
                if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                    || (int)answer.Status >= 500)
                {
                    wrong.Add($"{endpoint}: {merchant} with '{scope}' got {answer.Status} {answer.Code}");
                }

                if (merchant == "other" && world.Secrets.Where(answer.Body.Contains).ToList() is { Count: > 0 } seen)
                {
                    wrong.Add($"{endpoint}: other with '{scope}' saw {string.Join(", ", seen)}: {answer.Body}");
                }

                if (merchant == "other" && await world.RowsOfMainAsync() != mains)
                {
                    wrong.Add($"{endpoint}: other with '{scope}' changed a row of main");
                    mains = await world.RowsOfMainAsync();
                }
            }
        }

        output.Say($"authorization matrix: {endpoints.Count} endpoints, {cells} cells, {wrong.Count} wrong");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static bool Opens(string[] open, string scope) =>
        open == Nobody || open == AnyKey || (scope == World.AllScopes ? Scopes : [scope]).Intersect(open).Any();

    private static IEnumerable<string> OfStranger(string endpoint, string caller, Answer answer)
    {
        if (answer.Status != HttpStatusCode.Unauthorized || answer.Challenge != "Bearer"
            || answer.Code != "unauthenticated")
        {
            yield return $"{endpoint}: {caller} got {answer.Status} {answer.Challenge} {answer.Code}, not 401 Bearer";
        }
    }

    private static IEnumerable<string> OfOpen(string endpoint, string caller, Answer answer)
    {
        if (answer.Challenge.Length > 0 || answer.Status is HttpStatusCode.Forbidden)
        {
            yield return $"{endpoint}: {caller} got {answer.Status}, though no key is needed";
        }
    }

    private sealed record Answer(HttpStatusCode Status, string Challenge, string Code, string Body);

    /// <summary>Two merchants with keys of every scope, and an object of the first of every kind.</summary>
    private sealed class World(ServiceFixture stage) : IAsyncDisposable
    {
        public const string AllScopes = "all";

        public static readonly (string Caller, string? Scheme, string? Key)[] Strangers =
        [
            ("no key", null, null), ("a wrong key", "Bearer", "no-such-key"),
            ("Basic", "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("dev:dev-key"))),
        ];

        private static readonly string[] ScopeSets = ["", .. Scopes, AllScopes];
        private readonly HttpClient http = stage.Client(null);
        private readonly NpgsqlDataSource source = NpgsqlDataSource.Create(stage.ConnectionString);
        private string payoutId = "";
        private string refundId = "";
        private string batchId = "";
        private string payorNo = "";
        private string reference = "";
        private List<(string Name, bool HasMerchant)>? tables;
        private int made;

        public static IEnumerable<(string Merchant, string Scope)> Callers =>
            from merchant in (string[])["main", "other"] from scope in ScopeSets select (merchant, scope);

        /// <summary>What another merchant must not read in any answer.</summary>
        public IReadOnlyList<string> Secrets { get; private set; } = [];

        public static string KeyOf(string merchant, string scope) => $"matrix-{merchant}-{scope.Replace(':', '-')}";

        public static async Task<World> StartAsync()
        {
            // More wrong keys than one source may send in a minute.
            var stage = new ServiceFixture().With("Limits:FailuresPerSource", "0");
            var settings = (string[])["main", "other"];
            // Behind the keys that every test has.
            var at = 100;
            foreach (var (merchant, scope) in settings.SelectMany(m => ScopeSets.Select(s => (m, s))))
            {
                string[] scopes = scope switch { "" => [], AllScopes => Scopes, _ => [scope] };
                foreach (var line in Example.Key(at++, merchant, KeyOf(merchant, scope), scopes))
                {
                    var parts = line[2..].Split('=', 2);
                    stage.With(parts[0], parts[1]);
                }
            }

            stage.With("Pockyt:Merchants:other:MerchantNo", "200043").With("Pockyt:Merchants:other:StoreNo", "300014")
                .With("Pockyt:Merchants:other:Tokens:0", "the-other-merchants-token")
                .WithPockyt("Merchants:0:MerchantNo", "200043").WithPockyt("Merchants:0:StoreNo", "300014")
                .WithPockyt("Merchants:0:Token", "the-other-merchants-token");
            await stage.InitializeAsync();
            var world = new World(stage);
            await world.FillAsync();
            return world;
        }

        /// <summary>Method and address of every endpoint, as the service routes them, but for the pages of operators:
        /// those have sessions, and a matrix of their own.</summary>
        public List<string> Endpoints() =>
        [
            .. stage.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"])
                    .Where(method => method != "HEAD")
                    .Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}"))
                .Where(name => !name.Contains(" /ops", StringComparison.Ordinal))
                .Distinct().OrderBy(name => name.StartsWith("DELETE", StringComparison.Ordinal)),
        ];

        public Task<Answer> CallAsync(string endpoint, string? scheme, string? key, ref int cells)
        {
            cells++;
            return CallAsync(endpoint, scheme, key);
        }

        public async Task<string> RowsOfMainAsync() => await RowsAsync("WHERE merchant = 'main'");

        /// <summary>Everything that a call could have changed, here and at Pockyt.</summary>
        public async Task<string> StateAsync()
        {
            var book = stage.Book.Arrivals.Count;
            var refunds = stage.Transactions.Arrivals.Count;
            var payees = stage.OfPockyt<PayeeRegistry>().All.Count;
            return $"{await RowsAsync("")} {book} {refunds} {payees} {stage.PayorsAtPockyt.All.Count}";
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await source.DisposeAsync();
            await stage.DisposeAsync();
        }

        private async Task FillAsync()
        {
            reference = await stage.ReceiveAsync();
            payoutId = await MadeAsync("/v1/payouts", Example.Payout(stage.AccountId, "matrix-invoice"), "id");
            refundId = await MadeAsync("/v1/refunds", Example.Refund("matrix-refund", reference), "id");
            batchId = await MadeAsync(
                "/v1/batches", new { payouts = new[] { Example.Payout(stage.AccountId, "matrix-batch") } }, "id");
            payorNo = await MadeAsync("/v1/payors", Example.Payor("matrix-payor"), "payorNo");
            var paid = stage.Transactions.FindPayment(null, reference)!;
            var payee = await stage.Api.GetStringAsync($"/v1/payees/{stage.PayeeId}");
            var email = JsonDocument.Parse(payee).RootElement.GetProperty("email").GetString()!;
            Secrets = [email, paid.TransactionNo, "matrix-invoice\"", "matrix-refund", "\"last4\":\"3298\""];
        }

        private async Task<string> MadeAsync(string path, object body, string member)
        {
            var answer = await stage.Api.PostAsJsonAsync(path, body);
            answer.EnsureSuccessStatusCode();
            return (await ServiceFixture.Answer(answer)).GetProperty(member).GetString()!;
        }

        private async Task<Answer> CallAsync(string endpoint, string? scheme, string? key)
        {
            var (method, path) = (endpoint.Split(' ')[0], endpoint.Split(' ')[1]);
            using var request = new HttpRequestMessage(new HttpMethod(method), Fill(path) + QueryOf(endpoint));
            request.Content = BodyOf(endpoint);
            if (scheme is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue(scheme, key);
            }

            using var answer = await http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            var code = answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? JsonDocument.Parse(body).RootElement.GetProperty("code").GetString()! : "";
            return new Answer(answer.StatusCode, answer.Headers.WwwAuthenticate.ToString(), code, body);
        }

        private string Fill(string path) => path
            .Replace("{payeeId}", stage.PayeeId, StringComparison.Ordinal)
            .Replace("{accountId}", stage.AccountId, StringComparison.Ordinal)
            .Replace("{payorNo}", payorNo, StringComparison.Ordinal)
            .Replace("{merchant}", "main", StringComparison.Ordinal)
            .Replace("{invoiceId}", "matrix-invoice", StringComparison.Ordinal)
            .Replace("{capability}", "none", StringComparison.Ordinal)
            .Replace(
                "{id}",
                path.StartsWith("/v1/payees", StringComparison.Ordinal) ? stage.PayeeId
                    : path.StartsWith("/v1/batches", StringComparison.Ordinal) ? batchId
                    : path.StartsWith("/v1/refunds", StringComparison.Ordinal) ? refundId : payoutId,
                StringComparison.Ordinal);

        private string QueryOf(string endpoint) => endpoint switch
        {
            "GET /v1/account-requirements" => "?country=US&currency=USD&accountType=BANK_ACCOUNT",
            "GET /v1/transactions" => $"?reference={reference}",
            "GET /v1/balances" => "?currency=USD",
            _ => "",
        };

        private HttpContent? BodyOf(string endpoint)
        {
            var unique = string.Create(CultureInfo.InvariantCulture, $"matrix-{++made}");
            object? body = endpoint switch
            {
                "POST /v1/payees" => Example.Payee(unique),
                "PATCH /v1/payees/{id}" => new { city = "Newtown" },
                "POST /v1/payees/{payeeId}/accounts" => Example.Account(unique),
                "POST /v1/payouts" => Example.Payout(stage.AccountId, unique),
                "POST /v1/batches/{id}/confirm" => new { totals = new Dictionary<string, string> { ["USD"] = "5.00" } },
                "POST /v1/payout-batches" or "POST /v1/batches" =>
                    new { payouts = new[] { Example.Payout(stage.AccountId, unique) } },
                "POST /v1/payouts/{id}/resolve" => new { ruling = "paid", reason = "r", evidence = "e" },
                "POST /v1/payouts/{id}/release" or "POST /v1/payouts/{id}/approve" or "POST /v1/payouts/{id}/reject"
                    or "POST /v1/payouts/{id}/pay-again" or "POST /v1/batches/{id}/approve" =>
                    new { reason = "matrix" },
                "POST /v1/sending/pause" => new { reason = "matrix" },
                "POST /v1/sending/resume" => new { reason = "matrix" },
                "POST /v1/refunds" => Example.Refund(unique, reference, "1.00"),
                "POST /v1/payors" => Example.Payor(unique),
                "POST /v1/payors/resolve" => new { payorCode = "matrix-payor", payorNo },
                _ => null,
            };
            return endpoint == "POST /v1/payors/{payorNo}/documents" ? Example.Form([("a.pdf", [1, 2, 3])])
                : body is null ? null : JsonContent.Create(body);
        }

        private async Task<string> RowsAsync(string where)
        {
            tables ??= await TablesAsync();
            var read = tables.Where(table => table.HasMerchant || where.Length == 0);
            await using var digest = source.CreateCommand(string.Join(" UNION ALL ", read.Select(table =>
                "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
                + $"FROM \"{table.Name}\" t {where}")));
            await using var rows = await digest.ExecuteReaderAsync();
            var state = new StringBuilder();
            while (await rows.ReadAsync())
            {
                state.Append(rows.GetString(0));
            }

            return state.ToString();
        }

        /// <summary>The tables that a call could have changed. A call to Pockyt is written down some time after it was
        /// made, perhaps by an earlier cell.</summary>
        private async Task<List<(string Name, bool HasMerchant)>> TablesAsync()
        {
            await using var list = source.CreateCommand(
                "SELECT table_name, bool_or(column_name = 'merchant') FROM information_schema.columns "
                + "WHERE table_schema = 'public' AND table_name NOT IN ('provider_calls', 'call_counts') "
                + "GROUP BY table_name ORDER BY table_name");
            await using var rows = await list.ExecuteReaderAsync();
            List<(string Name, bool HasMerchant)> found = [];
            while (await rows.ReadAsync())
            {
                found.Add((rows.GetString(0), rows.GetBoolean(1)));
            }

            return found;
        }
    }
}
