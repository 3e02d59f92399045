using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using PayoutService.Payouts;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Journeys;

/// <summary>What a restored database does not know any more is looked up at Pockyt before it is made again.</summary>
[Trait("Run", "Long")]
public sealed class LostRowsTests : IAsyncLifetime
{
    private readonly ServiceFixture stage =
        new ServiceFixture().With("Pockyt:Merchants:main:ResendAfterNotSeen", "false");

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_lost_refund_waits_until_it_must_have_arrived_and_is_found_not_sent_again()
    {
        var refund = Example.Refund("lost", await stage.ReceiveAsync());
        var backup = await stage.BackUpAsync();
        await stage.Api.PostAsJsonAsync("/v1/refunds", refund);
        await RestoreAsync(backup);

        await stage.Api.PostAsync("/v1/sending/resume", null);
        var early = await stage.Api.PostAsJsonAsync("/v1/refunds", refund);
        await stage.AdvanceAsync(TimeSpan.FromMinutes(46));
        var late = await stage.Api.PostAsJsonAsync("/v1/refunds", refund);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.Created), (early.StatusCode, late.StatusCode));
        Assert.Equal("database-restored", (await ServiceFixture.Answer(early)).GetProperty("code").GetString());
        Assert.Single(stage.Transactions.Arrivals);
    }

    [Fact]
    public async Task A_lost_payee_and_its_account_are_found_at_Pockyt_when_the_call_is_repeated()
    {
        var backup = await stage.BackUpAsync();
        var payee = Example.Payee("lost-payee");
        var account = Example.Account("lost-account");
        var first = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", payee));
        await stage.Api.PostAsJsonAsync($"/v1/payees/{first.GetProperty("id").GetString()}/accounts", account);
        await RestoreAsync(backup);

        var again = await stage.Api.PostAsJsonAsync("/v1/payees", payee);
        var found = await ServiceFixture.Answer(again);
        var added = await stage.Api.PostAsJsonAsync(
            $"/v1/payees/{found.GetProperty("id").GetString()}/accounts", account);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (again.StatusCode, added.StatusCode));
        Assert.Equal(
            first.GetProperty("provider").GetProperty("customerNo").GetString(),
            found.GetProperty("provider").GetProperty("customerNo").GetString());
    }

    [Fact]
    public async Task A_payor_that_may_be_lost_is_registered_again_only_when_a_human_says_that_Pockyt_has_none()
    {
        var backup = await stage.BackUpAsync();
        var payor = Example.Payor("lost-payor");
        await stage.Api.PostAsJsonAsync("/v1/payors", payor);
        await RestoreAsync(backup);

        var refused = await stage.Api.PostAsJsonAsync("/v1/payors", payor);
        payor["notAtPockyt"] = true;
        await stage.Api.PostAsync("/v1/sending/resume", null);
        var said = await stage.Api.PostAsJsonAsync("/v1/payors", payor);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("database-restored", (await ServiceFixture.Answer(refused)).GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.Created, said.StatusCode);
    }

    [Fact]
    public async Task A_payout_that_Pockyt_spoke_of_before_it_was_accepted_is_asked_about_and_never_just_sent()
    {
        const string Text = "signed";
        await stage.Reports.RecordNoticeAsync(
            new Notice
            {
                Merchant = "main",
                Hash = SHA256.HashData(Encoding.UTF8.GetBytes(Text)),
                InvoiceId = "spoken-of",
                Text = Text,
                ReceivedAt = stage.Clock.GetUtcNow(),
            },
            transactionNo: null,
            _ => new Report(ReportKind.Settled, Source.Notice),
            CancellationToken.None);

        var accepted = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync(
            "/v1/payouts", Example.Payout(stage.AccountId, "spoken-of")));
        await stage.RunAsync(TimeSpan.FromHours(3));

        Assert.Equal("unconfirmed", accepted.GetProperty("status").GetString());
        Assert.Empty(stage.Book.ArrivalsOf("spoken-of"));
        Assert.NotNull((await stage.PayoutAsync("spoken-of")).Attention);
    }

    [Fact]
    public async Task What_was_scheduled_before_the_backup_and_sent_after_it_is_asked_about_when_it_is_due()
    {
        var scheduled = await stage.PayAsync(executeAt: stage.Clock.GetUtcNow().AddHours(1));
        var later = await stage.PayAsync(executeAt: stage.Clock.GetUtcNow().AddHours(30));
        var backup = await stage.BackUpAsync();
        await stage.RunAsync(TimeSpan.FromHours(2));
        await RestoreAsync(backup);
        await stage.Api.PostAsync("/v1/sending/resume", null);

        await stage.RunAsync(TimeSpan.FromDays(3));

        foreach (var invoiceId in (string[])[scheduled, later])
        {
            Assert.Single(stage.Book.ArrivalsOf(invoiceId));
            Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync(invoiceId)).Status);
        }
    }

    [Fact]
    public async Task The_first_send_after_a_restore_repeats_the_request_id_of_the_one_that_may_be_lost()
    {
        var invoiceId = await stage.PayAsync("500.00");
        var backup = await stage.BackUpAsync();
        await stage.Control.PostAsJsonAsync(
            "/simulator/faults",
            new { call = "pay", invoiceId, execute = false, answer = new { kind = "close" } });
        await stage.DispatchAsync();
        var lost = (await stage.PayoutAsync(invoiceId)).RequestId;
        await RestoreAsync(backup);
        await stage.Api.PostAsync("/v1/sending/resume", null);

        await stage.RunAsync(TimeSpan.FromHours(2));

        var sent = await stage.PayoutAsync(invoiceId);
        Assert.NotNull(lost);
        Assert.Equal((lost, PayoutStatus.Succeeded), (sent.RequestId, sent.Status));
        Assert.Single(stage.Book.PayoutsOf(invoiceId));
    }

    private async Task RestoreAsync(string backup)
    {
        stage.ConnectionString = backup;
        stage.With("Payouts:RestoreMarker", "1");
        await stage.RestartAsync();
    }
}
