using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PayoutService.Pockyt.Wire;

namespace PayoutService.Tests.Proofs.Fuzzing;

/// <summary>
/// Makes requests of the document by a seed: right ones, nearly right ones and hostile ones, with values that earlier
/// answers brought, so that they reach objects that exist.
/// </summary>
internal sealed class RequestMaker(Contract contract, int seed)
{
    private const string Token = "17cfc0170ef1c017b4a929d233d6e65e";
    private const int MostRemembered = 200;

    private static readonly string[] Keys =
        [.. Enumerable.Repeat("dev-key", 16), "dev-key-2", "other-key", "reader-key", "ops-key"];

    private static readonly string[] Hostile =
    [
        "", " ", "\0", "a\0b", "null", "undefined", "true", "-1", "0", "1e400", "999999999999999999999999", "NaN",
        "'; DROP TABLE payouts; --", "%s%n", "{0}", "${jndi:x}", "<script>alert(1)</script>", "../../etc/passwd",
        "\u202e", "\ufeff", "\ud83d\ude00", "é", "e\u0301", "a&b=c", "a\r\nb", "\t", "\u007f", "\\", "\"", "%00",
        "%2f", "日本語", "İ", new string('a', 300), new string('é', 300), "2026-02-30", "0000-00-00",
        "2026-13-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-01-01", "po_", "PO_01M7YVPRMWFCDVCFP7R18CAMBQ",
        "po_zzzzzzzzzzzzzzzzzzzzzzzzzz", "acc_00000000000000000000000000", "00000000-0000-0000-0000-000000000000",
    ];

    private readonly Random random = new(seed);
    private readonly Dictionary<string, List<string>> remembered = [];
    private int made;

    /// <summary>The next request, and the operation that it is for.</summary>
    public (Operation Operation, Request Request) Next()
    {
        made++;
        var operation = One(contract.Operations);
        if (operation.Method == "DELETE" && Chance(70))
        {
            // What is removed can no longer be paid to.
            operation = One(contract.Operations);
        }

        var target = PathOf(operation) + QueryOf(operation);
        List<(string Name, string Value)> headers = [];
        AddHeaders(operation, headers);
        var body = operation.Path.StartsWith("/webhooks", StringComparison.Ordinal)
            ? NotificationOf(headers)
            : BodyOf(operation, headers);
        return (operation, new Request(operation.Method, target, headers, body));
    }

    /// <summary>Keeps what an answer brought, by the names of its members.</summary>
    public void Remember(string json)
    {
        if (json.StartsWith('{'))
        {
            using var answer = JsonDocument.Parse(json);
            Remember(answer.RootElement);
        }
    }

    public void Remember(string name, string value)
    {
        if (!remembered.TryGetValue(name, out var values))
        {
            remembered[name] = values = [];
        }

        if (values.Count == MostRemembered)
        {
            values.RemoveAt(random.Next(values.Count));
        }

        values.Add(value);
    }

    private void Remember(JsonElement value)
    {
        foreach (var member in value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().ToList() : [])
        {
            if (member.Value.ValueKind == JsonValueKind.String)
            {
                var text = member.Value.GetString()!;
                Remember(member.Name == "id" ? $"id {text.Split('_')[0]}" : member.Name, text);
            }

            Remember(member.Value);
        }

        foreach (var item in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [])
        {
            Remember(item);
        }
    }

    private bool Chance(int percent) => random.Next(100) < percent;

    private T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

    /// <summary>Mostly one of the newest: older ones are removed, used up or ended by now.</summary>
    private string? Known(string name) => !remembered.TryGetValue(name, out var values) ? null
        : Chance(60) ? values[^random.Next(1, Math.Min(values.Count, 5) + 1)] : One(values);

    private string PathOf(Operation operation)
    {
        var kind = operation.Path.Split('/') is ["", "webhooks", _, _, var named, ..] ? named : "";
        if (Chance(70) && Known($"{kind} address") is { } at)
        {
            return at;
        }

        // An account belongs to its payee: mostly the two go together.
        var pair = Known("account link")?.Split('/');
        var path = operation.Path;
        foreach (var parameter in operation.Parameters.Where(one => one.GetProperty("in").GetString() == "path"))
        {
            var name = parameter.GetProperty("name").GetString()!;
            var right = name switch
            {
                "payeeId" when pair is not null => pair[3],
                "accountId" when pair is not null => pair[5],
                "id" when path.StartsWith("/v1/payees", StringComparison.Ordinal) => Known("id pye"),
                "id" when path.StartsWith("/v1/refunds", StringComparison.Ordinal) => Known("id rfd"),
                "id" when path.StartsWith("/v1/events", StringComparison.Ordinal) => Known("id evt"),
                "id" when path.StartsWith("/v1/webhook-endpoints", StringComparison.Ordinal) => Known("id whe"),
                "id" when path.StartsWith("/v1/deliveries", StringComparison.Ordinal) => Known("id whd"),
                "id" when path.StartsWith("/v1/batches", StringComparison.Ordinal) => Known("id bat"),
                "id" when path.EndsWith("/cancel", StringComparison.Ordinal) && Chance(50) => Known("id later"),
                "id" when path.EndsWith("/pay-again", StringComparison.Ordinal) && Chance(50) => Known("id failed"),
                "id" => Known("id po"),
                "merchant" => "main",
                _ => Known(name),
            };
            var value = right is null || Chance(15) ? Odd(right) : right;
            path = path.Replace($"{{{name}}}", Segment(value), StringComparison.Ordinal);
        }

        return path;
    }

    /// <summary>One segment that is not empty and leads nowhere else: else it would be another operation.</summary>
    private static string Segment(string value)
    {
        // NUL in a path is refused by the server before there is any operation.
        var text = value.Replace("\0", "", StringComparison.Ordinal);
        return text.Trim('.').Length == 0 ? "x" : Uri.EscapeDataString(text);
    }

    /// <summary>A value that is bent, belongs elsewhere, or was never right.</summary>
    private string Odd(string? right) => random.Next(4) switch
    {
        0 when right is { Length: > 4 } => right[..^1] + One("0zZ_-".ToCharArray()),
        1 when right is not null => right.ToUpperInvariant(),
        2 when Known(One<string>(["id po", "id pye", "id acc", "id rfd", "payorNo"])) is { } other => other,
        _ => One(Hostile),
    };

    private string QueryOf(Operation operation)
    {
        List<string> query = [];
        foreach (var parameter in operation.Parameters.Where(one => one.GetProperty("in").GetString() == "query"))
        {
            var name = parameter.GetProperty("name").GetString()!;
            var isNeeded = parameter.TryGetProperty("required", out var required) && required.GetBoolean();
            if (Chance(isNeeded ? 95 : 35))
            {
                query.Add($"{name}={Uri.EscapeDataString(Chance(20) ? Odd(Known(name)) : QueryValue(name))}");
            }
        }

        if (Chance(5))
        {
            query.Add($"{Uri.EscapeDataString(One(Hostile))}={Uri.EscapeDataString(One(Hostile))}");
        }

        if (query.Count > 0 && Chance(4))
        {
            query.Add(query[0]);
        }

        return query.Count == 0 ? "" : $"?{string.Join('&', query)}";
    }

    private string QueryValue(string name) => name switch
    {
        "limit" => One<string>(["1", "2", "50", "200", "0", "201"]),
        "cursor" => Known("nextCursor") ?? "x",
        "country" => One<string>(["US", "BR", "CN", "DE"]),
        "currency" => One<string>(["USD", "BRL", "EUR", "USDC"]),
        "accountType" => One<string>(["BANK_ACCOUNT", "CRYPTO", "PAYPAL", "VENMO"]),
        "profileType" => One<string>(["INDIVIDUAL", "BUSINESS"]),
        "createdFrom" => "2020-01-01T00:00:00Z",
        "createdTo" => "2030-01-01T00:00:00+01:00",
        "attention" => One<string>(["any", "mismatch", "notSeen", "slow"]),
        "payeeId" => Known("id pye") ?? "x",
        "payoutId" => Known("id po") ?? "x",
        "batchId" => Known("id bat") ?? "x",
        "onErrors" => One<string>(["refuse", "skip"]),
        "outcome" => One<string>(["pending", "created", "refused"]),
        "accountId" => Known("id acc") ?? "x",
        "after" => One<string>(["0", "1", "latest"]),
        "type" => One<string>(["payout.accepted", "payout.sent,payee.created"]),
        "wait" => One<string>(["0", "0", "1", "31"]),
        _ => Known(name) ?? "x",
    };

    private void AddHeaders(Operation operation, List<(string Name, string Value)> headers)
    {
        switch (random.Next(40))
        {
            case 0:
                break;
            case 1:
                headers.Add(("Authorization", "Basic ZGV2OmRldi1rZXk="));
                break;
            case 2:
                headers.Add(("Authorization", $"Bearer {HeaderText(One(Hostile))}"));
                break;
            default:
                headers.Add(("Authorization", $"Bearer {One(Keys)}"));
                break;
        }

        foreach (var parameter in operation.Parameters.Where(one => one.GetProperty("in").GetString() == "header"))
        {
            if (Chance(30))
            {
                var name = parameter.GetProperty("name").GetString()!;
                headers.Add((name, name == "If-Match"
                    ? One<string>(["\"1\"", "\"2\"", "\"3\"", "\"4\"", "*", "W/\"2\"", "2", "\"x\"", "\"1\", \"2\""])
                    : HeaderText(Chance(20) ? One(Hostile) : $"key-{random.Next(200)}")));
            }
        }

        if (Chance(3))
        {
            headers.Add((
                One<string>(["Accept", "Accept-Encoding", "If-None-Match", "Range", "traceparent", "Expect-CT"]),
                HeaderText(One(Hostile))));
        }

        if (Chance(1))
        {
            headers.Add(("Content-Encoding", "gzip"));
        }
    }

    /// <summary>A header's value cannot have line ends, or it would be several.</summary>
    private static string HeaderText(string text) =>
        string.Concat(text.Where(letter => letter is >= ' ' and < '\u007f')).Trim();

    private byte[]? BodyOf(Operation operation, List<(string Name, string Value)> headers)
    {
        if (operation.Body is not { } described)
        {
            if (!Chance(3))
            {
                return null;
            }

            headers.Add(("Content-Type", Chance(50) ? "application/json" : "text/plain"));
            return Encoding.UTF8.GetBytes(One(Hostile));
        }

        if (described.ContentType == "multipart/form-data")
        {
            return FormOf(headers);
        }

        if (!Chance(96))
        {
            headers.Add(("Content-Type", One<string>(
                ["text/plain", "application/xml", "application/json; charset=utf-16", "application/json;", "x"])));
        }
        else
        {
            headers.Add(("Content-Type", One<string>(
                ["application/json", "application/json; charset=utf-8", "application/json; charset=\"utf-8\""])));
        }

        var body = Value(Contract.Schema(described.Media), "", described.Media, 0);
        for (var mutations = Chance(60) ? 0 : random.Next(1, 4); mutations > 0; mutations--)
        {
            Mutate(body as JsonObject);
        }

        return Bent(body?.ToJsonString() ?? "null");
    }

    /// <summary>The text of a body, now and then not JSON any more.</summary>
    private byte[] Bent(string json) => random.Next(60) switch
    {
        0 => Encoding.UTF8.GetBytes(json[..random.Next(json.Length)]),
        1 => [.. Encoding.UTF8.GetBytes(json), 0xff, 0xfe],
        2 => Encoding.Unicode.GetBytes(json),
        3 => [0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(json)],
        4 => [],
        5 => Encoding.UTF8.GetBytes($"[{json}]"),
        6 => Encoding.UTF8.GetBytes(new string('[', 5000)),
        7 => Encoding.UTF8.GetBytes(json.Replace("\":", "\" :\u00a0", StringComparison.Ordinal)),
        8 => Encoding.UTF8.GetBytes(json + json),
        9 => Encoding.UTF8.GetBytes(json.Insert(1, "\"amount\":\"1.00\",\"amount\":\"2.00\",")),
        10 => Encoding.UTF8.GetBytes(json.Insert(1, "\"a\\ud800\":\"\\udfff\",")),
        11 => Encoding.UTF8.GetBytes(json + new string(' ', 70_000)),
        _ => Encoding.UTF8.GetBytes(json),
    };

    private void Mutate(JsonObject? body)
    {
        if (body is null || body.Count == 0)
        {
            return;
        }

        var name = One(body.Select(member => member.Key).ToList());
        if (body[name] is JsonObject inside && inside.Count > 0 && Chance(60))
        {
            Mutate(inside);
            return;
        }

        switch (random.Next(8))
        {
            case 0:
                body.Remove(name);
                break;
            case 1:
                body[One<string>(["unknown", "Amount", "$ref", "__proto__", "é"])] = One(Hostile);
                break;
            case 2:
                body[name] = One<JsonNode?>([null, true, 5, -0.0, 1e300, new JsonArray(), new JsonObject()]);
                break;
            default:
                body[name] = One(Hostile);
                break;
        }
    }

    /// <summary>A value of a schema: right as far as names and examples tell.</summary>
    private JsonNode? Value(JsonElement described, string name, JsonElement media, int depth)
    {
        var schema = contract.Resolve(described);
        if (depth == 0 && media.TryGetProperty("example", out var example) && Chance(70))
        {
            return Fresh(JsonNode.Parse(example.GetRawText())!);
        }

        if (schema.TryGetProperty("enum", out var words))
        {
            return One(words.EnumerateArray().Select(word => word.GetString()!).ToList());
        }

        var type = schema.TryGetProperty("type", out var types)
            ? types.ValueKind == JsonValueKind.Array
                ? types.EnumerateArray().Select(one => one.GetString()).First(one => one != "null")
                : types.GetString()
            : "string";
        return type switch
        {
            "object" => ObjectOf(schema, media, depth),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(0, 4))
                .Select(_ => Value(schema.GetProperty("items"), name, media, depth + 1))]),
            "boolean" => Chance(50),
            "integer" => random.Next(10),
            _ => Text(name, schema),
        };
    }

    private JsonObject ObjectOf(JsonElement schema, JsonElement media, int depth)
    {
        var made = new JsonObject();
        if (!schema.TryGetProperty("properties", out var properties))
        {
            if (Chance(70))
            {
                return (JsonObject)JsonNode.Parse("""
                    {"bankAccountId":"7861053298","branchId":"101089292","bankAccountPurpose":"CHECKING"}
                    """)!;
            }

            for (var left = random.Next(4); left > 0; left--)
            {
                made[One<string>(["a", "order", "walletAddress", "iban", "pixKey"])] =
                    Chance(70) ? "text" : One(Hostile);
            }

            return made;
        }

        var required = schema.TryGetProperty("required", out var needed)
            ? needed.EnumerateArray().Select(one => one.GetString()!).ToHashSet() : [];
        foreach (var property in properties.EnumerateObject())
        {
            if (Chance(required.Contains(property.Name) ? 99 : 25))
            {
                made[property.Name] = Value(property.Value, property.Name, media, depth + 1);
            }
        }

        return made;
    }

    /// <summary>An example, for other objects than those that it was used for before.</summary>
    private JsonNode Fresh(JsonNode example)
    {
        foreach (var (name, value) in (example as JsonObject)?.ToList() ?? [])
        {
            if (value is JsonArray items)
            {
                foreach (var item in items)
                {
                    Fresh(item!);
                }
            }
            else if (name is "totals")
            {
                example[name] = new JsonObject { ["USD"] = "5.00" };
            }
            else if (value is JsonValue && KeyOf(name) is { } key)
            {
                example[name] = key;
            }
        }

        return example;
    }

    private string? KeyOf(string name) => name switch
    {
        "customerCode" or "accountTag" or "invoiceId" or "refundReference" or "payorCode" =>
            Chance(30) ? Known(name) ?? New(name) : New(name),
        "email" => $"{New("mail")}@example.com",
        "accountId" => Known("id acc"),
        "reason" => "Somebody said so.",
        "url" => $"http://127.0.0.1:9/{random.Next(30)}",
        "eventTypes" => One<string>(["payout.accepted", "payout.confirmed"]),
        "reference" => Known("reference"),
        "transactionNo" => Known("transactionNo"),
        "payorNo" => Known("payorNo"),
        "replaces" => Known("id po"),
        "amount" => One<string>(["5.00", "7.01", "7.02", "7.03", "0.50", "12.05", "12.07", "1", "0.001", "9.10"]),
        _ => null,
    };

    private string Text(string name, JsonElement schema) => KeyOf(name) ?? name switch
    {
        "currency" or "settleCurrency" => One<string>(["USD", "USD", "USD", "EUR", "USDC", "JPY"]),
        "executeAt" => "2026-12-24T10:00:00Z",
        "dateOfBirth" => "1990-12-10",
        "countryCode" or "country" => "US",
        "phone" => "+1 212 555 0100",
        "state" => "NY",
        "accountType" => One<string>(["BANK_ACCOUNT", "CRYPTO", "PAYPAL", "VENMO"]),
        _ when schema.TryGetProperty("examples", out var examples) && examples[0].ValueKind == JsonValueKind.String
            && Chance(80) => examples[0].GetString()!,
        _ => Chance(70) ? "text" : One(Hostile),
    };

    private string New(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}-{seed}-{made}-{random.Next(1000)}");

    private byte[] FormOf(List<(string Name, string Value)> headers)
    {
        headers.Add(("Content-Type", Chance(95) ? "multipart/form-data; boundary=b" : "multipart/form-data"));
        var form = new StringBuilder();
        for (var parts = random.Next(4); parts > 0; parts--)
        {
            var file = Chance(60) ? $"; filename=\"{HeaderText(Chance(80) ? "a.pdf" : One(Hostile))}\"" : "";
            var name = HeaderText(Chance(80) ? "file" : One(Hostile));
            form.Append($"--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{One(Hostile)}\r\n");
        }

        return Encoding.UTF8.GetBytes(form + (Chance(95) ? "--b--\r\n" : ""));
    }

    private byte[] NotificationOf(List<(string Name, string Value)> headers)
    {
        headers.Add(("Content-Type", One<string>(
            ["application/json", "application/json", "application/x-www-form-urlencoded", "text/plain; charset=x"])));
        Dictionary<string, string?> members = new()
        {
            ["accountToken"] = Known("accountToken") ?? "x",
            ["amount"] = One<string>(["5.00", "7.01", "7.02", "x"]),
            ["currency"] = "USD",
            ["invoiceId"] = Known("invoiceId"),
            ["paymentTime"] = Chance(90) ? "2026-11-21T03:10:00Z" : One(Hostile),
            ["status"] = Chance(90) ? One<string>(["success", "failed", "pending", "returned"]) : One(Hostile),
            ["transactionNo"] = Known("transactionNo") ?? "1",
            ["vendor"] = Chance(90) ? "BANK_ACCOUNT" : One(Hostile),
        };
        if (Chance(10))
        {
            members[One(Hostile)] = One(Hostile);
        }

        members["verifySign"] = Chance(60) ? VerifySign.Of(members, Token) : One(Hostile);
        return headers[^1].Value.StartsWith("application/x-www", StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(string.Join('&', members.Select(member =>
                $"{Uri.EscapeDataString(member.Key)}={Uri.EscapeDataString(member.Value ?? "")}")))
            : Bent(JsonSerializer.Serialize(members));
    }
}
