using System.Net.Http.Json;
using PayoutService.Payouts;
using PayoutService.Tests.Support;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.Tests.Controls;

/// <summary>A restore of the database ends no hold of a rule.</summary>
public sealed class HoldRestoreTests : IAsyncLifetime
{
    private readonly ControlledService service = new();

    private ServiceFixture Stage => service.Stage;

    public Task InitializeAsync() => service.InitializeAsync();

    public Task DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task A_payout_that_a_rule_held_before_a_restore_is_held_after_it()
    {
        var payout = await service.PayAsync(await service.AccountAsync(TimeSpan.FromHours(2)), "55.00");
        await RestoreAsync();
        var doubted = await Stage.PayoutAsync(Text(payout, "invoiceId"));

        await Stage.RunAsync(TimeSpan.FromHours(2));

        var now = await Stage.PayoutAsync(Text(payout, "invoiceId"));
        Assert.Equal(PayoutStatus.Unconfirmed, doubted.Status);
        Assert.Equal((PayoutStatus.Held, HoldReason.NewAccount), (now.Status, now.HoldReason));
        Assert.Null(Stage.Book.Find(Text(payout, "invoiceId")));
    }

    [Fact]
    public async Task An_operator_who_says_that_nothing_was_lost_releases_nothing_that_a_rule_held()
    {
        var payout = await service.PayAsync(await service.AccountAsync(TimeSpan.FromHours(2)), "56.00");
        await RestoreAsync();

        await Stage.Api.PostAsJsonAsync("/v1/sending/resume", new { reason = "It was the test.", nothingLost = true });
        await Stage.DispatchAsync();

        var now = await Stage.PayoutAsync(Text(payout, "invoiceId"));
        Assert.Equal((PayoutStatus.Held, HoldReason.NewAccount), (now.Status, now.HoldReason));
        Assert.Equal(EventKind.Cleared, (await service.EventsAsync(payout))[^1].Kind);
    }

    [Fact]
    public async Task A_payout_that_is_held_when_it_is_asked_for_again_after_a_loss_is_asked_about_first_and_held_then()
    {
        await RestoreAsync();
        var payout = await service.PayAsync(await service.AccountAsync(TimeSpan.FromHours(2)), "57.00");
        await Stage.Api.PostAsJsonAsync("/v1/sending/resume", new { reason = "It was the test." });

        await Stage.RunAsync(TimeSpan.FromHours(2));

        Assert.Equal("unconfirmed", Text(payout, "status"));
        Assert.Equal(PayoutStatus.Held, (await Stage.PayoutAsync(Text(payout, "invoiceId"))).Status);
        Assert.Null(Stage.Book.Find(Text(payout, "invoiceId")));
    }

    private async Task RestoreAsync()
    {
        Stage.Rules.RestoreMarker += "'";
        await Stage.Restores.DetectAsync(["main", "other"]);
    }
}
