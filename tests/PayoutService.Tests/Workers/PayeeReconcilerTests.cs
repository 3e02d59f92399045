using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payees;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Workers;

/// <summary>What is found out about payees and accounts without anybody asking.</summary>
public sealed class PayeeReconcilerTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new();

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_registration_and_an_addition_whose_answers_were_lost_are_found_without_a_repeat()
    {
        await FaultAsync("register", execute: true);
        var payee = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee("lost")));
        var before = await stage.PayeeAsync("lost");
        await stage.LookAsync();
        await FaultAsync("createAccount", execute: true);
        var addition = await stage.Api.PostAsJsonAsync($"{Link(payee)}/accounts", Example.Account("lost"));
        await stage.LookAsync();

        Assert.Equal((PayeeStatus.Registering, HttpStatusCode.Accepted), (before.Status, addition.StatusCode));
        Assert.Equal(PayeeStatus.Active, (await stage.PayeeAsync("lost")).Status);
        var account = Assert.Single(await stage.AccountsAsync("lost"));
        Assert.Equal(("lost", AccountStatus.Active), (account.AccountTag, account.Status));
        Assert.NotNull(account.AccountToken);
    }

    [Fact]
    public async Task A_caller_that_died_while_registering_is_finished_for_when_its_lease_ends()
    {
        var profile = new PayeeProfile
        {
            CustomerCode = "died",
            ProfileType = "INDIVIDUAL",
            FirstName = "Ada",
            LastName = "Lovelace",
            Email = "died@example.com",
            DateOfBirth = "1990-12-10",
            CountryCode = "US",
            State = "NY",
            City = "Hometown",
            Street = "123 Main St",
            Zip = "10006",
            Phone = "5550100",
        };
        await stage.Get<PayeeStore>().BeginAsync("main", profile, [], [], Actor.ApiKey("test"));
        await stage.Get<IPayeeGateway>().RegisterAsync("main", profile, CancellationToken.None);

        await stage.LookAsync();
        var during = await stage.PayeeAsync("died");
        await stage.AdvanceAsync(stage.Rules.Lease);
        await stage.LookAsync();

        Assert.Equal(PayeeStatus.Registering, during.Status);
        Assert.Equal(PayeeStatus.Active, (await stage.PayeeAsync("died")).Status);
    }

    [Fact]
    public async Task What_Pockyt_does_not_have_is_looked_for_ever_more_seldom_and_never_given_up()
    {
        await FaultAsync("register", execute: false);
        await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee("nowhere"));

        List<TimeSpan> waits = [];
        for (var look = 0; look < 9; look++)
        {
            await stage.LookAsync();
            waits.Add(await WaitAsync("nowhere"));
            await stage.AdvanceAsync(waits[^1]);
        }

        Assert.Equal(stage.Rules.PayeeLookDelays[1..], waits[..6]);
        Assert.All(waits[6..], wait => Assert.Equal(TimeSpan.FromDays(1), wait));
        Assert.Equal(PayeeStatus.Registering, (await stage.PayeeAsync("nowhere")).Status);
    }

    [Fact]
    public async Task A_payee_that_sets_up_its_account_in_the_portal_is_paid_without_a_call_of_ours()
    {
        await stage.Control.PostAsJsonAsync("/simulator/settings", new { newPayeeStatus = "Pending" });
        var payee = await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee("portal")));
        await stage.LookAsync();
        var pending = await ServiceFixture.Answer(await stage.Api.GetAsync(Link(payee)));
        await stage.Control.PostAsJsonAsync($"/simulator/payees/{CustomerNo(payee)}/portal", new
        {
            accountType = "BANK_ACCOUNT",
            country = "US",
            currency = "USD",
            number = "7861053298",
            payeeStatus = "Activated",
        });

        await stage.AdvanceAsync(TimeSpan.FromHours(1));
        await stage.LookAsync();
        var accounts = await ServiceFixture.Answer(await stage.Api.GetAsync($"{Link(payee)}/accounts"));
        var account = Assert.Single(accounts.GetProperty("data").EnumerateArray());
        var accepted = await stage.Api.PostAsJsonAsync(
            "/v1/payouts", Example.Payout(account.GetProperty("id").GetString()!, "to-portal"));
        await stage.RunAsync(TimeSpan.FromHours(1));

        Assert.Contains("e-mailed", pending.GetProperty("nextStep").GetString()!, StringComparison.Ordinal);
        Assert.Equal(("active", "3298"), (
            account.GetProperty("status").GetString(), account.GetProperty("last4").GetString()));
        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
        Assert.Equal(PayoutStatus.Succeeded, (await stage.PayoutAsync("to-portal")).Status);
    }

    [Theory]
    [InlineData("PENDING", PayeeStatus.Pending)]
    [InlineData("DECLINED", PayeeStatus.Declined)]
    [InlineData("Deactivated", PayeeStatus.Deactivated)]
    public async Task A_change_at_Pockyt_is_found_within_a_day_and_then_looked_at_often_again(
        string word, PayeeStatus status)
    {
        var payee =
            await ServiceFixture.Answer(await stage.Api.PostAsJsonAsync("/v1/payees", Example.Payee("changes")));
        await LookForDaysAsync(3);
        var settled = await stage.PayeeAsync("changes");
        await stage.Control.PostAsJsonAsync($"/simulator/payees/{CustomerNo(payee)}", new { status = word });

        await stage.AdvanceAsync(TimeSpan.FromDays(1));
        await stage.LookAsync();

        Assert.Equal((PayeeStatus.Active, status), (settled.Status, (await stage.PayeeAsync("changes")).Status));
        Assert.Equal(TimeSpan.FromMinutes(1), await WaitAsync("changes"));
    }

    [Fact]
    public async Task An_account_that_Pockyt_no_longer_lists_cannot_be_paid_to()
    {
        var account = (await stage.AccountsAsync("payee-1")).Single();
        await stage.Control.PostAsJsonAsync(
            $"/simulator/accounts/{account.AccountToken}", new { status = "INVALID" });
        await FaultAsync("listAccounts", execute: true, new { kind = "ret", code = "000080", message = "Supplier" });

        await stage.AdvanceAsync(TimeSpan.FromMinutes(10));
        await stage.LookAsync();
        var unanswered = (await stage.AccountsAsync("payee-1")).Single();
        await stage.AdvanceAsync(TimeSpan.FromMinutes(10));
        await stage.LookAsync();

        Assert.Equal(AccountStatus.Active, unanswered.Status);
        Assert.Equal(AccountStatus.Invalid, (await stage.AccountsAsync("payee-1")).Single().Status);
    }

    [Fact]
    public async Task A_list_that_was_asked_for_before_an_account_was_added_does_not_take_it_away()
    {
        var payee = await stage.PayeeAsync("payee-1");
        var account = (await stage.AccountsAsync("payee-1")).Single();
        var asked = account.CheckedAt - TimeSpan.FromSeconds(1);

        await stage.Get<PayeeStore>().ImportAsync(payee.Id, new ProviderAccounts([], asked), Actor.ApiKey("test"));
        var early = (await stage.AccountsAsync("payee-1")).Single();
        await stage.Get<PayeeStore>().ImportAsync(
            payee.Id, new ProviderAccounts([], account.CheckedAt), Actor.ApiKey("test"));

        Assert.Equal(AccountStatus.Active, early.Status);
        Assert.Equal(AccountStatus.Invalid, (await stage.AccountsAsync("payee-1")).Single().Status);
    }

    [Fact]
    public async Task Two_replicas_never_look_at_the_same_payee()
    {
        await stage.AdvanceAsync(TimeSpan.FromHours(1));

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => stage.Get<PayeeStore>().ClaimRefreshesAsync(10, ["main"])));

        Assert.Single(claims.SelectMany(claimed => claimed));
    }

    [Fact]
    public async Task A_payee_and_an_account_that_Pockyt_knows_under_another_key_are_named_and_nothing_is_kept_twice()
    {
        var store = stage.Get<PayeeStore>();
        var payee = await stage.PayeeAsync("payee-1");
        var account = (await stage.AccountsAsync("payee-1")).Single();
        var profile = new PayeeProfile
        {
            CustomerCode = "twin",
            ProfileType = "INDIVIDUAL",
            FirstName = "Ada",
            LastName = "Lovelace",
            Email = "twin@example.com",
            CountryCode = "US",
        };
        var request = new AccountRequest("twin", "BANK_ACCOUNT", "US", "USD", new Dictionary<string, string>());
        var twin = (BeginResult<Payee>.New)await store.BeginAsync("main", profile, [], [], Actor.ApiKey("test"));
        var copy = (BeginResult<Account>.New)await store.BeginAsync(
            payee, request, new AccountTrace(null, null, []), Actor.ApiKey("test"));

        var samePayee = await store.LearnAsync(
            twin.Row, new ProviderPayee(payee.CustomerNo!, PayeeStatus.Active, null), Actor.ApiKey("test"));
        var sameAccount = await store.LearnAsync(
            copy.Row, new ProviderAccount(account.AccountToken!, AccountStatus.Active, null), Actor.ApiKey("test"));

        Assert.Equal((payee.Id, account.Id), (samePayee.Id, sameAccount.Id));
        Assert.Single(await stage.AccountsAsync("payee-1"));
        var free = await store.BeginAsync("main", profile, [], [], Actor.ApiKey("test"));
        Assert.IsType<BeginResult<Payee>.New>(free);
    }

    /// <summary>The time that until the payee is looked at, to the second: the test's clock ticks too.</summary>
    private async Task<TimeSpan> WaitAsync(string customerCode)
    {
        var wait = (await stage.PayeeAsync(customerCode)).DueAt - stage.Clock.GetUtcNow();
        return TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds));
    }

    private static string Link(JsonElement payee) => $"/v1/payees/{payee.GetProperty("id").GetString()}";

    private static string CustomerNo(JsonElement payee) =>
        payee.GetProperty("provider").GetProperty("customerNo").GetString()!;

    private async Task LookForDaysAsync(int days)
    {
        for (var hour = 0; hour < days * 24; hour++)
        {
            await stage.AdvanceAsync(TimeSpan.FromHours(1));
            await stage.LookAsync();
        }
    }

    private async Task FaultAsync(string call, bool execute, object? answer = null)
    {
        var scripted = await stage.Control.PostAsJsonAsync("/simulator/faults", new
        {
            call,
            execute,
            answer = answer ?? new { kind = "http", status = 502, body = "Bad gateway" },
        });
        scripted.EnsureSuccessStatusCode();
    }
}
