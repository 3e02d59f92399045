using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payees;
using PayoutService.Pockyt.Notices;
using PayoutService.Pockyt.Wire;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Pockyt.Notices;

/// <summary>Notices about accounts: a hint to read the account again, never more.</summary>
public sealed class AccountNoticeTests : IAsyncLifetime
{
    private const string Token = "17cfc0170ef1c017b4a929d233d6e65e";

    private readonly ServiceFixture stage = new();
    private Account account = null!;

    public async Task InitializeAsync()
    {
        await stage.InitializeAsync();
        account = (await stage.AccountsAsync("payee-1")).Single();
        await stage.LookAsync();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(10));
    }

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task Pockyts_own_notice_has_the_account_read_again_at_once()
    {
        await stage.Control.PostAsJsonAsync(
            $"/simulator/accounts/{account.AccountToken}", new { status = "INVALID", notify = true });
        await stage.LookAsync();

        Assert.Equal(AccountStatus.Invalid, (await stage.AccountsAsync("payee-1")).Single().Status);
        var notice = Assert.Single(await NoticesAsync());
        Assert.Equal((account.Id, null, null), (notice.AccountId, notice.InvoiceId, notice.PayoutId));
        Assert.Contains("accountStatus=INVALID", notice.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("@", notice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notice_that_Pockyt_does_not_stand_by_changes_nothing_and_a_repeat_is_kept_once()
    {
        await PostAsync(Signed("INVALID"));
        await stage.LookAsync();
        await stage.AdvanceAsync(TimeSpan.FromSeconds(10));
        var repeated = await PostAsync(Signed("INVALID"));
        await stage.LookAsync();

        Assert.Equal(
            (HttpStatusCode.OK, "success"), (repeated.StatusCode, await repeated.Content.ReadAsStringAsync()));
        Assert.Equal(AccountStatus.Active, (await stage.AccountsAsync("payee-1")).Single().Status);
        Assert.Single(await NoticesAsync());
    }

    [Fact]
    public async Task The_same_notice_again_after_another_change_is_heard_too()
    {
        foreach (var status in new[] { "INVALID", "ACTIVATED", "INVALID" })
        {
            await stage.Control.PostAsJsonAsync(
                $"/simulator/accounts/{account.AccountToken}", new { status, notify = true });
            await stage.LookAsync();
            await stage.AdvanceAsync(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(AccountStatus.Invalid, (await stage.AccountsAsync("payee-1")).Single().Status);
        Assert.Equal(2, (await NoticesAsync()).Count);
    }

    [Fact]
    public async Task A_flood_of_notices_is_one_question_in_five_seconds()
    {
        await PostAsync(Signed("PENDING"));
        await stage.LookAsync();
        var looked = await stage.PayeeAsync("payee-1");

        await PostAsync(Signed("PENDING"));

        Assert.Equal(looked.CheckedAt + TimeSpan.FromSeconds(5), (await stage.PayeeAsync("payee-1")).DueAt);
    }

    [Fact]
    public async Task A_bad_signature_is_refused_and_not_kept_but_we_look()
    {
        var before = await stage.PayeeAsync("payee-1");
        var notice = Signed("INVALID");
        notice["verifySign"] = new string('0', 32);

        var answer = await PostAsync(notice);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(await NoticesAsync());
        Assert.True((await stage.PayeeAsync("payee-1")).DueAt < before.DueAt);
    }

    [Fact]
    public async Task An_address_opens_nothing_but_its_own_account()
    {
        var invoiceId = await stage.PayAsync();
        var address = stage.Get<NoticeAddress>();
        var payouts = Last(address.OfPayout("main", invoiceId));
        var own = Last(address.OfAccount("main", account.Id));
        var others = Last(address.OfAccount("main", Guid.Empty));

        string[] paths =
        [
            $"accounts/{account.Id:N}/{payouts}",
            $"accounts/{account.Id:N}/{others}",
            $"accounts/{account.Id:D}/{own}",
            $"accounts/{account.Id.ToString("N").ToUpperInvariant()}/{own}",
            $"payouts/{invoiceId}/{own}",
            $"payouts/{account.Id:N}/{own}",
        ];
        var answers = await Task.WhenAll(paths.Select(path => stage.Api.PostAsJsonAsync(
            $"/webhooks/pockyt/main/{path}", Signed("INVALID"))));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
        Assert.Empty(await NoticesAsync());
    }

    [Theory]
    [InlineData("01a215bf075c7b80bbd7")]
    [InlineData("xxxxxxxxxxxxxxxxxxxx")]
    [InlineData("01a215bf-075c7b80bbd")]
    public async Task An_address_of_what_is_no_account_id_is_not_found(string id)
    {
        var mac = System.Security.Cryptography.HMACSHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes(stage.Pockyt.Merchants["main"].IpnSecrets[0]),
            System.Text.Encoding.UTF8.GetBytes($"account-v1|main|{id}"));
        var capability = System.Buffers.Text.Base64Url.EncodeToString(mac.AsSpan(0, 24));

        var answer = await stage.Api.PostAsJsonAsync(
            $"/webhooks/pockyt/main/accounts/{id}/{capability}", Signed("INVALID"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static string Last(string address) => address[(address.LastIndexOf('/') + 1)..];

    private Dictionary<string, string?> Signed(string status)
    {
        Dictionary<string, string?> members = new()
        {
            ["accountStatus"] = status,
            ["accountTag"] = account.AccountTag,
            ["accountToken"] = account.AccountToken,
            ["accountType"] = account.AccountType,
            ["country"] = account.Country,
            ["currency"] = account.Currency,
            ["customerNo"] = "2000305228303182610217",
        };
        members["verifySign"] = VerifySign.Of(members, Token);
        return members;
    }

    private Task<HttpResponseMessage> PostAsync(Dictionary<string, string?> members) =>
        stage.Api.PostAsJsonAsync(stage.Get<NoticeAddress>().OfAccount("main", account.Id), members);

    private async Task<List<Notice>> NoticesAsync()
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        return await db.Notices.AsNoTracking().Where(row => row.AccountId == account.Id).ToListAsync();
    }
}
