using System.Text.Json;
using PayoutService.Tests.Api.Batches;
using PayoutService.Tests.Support;
using static PayoutService.Tests.Controls.ControlledService;

namespace PayoutService.Tests.Controls;

/// <summary>A batch of which more waits for approval than one call approves. No other rule is on.</summary>
public sealed class LargeBatchApprovalTests : IAsyncLifetime
{
    private readonly ServiceFixture stage = new ServiceFixture().With("Controls:Enabled", "true")
        .With("Controls:NewAccountWithin", "0").With("Controls:OwnChangeWithin", "0")
        .With("Controls:DuplicateWithin", "0").With("Controls:FirstPayoutAbove", "")
        .With("Controls:FirstPayoutTimes", "0").With("Controls:VelocityCount", "0").With("Controls:SharedBy", "0")
        .With("Controls:ApprovalAbove:0", "1.00 USD").With("Controls:SecondApprovalAbove", "");

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Fact]
    public async Task A_call_approves_some_and_says_that_others_wait()
    {
        var batches = new BatchStage(stage);
        var batch = await batches.PayAsync(await batches.PlanAsync(batches.File(stage.NewKey("many"), 1_200)));
        using var approver = stage.Client("approve-key");

        var (_, first) = await BatchApprovalTests.ApproveAsync(batch, approver);
        var between = await batches.ShowAsync(Text(batch, "id"));
        var (_, second) = await BatchApprovalTests.ApproveAsync(batch, approver);

        Assert.Equal(1_200, batch.GetProperty("awaitingApproval").GetInt32());
        Assert.Equal((1_000, true), (first.GetProperty("approved").GetInt32(), HasMore(first)));
        Assert.Equal(200, between.GetProperty("awaitingApproval").GetInt32());
        Assert.Equal((200, false), (second.GetProperty("approved").GetInt32(), HasMore(second)));

        static bool HasMore(JsonElement done) => done.GetProperty("hasMore").GetBoolean();
    }
}
