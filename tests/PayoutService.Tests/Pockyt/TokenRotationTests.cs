using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Tests.Support;
using PockytSimulator.Calls;
using PockytSimulator.Control;

namespace PayoutService.Tests.Pockyt;

/// <summary>A token is replaced while the service runs and payouts are in flight.</summary>
public sealed class TokenRotationTests : IAsyncLifetime
{
    private const string Old = "the-old-token";
    private const string New = "the-new-token";

    private readonly SecretsFileOfTest file = new();
    private readonly ServiceFixture stage = new();

    public async Task InitializeAsync()
    {
        await file.WriteTokensAsync("main", Old);
        await stage
            .With("SecretsFile", file.Path)
            .With("Pockyt:Merchants:other:Tokens:0", "another-token")
            .WithPockyt("Token", Old)
            .WithPockyt("NoticeDelay", "00:01:00")
            .InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await stage.DisposeAsync();
        file.Dispose();
    }

    [Fact]
    public async Task Payouts_sent_before_between_and_after_succeed_by_notice()
    {
        var before = await SendAsync();
        await UseAsync(Old, New);
        await PockytSignsWithAsync(New, keepOldForSeconds: 3600);
        var between = await SendAsync();
        await UseAsync(New, Old);
        var after = await SendAsync();

        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        string[] sent = [before, between, after];
        var told = await Task.WhenAll(sent.Select(BySuccessAsync));
        await stage.AdvanceAsync(TimeSpan.FromHours(1));
        await UseAsync(New);
        var last = await SendAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.All(told, payout => Assert.Equal(
            (PayoutStatus.Succeeded, Source.Notice), (payout.Status, payout.StatusSource)));
        Assert.Equal(PayoutStatus.Succeeded, (await BySuccessAsync(last)).Status);
    }

    [Fact]
    public async Task A_notice_signed_with_a_token_we_have_not_is_refused_until_we_have_it()
    {
        var invoiceId = await SendAsync();
        await PockytSignsWithAsync(New);

        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        await UntilAsync(async () => (await AnswersAsync(invoiceId)).Length == 1);
        var refused = await stage.PayoutAsync(invoiceId);
        await UseAsync(Old, New);
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));
        var healed = await BySuccessAsync(invoiceId);

        // The simulator notes what it was answered after we have written it down.
        await UntilAsync(async () => (await AnswersAsync(invoiceId)).Length == 2);
        var answers = await AnswersAsync(invoiceId);

        Assert.Equal((PayoutStatus.Processing, null), (refused.Status, refused.Attention));
        Assert.True(refused.DueAt <= stage.Clock.GetUtcNow(), "Pockyt is asked now.");
        Assert.Equal((PayoutStatus.Succeeded, Source.Notice), (healed.Status, healed.StatusSource));
        Assert.Equal([401, 200], answers);
    }

    [Theory]
    [InlineData("{\"Pockyt\":{\"Merchants\":{\"main\":{\"Tokens\":[]}}}}")]
    [InlineData("{\"Pockyt\":{\"Merchants\":{\"main\":{\"Tokens\":[\"new\",\" \"]}}}}")]
    [InlineData("{\"Pockyt\":{\"Merchants\":{\"main\":{\"Tokens\":[\"new\"],\"IpnSecrets\":[\"short\"]}}}}")]
    [InlineData("{}")]
    [InlineData(null)]
    public async Task A_change_that_is_not_valid_is_refused_as_a_whole_and_the_old_token_goes_on(string? text)
    {
        if (text is null)
        {
            file.Remove();
        }
        else
        {
            await file.WriteAsync(text);
        }

        stage.Reload();
        var invoiceId = await SendAsync();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(PayoutStatus.Succeeded, (await BySuccessAsync(invoiceId)).Status);
        Assert.Equal([Old], stage.Pockyt.Merchants["main"].Tokens);
    }

    [Fact]
    public async Task A_payout_that_is_sent_again_differs_in_its_signature_only()
    {
        var invoiceId = await stage.PayAsync();
        stage.Faults.Add(new FaultScript("pay", invoiceId, Execute: false, Answer: new FaultAnswer("close")));
        await stage.DispatchAsync();
        await PockytSignsWithAsync(New);
        await UseAsync(New, Old);

        await stage.RunAsync(TimeSpan.FromHours(2));

        var payout = await stage.PayoutAsync(invoiceId);
        Dictionary<string, string> members = new()
        {
            ["accountToken"] = payout.AccountToken,
            ["amount"] = "500.00",
            ["currency"] = "USD",
            ["customerNo"] = payout.CustomerNo,
            ["invoiceId"] = invoiceId,
            ["ipnUrl"] = stage.Get<NoticeAddress>().OfPayout("main", invoiceId),
            ["merchantNo"] = "202333",
            ["storeNo"] = "301854",
            ["timestamp"] = payout.SignedAt!.Value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        };
        Assert.Equal(
            [(payout.RequestId.ToString(), PockytSignature.Of(members, Old)),
                (payout.RequestId.ToString(), PockytSignature.Of(members, New))],
            stage.Book.ArrivalsOf(invoiceId).Select(arrival => (arrival.RequestId, arrival.VerifySign!)));
        Assert.Equal(PayoutStatus.Succeeded, payout.Status);
    }

    private async Task UseAsync(params string[] tokens)
    {
        await file.WriteTokensAsync("main", tokens);
        stage.Reload();
    }

    private async Task PockytSignsWithAsync(string token, double keepOldForSeconds = 0)
    {
        var answer = await stage.Control.PostAsJsonAsync(
            "/simulator/merchants/202333/token", new { token, keepOldForSeconds });
        answer.EnsureSuccessStatusCode();
    }

    private async Task<string> SendAsync()
    {
        var invoiceId = await stage.PayAsync();
        await stage.DispatchAsync();
        Assert.Equal(PayoutStatus.Processing, (await stage.PayoutAsync(invoiceId)).Status);
        return invoiceId;
    }

    private Task<Payout> BySuccessAsync(string invoiceId) =>
        stage.WhenAsync(invoiceId, payout => payout.Status is PayoutStatus.Succeeded);

    /// <summary>How we answered Pockyt's notices of this payout.</summary>
    private async Task<int[]> AnswersAsync(string invoiceId)
    {
        var log = await stage.Control.GetFromJsonAsync<JsonElement>($"/simulator/notices?invoiceId={invoiceId}");
        return [.. log.GetProperty("notices").EnumerateArray()
            .Select(line => line.GetProperty("httpStatus").GetInt32())];
    }

    private static async Task UntilAsync(Func<Task<bool>> happened)
    {
        for (var tries = 0; !await happened() && tries < 200; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
