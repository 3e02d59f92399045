using PockytSimulator.Calls;
using PockytSimulator.Notices;
using PockytSimulator.Payees;

namespace PockytSimulator.Tests;

/// <summary>Payees and accounts whose review takes its time.</summary>
public sealed class AccountReviewTests : IDisposable
{
    private const string Token = "17cfc0170ef1c017b4a929d233d6e65e";
    private readonly StateFolder state = new();

    public void Dispose() => state.Dispose();

    [Fact]
    public async Task A_payee_takes_its_statuses_by_the_simulator_s_clock()
    {
        await using var provider = await Provider.StartAsync(stateFile: null, ("NewPayeeStatus", "Pending"));
        var customerNo = await provider.Merchant.RegisterPayeeAsync();
        await MovePayeeAsync(provider, customerNo, "Activated", afterSeconds: 3600);
        await MovePayeeAsync(provider, customerNo, "Deactivated", afterSeconds: 7200);

        Assert.Equal("Pending", await StatusOfAsync(provider, customerNo));
        provider.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => Payee(provider, customerNo).Status == "Activated");
        Assert.Equal("Activated", await StatusOfAsync(provider, customerNo));
        provider.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => Payee(provider, customerNo).Status == "Deactivated");
    }

    [Fact]
    public async Task An_account_s_new_status_is_told_signed_to_the_ipn_url_of_its_creation()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var provider = await Provider.StartAsync(stateFile: null, ("NewAccountStatus", "PENDING"));
        var payee = await provider.Merchant.RegisterAsync(receiver.Url);
        await MoveAccountAsync(provider, payee.AccountToken, "ACTIVATED", afterSeconds: 60);
        provider.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(() => receiver.Notices.Count == 1);

        var told = receiver.Members(0);
        Assert.Equal(
            [
                ("accountStatus", "ACTIVATED"),
                ("accountTag", "payee-1"),
                ("accountToken", payee.AccountToken),
                ("accountType", "BANK_ACCOUNT"),
                ("country", "US"),
                ("currency", "USD"),
                ("customerNo", payee.CustomerNo),
                ("payeeAccount", "payee-1@example.com"),
                ("verifySign", PockytSignature.Of(told, Token)),
            ],
            told.Select(member => (member.Key, member.Value)).Order());
    }

    [Fact]
    public async Task A_status_an_account_has_already_is_no_news_unless_asked_for()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var provider = await Provider.StartAsync(stateFile: null);
        var payee = await provider.Merchant.RegisterAsync(receiver.Url);
        var account = $"/simulator/accounts/{payee.AccountToken}";

        await provider.Merchant.ControlAsync(account, new { status = "ACTIVATED" });
        await provider.Merchant.ControlAsync(account, new { status = "INVALID", notify = false });
        Assert.Empty(receiver.Notices);

        await provider.Merchant.ControlAsync(account, new { status = "PENDING" });
        await provider.Merchant.ControlAsync(account, new { status = "PENDING", notify = true });
        Assert.Equal(2, receiver.Notices.Count);
    }

    [Fact]
    public async Task An_account_s_notice_is_tried_eight_times_in_two_hours()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Acknowledges = false;
        await using var provider = await Provider.StartAsync(stateFile: null);
        var payee = await provider.Merchant.RegisterAsync(receiver.Url);
        await provider.Merchant.ControlAsync(
            $"/simulator/accounts/{payee.AccountToken}", new { status = "INVALID" });
        for (var minute = 0; minute <= 130; minute++)
        {
            var before = provider.Get<NoticeLog>().Lines().Count;
            provider.Advance(TimeSpan.FromMinutes(1));
            if (new[] { 0, 2, 7, 17, 37, 67, 119 }.Contains(minute))
            {
                await UntilAsync(() => provider.Get<NoticeLog>().Lines().Count > before);
            }
        }

        Assert.Equal(Enumerable.Range(1, 8), provider.Get<NoticeLog>().Lines().Select(line => line.Attempt));
        Assert.Single(receiver.Notices.Distinct());
    }

    [Fact]
    public async Task What_was_ordered_in_advance_comes_after_a_kill_and_only_once()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync(receiver.Url);
        await MovePayeeAsync(first, payee.CustomerNo, "Declined", afterSeconds: 3600);
        await MoveAccountAsync(first, payee.AccountToken, "INVALID", afterSeconds: 3600);

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        Assert.Equal("Activated", Payee(second, payee.CustomerNo).Status);
        second.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => receiver.Notices.Count == 1);
        await UntilAsync(() => Payee(second, payee.CustomerNo).Status == "Declined");

        first.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => receiver.Notices.Count == 2);
        var file = await state.KilledAfterAsync("noticeTried", times: 1);
        await using var third = await Provider.StartAsync(file);
        await third.Merchant.ControlAsync(
            $"/simulator/accounts/{payee.AccountToken}", new { status = "ACTIVATED" });
        third.Advance(TimeSpan.FromHours(2));
        await MovePayeeAsync(third, payee.CustomerNo, "Activated", afterSeconds: 0);
        await UntilAsync(() => Payee(third, payee.CustomerNo).Status == "Activated");

        Assert.Equal(3, receiver.Notices.Count);
        Assert.Equal("ACTIVATED", third.Payees.FindAccount(payee.AccountToken)!.Status);
    }

    [Fact]
    public async Task A_deleted_account_is_not_moved_any_more()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var provider = await Provider.StartAsync(state.File);
        var payee = await provider.Merchant.RegisterAsync(receiver.Url);
        await MoveAccountAsync(provider, payee.AccountToken, "INVALID", afterSeconds: 60);
        await MovePayeeAsync(provider, payee.CustomerNo, "Declined", afterSeconds: 61);
        await provider.Merchant.CallAsync("/v3/payee/account/delete", new()
        {
            ["customerNo"] = payee.CustomerNo,
            ["accountToken"] = payee.AccountToken,
        });
        provider.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => Payee(provider, payee.CustomerNo).Status == "Declined");

        Assert.Empty(receiver.Notices);
        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        Assert.Equal("Declined", Payee(second, payee.CustomerNo).Status);
    }

    private static Payee Payee(Provider provider, string customerNo) => provider.Payees.Find(customerNo)!;

    private static async Task<string> StatusOfAsync(Provider provider, string customerNo)
    {
        var answer = await provider.Merchant.CallAsync(
            "/v3/payee/retrieve", new() { ["customerNo"] = customerNo });
        return Merchant.MemberOf(answer, "customer", "payeeStatus");
    }

    private static Task MovePayeeAsync(Provider provider, string customerNo, string status, int afterSeconds) =>
        provider.Merchant.ControlAsync($"/simulator/payees/{customerNo}", new { status, afterSeconds });

    private static Task MoveAccountAsync(Provider provider, string token, string status, int afterSeconds) =>
        provider.Merchant.ControlAsync($"/simulator/accounts/{token}", new { status, afterSeconds });

    private static Task UntilAsync(Func<bool> condition) => StateFolder.UntilAsync(condition);
}
