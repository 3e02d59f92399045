using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs;

/// <summary>A dry run of a payout says what the call itself says right after it, and writes nothing.</summary>
[Collection(nameof(Proof))]
[Trait("Run", "Long")]
public sealed class DryRunTests(ITestOutputHelper output)
{
    private const int Seed = 16;

    [Fact]
    public async Task A_dry_run_says_what_the_call_says_right_after_it_and_writes_nothing()
    {
        await using var world = await DryRunWorld.StartAsync(new Random(Seed));
        var bodies = Proof.Size(10_000, 300);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        List<string> wrong = [];
        var (accepted, compared, further) = (0, 0, 0);

        for (var at = 0; at < bodies; at++)
        {
            await world.LetTimePassAsync(at);
            var call = world.Next(at);
            var looks = at % 100 == 0;
            var before = looks ? await world.DumpAsync() : [];
            var dry = await world.SendAsync(call, "?dryRun=true");
            if (looks)
            {
                compared++;
                wrong.AddRange((await world.DumpAsync()).Except(before).Select(row => $"{call.Kind} wrote {row}"));
            }

            var real = await world.SendAsync(call, "");
            further += dry.Body["also"] is null ? 0 : 1;
            wrong.AddRange(Differences(call, dry, real));
            accepted += (int)real.Status < 300 ? 1 : 0;
            foreach (var word in WordsOf(real))
            {
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }

            world.Learn(call, real.Status, real.Body);
        }

        output.Say($"dry run: {bodies} bodies of seed {Seed}, {accepted} accepted, {wrong.Count} verdicts differ, "
            + $"{further} with further refusals, nothing written in {compared} dumps");
        output.Say($"dry run: {string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}"))}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
        Assert.InRange(accepted, bodies * 3 / 10, bodies * 45 / 100);
        var least = Proof.Size(20, 1);
        Assert.All(DryRunWorld.Expected, word => Assert.True(
            counts.GetValueOrDefault(word) >= least, $"{word}: {counts.GetValueOrDefault(word)}"));
    }

    /// <summary>The real batch accepts its rows side by side, so these do not depend on each other.</summary>
    [Fact]
    public async Task A_dry_run_of_a_batch_says_what_the_batch_says_right_after_it_and_writes_nothing()
    {
        await using var world = await DryRunWorld.StartAsync(new Random(Seed));
        string[] dependent = ["duplicateSuspect", "velocity", "replacing", "already-replaced", "repeated"];
        var rows = Enumerable.Range(0, 300).Select(world.Next)
            .Where(call => call is { Text: null, Key: null, IsOther: false } && !dependent.Contains(call.Kind))
            .Select(call => (JsonNode)call.Body.DeepClone()).Take(60).ToArray();
        var batch = new DryRunWorld.Call("batch", new JsonObject { ["payouts"] = new JsonArray(rows) });
        var before = await world.DumpAsync();

        var (status, dry) = await world.SendAsync(batch, "?dryRun=true", "/v1/payout-batches");
        var after = await world.DumpAsync();
        var (_, real) = await world.SendAsync(batch, "", "/v1/payout-batches");

        Assert.Equal((HttpStatusCode.OK, true), (status, (bool)dry["dryRun"]!));
        Assert.Equal(before, after);
        Assert.Equal(Outcomes(real), Outcomes(dry));
        Assert.All(new[] { "created", "refused" }, count => Assert.True((int)real[count]! > 5, real.ToJsonString()));

        static List<string> Outcomes(JsonObject answer) => [.. answer["data"]!.AsArray().Select(row =>
            $"{row!["outcome"]} {row["invoiceId"]} {row["problem"]?["code"]} {row["problem"]?["errors"]}")];
    }

    [Fact]
    public async Task Another_word_than_true_and_false_is_refused_by_the_name_of_the_parameter()
    {
        await using var world = await DryRunWorld.StartAsync(new Random(Seed), isSmall: true);
        foreach (var query in new[]
        {
            "?dryRun=yes", "?dryRun=True", "?dryRun=1", "?dryRun=", "?dryRun=true&dryRun=true",
        })
        {
            var (status, body) = await world.SendAsync(world.Plain(0), query);

            Assert.Equal(
                (query, HttpStatusCode.BadRequest, "validation-failed"), (query, status, $"{body["code"]}"));
            Assert.NotNull(body["errors"]!["dryRun"]);
        }
    }

    private static IEnumerable<string> WordsOf((HttpStatusCode Status, JsonObject Body) real)
    {
        if (real.Body["code"] is { } code)
        {
            yield return $"{code}";
        }
        else if (real.Body["holdReason"] is { } hold)
        {
            yield return $"{hold}";
        }
        else
        {
            yield return real.Status is HttpStatusCode.Created ? "accepted" : "repeated";
        }
    }

    private static IEnumerable<string> Differences(
        DryRunWorld.Call call,
        (HttpStatusCode Status, JsonObject Body) dry,
        (HttpStatusCode Status, JsonObject Body) real)
    {
        var status = real.Status is HttpStatusCode.Created ? HttpStatusCode.OK : real.Status;
        var (said, was) = (Comparable(dry.Body), Comparable(real.Body));
        if ((int)real.Status < 300 && dry.Body["dryRun"] is not JsonValue)
        {
            yield return $"{call.Kind}: the answer does not say that it was a dry run";
        }

        if (dry.Status != status || !JsonNode.DeepEquals(said, was))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{call.Kind} {call.Body}: dry {dry.Status} {said}, really {real.Status} {was}");
        }

        JsonObject Comparable(JsonObject body)
        {
            var copy = (JsonObject)body.DeepClone();
            // The clock goes on between the two.
            string[] own = real.Status is HttpStatusCode.Created
                ? ["id", "dryRun", "createdAt", "updatedAt", "nextActionAt"] : ["dryRun", "traceId", "also"];
            foreach (var name in own)
            {
                copy.Remove(name);
            }

            return copy;
        }
    }
}
