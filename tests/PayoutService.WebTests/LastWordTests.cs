using System.Diagnostics;
using System.Text.Json;
using PayoutService.Client;
using PayoutService.Tests.Support;
using Xunit.Abstractions;

namespace PayoutService.WebTests;

/// <summary>A thousand payouts of every kind that the simulator has: at the end each subscriber's last word on each is
/// the API's, in C# by the generated client, and in Node by the library of Standard Webhooks.</summary>
public sealed class LastWordTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Payouts = 1_000;
    private const int Kinds = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly ServiceFixture stage = Tool.LiveService();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task The_last_word_of_every_subscriber_on_every_payout_is_that_of_the_API()
    {
        var client = new PayoutServiceClient(stage.Api);
        var cursor = (await client.ListEventsAsync(after: "latest")).NextCursor;
        using var node = Process.Start(new ProcessStartInfo("node", ["subscriber.mjs"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Tool.Folder,
        })!;
        try
        {
            var endpoint = await client.CreateWebhookEndpointAsync(
                new CreateWebhookEndpoint { Url = $"http://127.0.0.1:{await node.StandardOutput.ReadLineAsync()}/" });
            await node.StandardInput.WriteLineAsync(endpoint.Secret);
            var batch = await client.CreatePayoutBatchAsync(new CreatePayoutBatch
            {
                Payouts = [.. Enumerable.Range(0, Payouts).Select(at => new CreatePayout
                {
                    AccountId = stage.AccountId,
                    Amount = $"1.{at % Kinds:00}",
                    Currency = "USD",
                    InvoiceId = $"word-{at}",
                })],
            });
            Assert.Equal(Payouts, batch.Created);

            var words = await ListenAsync(client, cursor);
            await node.StandardInput.WriteLineAsync("last words");
            var ofNode = await LastWordsAsync(node);
            var wrong = new List<string>();
            foreach (var item in batch.Data)
            {
                var payout = await client.GetPayoutAsync(item.PayoutId!);
                var truth = $"{payout.Status} {payout.MoneyMoved} {payout.Version}";
                var (mine, theirs) = (words[payout.Id], ofNode.GetProperty(payout.Id));
                var told = $"{mine.Status} {mine.MoneyMoved} {mine.Version}";
                var posted = string.Join(
                    ' ', theirs.GetProperty("status"), theirs.GetProperty("moneyMoved"), theirs.GetProperty("version"));
                wrong.AddRange(told == truth && posted.Equals(truth, StringComparison.OrdinalIgnoreCase)
                    ? [] : [$"{payout.InvoiceId} of {payout.Amount} is {truth}; feed: {told}; webhook: {posted}"]);
            }

            output.WriteLine(string.Join("\n", words.Values
                .CountBy(word => $"{word.Status}, money moved: {word.MoneyMoved}")
                .Select(one => $"{one.Key}: {one.Value}")));
            Assert.Empty(wrong);
        }
        finally
        {
            node.Kill();
        }
    }

    /// <summary>Reads the feed until nothing more comes for a while.</summary>
    private static async Task<Dictionary<string, PayoutSnapshot>> ListenAsync(
        PayoutServiceClient client, string cursor)
    {
        Dictionary<string, PayoutSnapshot> words = [];
        var began = TimeProvider.System.GetTimestamp();
        var quiet = 0;
        while (quiet < 8 && TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            var page = await client.ListEventsAsync(after: cursor, limit: 1_000, wait: 2);
            foreach (var word in page.Data.Select(told => told.Snapshot()).OfType<PayoutSnapshot>())
            {
                var known = words.GetValueOrDefault(word.Id);
                words[word.Id] = known?.Version > word.Version ? known : word;
            }

            quiet = page.Data.Count == 0 && words.Count == Payouts ? quiet + 1 : 0;
            cursor = page.NextCursor;
        }

        return words;
    }

    private static async Task<JsonElement> LastWordsAsync(Process node)
    {
        while (await node.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line[0] == '{')
            {
                return JsonDocument.Parse(line).RootElement;
            }
        }

        throw new InvalidOperationException("The subscriber ended.");
    }
}
