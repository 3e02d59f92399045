using System.IO.Compression;
using System.Text.Json;
using PayoutService.Client;
using PayoutService.Tests.Support;
using EventCatalogue = PayoutService.Views.Events.EventCatalogue;

namespace PayoutService.WebTests;

/// <summary>The generated client speaks as the service does, also with one that is newer.</summary>
public sealed class ClientTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    private static int invoices;

    private PayoutServiceClient Client => new(stage.Api);

    [Fact]
    public async Task A_refused_call_throws_its_problem_with_code_and_fields()
    {
        var refused = await Assert.ThrowsAsync<PayoutServiceException<Problem>>(
            () => Client.CreatePayoutAsync(Payout("0.001")));

        Assert.Equal((400, ProblemCode.ValidationFailed), (refused.StatusCode, refused.Problem!.Code));
        Assert.Equal(["amount"], refused.Problem.Errors!.Keys);
    }

    [Fact]
    public async Task Every_code_of_a_problem_is_read_as_a_value_of_its_own()
    {
        var document = await ServiceFixture.Answer(await stage.Api.GetAsync("/openapi/v1.json"));
        var codes = document.GetProperty("components").GetProperty("schemas").GetProperty("Problem")
            .GetProperty("properties").GetProperty("code").GetProperty("enum").EnumerateArray();

        var read = codes.Select(code => Read<Problem>($$"""{ "code": "{{code}}" }""").Code).ToList();

        Assert.True(read.Count > 40, $"{read.Count}");
        Assert.All(read, code => Assert.True(Enum.IsDefined(code)));
        Assert.Equal(read.Distinct(), read);
    }

    [Fact]
    public async Task A_word_and_a_member_that_are_newer_than_the_client_break_nothing()
    {
        var made = await Client.CreatePayoutAsync(Payout());
        var text = await stage.Api.GetStringAsync($"/v1/payouts/{made.Id}");

        var newer = Read<Payout>(text.Replace("\"queued\"", "\"verifying\",\"verifier\":{}", StringComparison.Ordinal));

        Assert.Equal((PayoutStatus.Queued, true), (made.Status, text.Contains("\"queued\"", StringComparison.Ordinal)));
        Assert.False(Enum.IsDefined(newer.Status));
        Assert.Equal((made.Id, MoneyMoved.No), (newer.Id, newer.MoneyMoved));
        Assert.Equal(["verifier"], newer.AdditionalProperties.Keys);
    }

    [Fact]
    public async Task A_change_sends_only_the_members_that_are_set_and_the_version_that_was_seen()
    {
        var payee = await Client.GetPayeeAsync(stage.PayeeId);

        var changed = await Client.UpdatePayeeAsync(
            payee.Id, new ChangePayee { FirstName = "Augusta" }, ifMatch: $"\"{payee.Version}\"");
        var stale = await Assert.ThrowsAsync<PayoutServiceException<Problem>>(() => Client.UpdatePayeeAsync(
            payee.Id, new ChangePayee { FirstName = "Ada" }, ifMatch: $"\"{payee.Version}\""));

        Assert.Equal(("Augusta", payee.LastName, payee.Email), (changed.FirstName, changed.LastName, changed.Email));
        Assert.Equal(ProblemCode.PreconditionFailed, stale.Problem!.Code);
    }

    [Fact]
    public async Task Words_in_lists_and_in_filters_are_sent_as_the_service_has_them()
    {
        var made = await Client.CreatePayoutAsync(Payout());

        var queued = await Client.ListPayoutsAsync(status: PayoutStatus.Queued);
        var paid = await Client.ListPayoutsAsync(status: PayoutStatus.Succeeded);
        var endpoint = await Client.CreateWebhookEndpointAsync(new CreateWebhookEndpoint
        {
            Url = "http://127.0.0.1:9/",
            EventTypes = [EventType.Payout_confirmed, EventType.Payout_attention_opened],
        });

        Assert.Contains(queued.Data, payout => payout.Id == made.Id);
        Assert.DoesNotContain(paid.Data, payout => payout.Id == made.Id);
        Assert.Equal(["payout.confirmed", "payout.attention_opened"], endpoint.EventTypes);
    }

    [Fact]
    public async Task Times_in_filters_keep_their_offset_and_their_fractions()
    {
        var made = await Client.CreatePayoutAsync(Payout());
        var at = made.CreatedAt.ToOffset(TimeSpan.FromHours(5));

        var from = await Client.ListPayoutsAsync(createdFrom: at, invoiceId: made.InvoiceId);
        var to = await Client.ListPayoutsAsync(createdTo: at, invoiceId: made.InvoiceId);

        Assert.Equal([made.Id], from.Data.Select(payout => payout.Id));
        Assert.Empty(to.Data);
    }

    [Fact]
    public async Task An_event_has_its_payout_as_it_was()
    {
        var made = await Client.CreatePayoutAsync(Payout("12.50"));
        await stage.FeedWriter.RunOnceAsync(CancellationToken.None);

        var page = await Client.ListEventsAsync(payoutId: made.Id);

        var payout = Assert.IsType<PayoutSnapshot>(Assert.Single(page.Data).Snapshot());
        Assert.Equal(
            (made.Id, PayoutStatus.Queued, "12.50", 1), (payout.Id, payout.Status, payout.Amount, payout.Version));
    }

    [Fact]
    public void Every_type_of_event_has_the_snapshot_that_the_service_makes()
    {
        var snapshots = EventCatalogue.All.ToDictionary(type => type.Name, type => Event(type.Name).Snapshot());

        Assert.All(
            EventCatalogue.All, type => Assert.Equal(type.Snapshot.Name, snapshots[type.Name].GetType().Name));
        Assert.IsType<EventObject>(Event("card.issued").Snapshot());
    }

    [Fact]
    public async Task The_package_has_the_client_its_comments_and_its_page_and_needs_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("payout-package-");
        try
        {
            var (code, output) = await Tool.RunAsync(
                "dotnet",
                "pack",
                Path.Combine(Repository.Root, "src", "PayoutService.Client"),
                "--no-build",
                "--configuration",
                AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug",
                "--output",
                folder.FullName);

            Assert.True(code == 0, output);
            using var package = ZipFile.OpenRead(Assert.Single(folder.GetFiles()).FullName);
            string[] files = [.. package.Entries.Select(entry => entry.FullName)];
            Assert.Superset(
                new HashSet<string>
                {
                    "README.md", "lib/net10.0/PayoutService.Client.dll", "lib/net10.0/PayoutService.Client.xml",
                },
                files.ToHashSet());
            using var description = new StreamReader(package.GetEntry("PayoutService.Client.nuspec")!.Open());
            Assert.DoesNotContain("<dependency ", await description.ReadToEndAsync(), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static PublishedEvent Event(string type) => new() { Type = type, Data = new() { Object = new() } };

    private static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, PayoutServiceClient.Json)!;

    private CreatePayout Payout(string amount = "5.00") => new()
    {
        AccountId = stage.AccountId,
        Amount = amount,
        Currency = "USD",
        InvoiceId = $"client-{Interlocked.Increment(ref invoices)}",
    };
}
