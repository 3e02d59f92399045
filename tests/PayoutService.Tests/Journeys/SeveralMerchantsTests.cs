using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Pockyt.Notices;
using PayoutService.Storage;
using PayoutService.Tests.Support;
using PockytSimulator.Calls;
using PockytSimulator.Control;

namespace PayoutService.Tests.Journeys;

/// <summary>Several merchants, and several stores of one, in one service.</summary>
public sealed class SeveralMerchantsTests
{
    private const string MainToken = "17cfc0170ef1c017b4a929d233d6e65e";
    private const string OtherToken = "the-other-merchants-token";

    [Fact]
    public async Task Two_merchants_each_pay_from_their_own_and_neither_sees_the_other()
    {
        await using var both = await StartAsync("200043", "300014", OtherToken);
        var stage = both.Stage;

        var main = await PayAsync(stage.Api, stage.AccountId, "500.00");
        var other = await PayAsync(both.Other, both.OtherAccountId, "7.00");
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        foreach (var (caller, own, theirs, no, amount) in new[]
        {
            (stage.Api, main, other, "202333", 500.00m), (both.Other, other, main, "200043", 7.00m),
        })
        {
            var payout = await ServiceFixture.Answer(await caller.GetAsync($"/v1/payouts/{own}"));
            Assert.Equal("yes", payout.GetProperty("moneyMoved").GetString());
            Assert.Equal(amount, Assert.Single(stage.Book.PayoutsOf("one-invoice", no)).Amount);
            var all = await ServiceFixture.Answer(await caller.GetAsync("/v1/payouts"));
            Assert.Equal(own, Assert.Single(all.GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
            Assert.Equal(HttpStatusCode.NotFound, (await caller.GetAsync($"/v1/payouts/{theirs}")).StatusCode);
        }
    }

    [Fact]
    public async Task A_payment_to_one_merchant_is_neither_found_nor_refunded_by_the_other()
    {
        await using var both = await StartAsync("200043", "300014", OtherToken);
        var reference = await both.Stage.ReceiveAsync();
        var paid = both.Stage.Transactions.FindPayment(null, reference)!;

        var own = await both.Stage.Api.GetAsync($"/v1/transactions?reference={reference}");
        var byReference = await both.Other.GetAsync($"/v1/transactions?reference={reference}");
        var byNumber = await both.Other.GetAsync($"/v1/transactions?transactionNo={paid.TransactionNo}");
        var refund = await both.Other.PostAsJsonAsync("/v1/refunds", Example.Refund("not-ours", reference));

        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (byReference.StatusCode, byNumber.StatusCode));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refund.StatusCode);
        Assert.Empty(both.Stage.Transactions.Refunds);
    }

    [Fact]
    public async Task A_notice_for_one_merchant_signed_with_the_others_token_is_refused()
    {
        await using var both = await StartAsync("200043", "300014", OtherToken);
        var stage = both.Stage;
        stage.Faults.Add(new FaultScript("notice", Times: 0, Answer: new FaultAnswer("drop")));
        await PayAsync(both.Other, both.OtherAccountId, "7.00");
        await stage.DispatchAsync();
        var payout = await stage.PayoutAsync("one-invoice");
        var address = stage.Get<NoticeAddress>().OfPayout("other", "one-invoice");

        var forged = await stage.Api.PostAsJsonAsync(address, Notice(payout, MainToken));
        var unmoved = await stage.PayoutAsync("one-invoice");
        var genuine = await stage.Api.PostAsJsonAsync(address, Notice(payout, OtherToken));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (forged.StatusCode, genuine.StatusCode));
        Assert.Equal((PayoutStatus.Processing, payout.Version), (unmoved.Status, unmoved.Version));
        Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync("one-invoice")).Status);
    }

    [Fact]
    public async Task Two_stores_of_one_merchant_number_each_pay_as_themselves()
    {
        await using var both = await StartAsync("202333", "301855", MainToken);
        var stage = both.Stage;

        await PayAsync(stage.Api, stage.AccountId, "500.00", "invoice-of-main");
        await PayAsync(both.Other, both.OtherAccountId, "7.00", "invoice-of-other");
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var payouts = await db.Payouts.AsNoTracking().OrderBy(row => row.Merchant).ToListAsync();
        Assert.Equal(["main", "other"], payouts.Select(payout => payout.Merchant));
        Assert.All(payouts, payout => Assert.Equal(MoneyMoved.Yes, payout.MoneyMoved));
        Assert.Equal(
            [Signed(payouts[0], "301854"), Signed(payouts[1], "301855")],
            payouts.Select(payout => Assert.Single(stage.Book.ArrivalsOf(payout.InvoiceId)).VerifySign));

        string Signed(Payout payout, string storeNo) => PockytSignature.Of(
            new Dictionary<string, string>
            {
                ["accountToken"] = payout.AccountToken,
                ["amount"] = payout.Amount.ToString(),
                ["currency"] = "USD",
                ["customerNo"] = payout.CustomerNo,
                ["invoiceId"] = payout.InvoiceId,
                ["ipnUrl"] = stage.Get<NoticeAddress>().OfPayout(payout.Merchant, payout.InvoiceId),
                ["merchantNo"] = "202333",
                ["storeNo"] = storeNo,
                ["timestamp"] = payout.SignedAt!.Value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            },
            MainToken);
    }

    private static async Task<Both> StartAsync(string no, string storeNo, string token)
    {
        var stage = new ServiceFixture()
            .With("Pockyt:Merchants:other:MerchantNo", no)
            .With("Pockyt:Merchants:other:StoreNo", storeNo)
            .With("Pockyt:Merchants:other:Tokens:0", token)
            .WithPockyt("Merchants:0:MerchantNo", no)
            .WithPockyt("Merchants:0:StoreNo", storeNo)
            .WithPockyt("Merchants:0:Token", token);
        await stage.InitializeAsync();
        var other = stage.Client("other-key");
        var (_, accountId) = await stage.RegisterAsync(other);
        return new Both(stage, other, accountId);
    }

    private static async Task<string> PayAsync(
        HttpClient caller, string accountId, string amount, string invoiceId = "one-invoice")
    {
        var answer = await caller.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, invoiceId, amount));
        answer.EnsureSuccessStatusCode();
        return (await ServiceFixture.Answer(answer)).GetProperty("id").GetString()!;
    }

    private static Dictionary<string, string> Notice(Payout payout, string token)
    {
        Dictionary<string, string> notice = new()
        {
            ["accountToken"] = payout.AccountToken,
            ["amount"] = payout.Amount.ToString(),
            ["currency"] = "USD",
            ["invoiceId"] = payout.InvoiceId,
            ["paymentTime"] = "2026-11-21T03:10:00Z",
            ["status"] = "success",
            ["transactionNo"] = payout.TransactionNo!,
            ["vendor"] = "BANK_ACCOUNT",
        };
        notice["verifySign"] = PockytSignature.Of(notice, token);
        return notice;
    }

    private sealed record Both(ServiceFixture Stage, HttpClient Other, string OtherAccountId) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Other.Dispose();
            await Stage.DisposeAsync();
        }
    }
}
