using System.Net;
using Microsoft.EntityFrameworkCore;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payouts;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using PayoutService.Views;
using Xunit.Abstractions;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.Tests.Controls;

/// <summary>Limits refuse amounts above a maximum and hold those above less; sums never pass a maximum.</summary>
public sealed class LimitsTests(LimitsTests.Limited service, ITestOutputHelper output)
    : IClassFixture<LimitsTests.Limited>
{
    [Fact]
    public async Task A_payout_above_its_limit_is_refused_and_one_below_is_held_or_passes()
    {
        var account = await service.Controlled.AccountAsync(default);

        using var refused = await service.Controlled.AskAsync(account, "500.01");
        var held = await service.Controlled.PayAsync(account, "400.01");
        var passed = await service.Controlled.PayAsync(account, "50.00");

        var problem = await ServiceFixture.Answer(refused);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "limit-exceeded", "Payout"),
            (refused.StatusCode, Text(problem, "code"), Text(problem, "limit")));
        Assert.Equal(["limit"], HoldsOf(held));
        Assert.Empty(HoldsOf(passed));
    }

    [Fact]
    public async Task What_was_canceled_gives_its_amount_back_to_the_day()
    {
        var account = await service.Controlled.AccountAsync(default);
        var first = await service.Controlled.PayAsync(account, "500.00");
        await service.Controlled.PayAsync(account, "500.00");
        using var third = await service.Controlled.AskAsync(account, "0.01");

        await service.Controlled.Stage.Api.PostAsync($"/v1/payouts/{Text(first, "id")}/cancel", null);

        using var fourth = await service.Controlled.AskAsync(account, "500.00");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, third.StatusCode);
        Assert.Equal("PayeeDay", Text(await ServiceFixture.Answer(third), "limit"));
        Assert.Equal(HttpStatusCode.Created, fourth.StatusCode);
    }

    [Fact]
    public async Task The_sum_of_a_day_never_passes_its_limit_under_a_thousand_calls_at_once_to_two_replicas()
    {
        var stage = service.Controlled.Stage;
        var account = await service.Controlled.AccountAsync(default);
        PublicId.TryParse(PublicId.Account, account, out var accountId);
        PayoutCreations[] replicas =
        [
            stage.Creations,
            new(
                stage.Get<IDbContextFactory<PayoutDb>>(), stage.Rules, stage.Get<IHoldRules>(),
                stage.Get<DatabaseClock>(), new WakeUps(), stage.Get<ConnectionStrings>()),
        ];

        var results = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(at => replicas[at % 2].CreateAsync(
            new PayoutOrder
            {
                Merchant = "main",
                InvoiceId = $"limited-{at}",
                AccountId = accountId,
                Amount = new Money(3_00, "USD"),
                ApiKey = "test",
                Owner = "test",
            },
            TimeSpan.FromMinutes(1),
            CancellationToken.None)));

        var accepted = results.OfType<CreatePayoutResult.Created>().Count();
        output.Say($"limits: {accepted} of 1,000 parallel calls accepted, of which 333 fit");
        Assert.Equal(333, accepted);
        Assert.Equal(667, results.OfType<CreatePayoutResult.LimitExceeded>().Count());
    }

    /// <summary>A service with limits and no other rules.</summary>
    public sealed class Limited : IAsyncLifetime
    {
        internal static readonly string[] Settings =
        [
            "Controls:Enabled=false", "Limits:Payout:Max:0=500.00 USD", "Limits:Payout:Hold:0=400.00 USD",
            "Limits:PayeeDay:Max:0=1000.00 USD", "Limits:MerchantDay:Max:0=100000.00 USD",
        ];

        public ControlledService Controlled { get; } = new();

        public Task InitializeAsync()
        {
            foreach (var setting in Settings)
            {
                Controlled.Stage.With(setting.Split('=')[0], setting.Split('=')[1]);
            }

            return Controlled.InitializeAsync();
        }

        public Task DisposeAsync() => Controlled.DisposeAsync();
    }
}
