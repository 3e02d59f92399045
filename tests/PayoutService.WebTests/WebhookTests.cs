using System.Diagnostics;
using System.Net.Http.Json;
using PayoutService.Events;
using PayoutService.Tests.Support;

namespace PayoutService.WebTests;

/// <summary>The library of Standard Webhooks for Node takes what is posted.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new ServiceFixture().WithPockyt("NoticeDelay", "00:01:00");

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task The_standards_library_for_Node_takes_every_event_of_a_payout_and_both_secrets_of_a_rotation()
    {
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
        using var deliverer = stage.Make<Deliverer>();
        using var subscriber = Process.Start(new ProcessStartInfo("node", ["subscriber.mjs"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Tool.Folder,
        })!;
        try
        {
            var port = await subscriber.StandardOutput.ReadLineAsync();
            var answer = await stage.Api.PostAsJsonAsync(
                "/v1/webhook-endpoints", new { url = $"http://127.0.0.1:{port}/" });
            var endpoint = await ServiceFixture.Answer(answer.EnsureSuccessStatusCode());
            await subscriber.StandardInput.WriteLineAsync(endpoint.GetProperty("secret").GetString());
            await stage.PayAsync();
            await stage.RunAsync(TimeSpan.FromHours(1));
            await stage.Api.PostAsync(
                $"/v1/webhook-endpoints/{endpoint.GetProperty("id").GetString()}/rotate-secret", null);

            await stage.FeedWriter.RunOnceAsync(CancellationToken.None);
            await deliverer.RunOnceAsync(CancellationToken.None);
            await deliverer.WhenIdleAsync();

            string[] types = ["accepted", "sent", "processing", "succeeded", "confirmed"];
            foreach (var type in types)
            {
                Assert.Equal($"ok payout.{type}", await subscriber.StandardOutput.ReadLineAsync());
            }
        }
        finally
        {
            subscriber.Kill();
        }
    }
}
