using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>Who did what to payees, accounts, refunds, payors and sending.</summary>
public sealed class HistoryTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Whoever_changes_a_payee_stands_in_its_history_with_the_fields_and_not_their_values()
    {
        var other = stage.Client("dev-key-2");
        await other.PatchAsJsonAsync(
            $"/v1/payees/{stage.PayeeId}", new { email = "new@example.com", lastName = "Byron" });

        var lines = await LinesAsync($"/v1/payees/{stage.PayeeId}/events");

        Assert.Equal("began", lines[0].GetProperty("what").GetString());
        var changed = Assert.Single(lines, line => line.GetProperty("what").GetString() == "changed");
        Assert.Equal("dev-2", changed.GetProperty("actor").GetString());
        Assert.Equal("lastName, email", changed.GetProperty("members").GetProperty("changed").GetString());
        Assert.DoesNotContain("new@example.com", JsonSerializer.Serialize(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_account_says_who_removed_it()
    {
        var link = $"/v1/payees/{stage.PayeeId}/accounts/{stage.AccountId}";
        await stage.Api.DeleteAsync(link);

        var last = (await LinesAsync($"{link}/events"))[^1];

        Assert.Equal(
            ("dev", "removed", "active", "removed"),
            (last.GetProperty("actor").GetString(), last.GetProperty("what").GetString(),
                last.GetProperty("from").GetString(), last.GetProperty("to").GetString()));
    }

    [Fact]
    public async Task A_pause_and_its_end_stay_known_with_the_reason_and_both_persons()
    {
        await stage.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "Bank holiday" });
        await stage.Client("dev-key-2").PostAsync("/v1/sending/resume", null);

        var lines = await LinesAsync("/v1/sending/events");

        Assert.Equal(
            ["dev paused", "dev-2 resumed"],
            lines.Select(line => $"{line.GetProperty("actor")} {line.GetProperty("what")}"));
        Assert.All(lines, line => Assert.Equal(
            "Bank holiday", line.GetProperty("members").GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_refund_and_a_payor_have_a_line_for_each_version()
    {
        var asked = Example.Refund(stage.NewKey("refund"), await stage.ReceiveAsync());
        var refund = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/refunds", asked));
        var payor =
            await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payors", Example.Payor("payor-1")));

        var ofRefund = await LinesAsync($"/v1/refunds/{refund.GetProperty("id").GetString()}/events");
        var ofPayor = await LinesAsync($"/v1/payors/{payor.GetProperty("payorNo").GetString()}/events");

        Assert.Equal(["began", "answered"], ofRefund.Select(line => line.GetProperty("what").GetString()));
        Assert.Equal(["began", "answered"], ofPayor.Select(line => line.GetProperty("what").GetString()));
    }

    [Theory]
    [InlineData("UPDATE payees SET version = version + 1")]
    [InlineData("UPDATE accounts SET version = version + 1")]
    [InlineData("DELETE FROM accounts")]
    public async Task A_change_without_its_line_is_refused_by_the_database(string change)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => TestDatabase.ExecuteAsync(stage.ConnectionString, change));

        Assert.Contains("has no line in history", refused.MessageText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE history SET actor = 'nobody'")]
    [InlineData("DELETE FROM history")]
    [InlineData("TRUNCATE history")]
    public async Task Lines_are_only_ever_added(string change)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => TestDatabase.ExecuteAsync(stage.ConnectionString, change));

        Assert.Equal("rows of history are only ever added", refused.MessageText);
    }

    private async Task<List<JsonElement>> LinesAsync(string path) =>
        [.. (await ServiceFixture.Answer(await stage.Api.GetAsync(path))).GetProperty("data").EnumerateArray()];
}
