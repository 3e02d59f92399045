using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Proofs.Schedules;

/// <content>Callers of the API and operators, some of them hostile: they repeat, withdraw, replace and rule at any
/// time.</content>
internal sealed partial class ScheduleRunner
{
    /// <summary>One at a time: a second would wait for the first one's transaction to end, unseen. In a replica they
    /// share a group, and in two they lock the payees whose payouts they judge.</summary>
    private Task BeginAcceptAsync(Replica replica, IReadOnlyList<RunningPayout> some) =>
        some.Count == 0 || Beating(replica) is not null
            || activities.Any(activity => activity.Accepts)
            || some.Any(payout => payout.Replaces is { Id: null })
            ? Task.CompletedTask
            : BeginAsync(
                $"accept {string.Join(' ', some.Select(payout => payout.Name))}",
                replica,
                () => some is [var one] ? AcceptAsync(replica, one) : AcceptBatchAsync(replica, some));

    private async Task<string> AcceptAsync(Replica replica, RunningPayout payout)
    {
        var answer = await replica.Api.PostAsJsonAsync("/v1/payouts", RequestOf(payout));

        // Of a process that died meanwhile nobody has heard an answer.
        if (!replica.IsAlive)
        {
            return "unheard";
        }

        if (answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK)
        {
            payout.Id = (await ServiceFixture.Answer(answer)).GetProperty("id").GetString();
            payout.MustRepeat = false;
        }

        return await SaidAsync(answer);
    }

    private Task BeginBatchAsync(Replica replica)
    {
        var first = schedule.Next(payouts.Count);
        return BeginAcceptAsync(replica, [.. new[] { first, schedule.Next(payouts.Count) }.Distinct()
            .Select(at => payouts[at]).Where(payout => !payout.MustWithdraw)]);
    }

    private async Task<string> AcceptBatchAsync(Replica replica, IReadOnlyList<RunningPayout> some)
    {
        var answer = await replica.Api.PostAsJsonAsync(
            "/v1/payout-batches", new { payouts = some.Select(RequestOf) });
        if (!replica.IsAlive)
        {
            return "unheard";
        }

        if (answer.StatusCode is not HttpStatusCode.OK)
        {
            return $"{(int)answer.StatusCode}";
        }

        var items = (await ServiceFixture.Answer(answer)).GetProperty("data").EnumerateArray().ToList();
        foreach (var (payout, item) in some.Zip(items))
        {
            if (item.TryGetProperty("payoutId", out var id))
            {
                payout.Id = id.GetString();
                payout.MustRepeat = false;
            }
        }

        return string.Join(' ', items.Select(item => item.GetProperty("outcome").GetString()));
    }

    private Dictionary<string, object?> RequestOf(RunningPayout payout)
    {
        var destination = world.Destinations[payout.Plan.Destination];
        var request = Example.Payout(destination.AccountId, payout.InvoiceId, payout.Plan.Amount);
        request["currency"] = destination.Currency;
        request["replaces"] = payout.Replaces?.Id;
        return request;
    }

    /// <summary>The status of an answer, and what it says about a payout.</summary>
    private static async Task<string> SaidAsync(HttpResponseMessage answer)
    {
        var said = await ServiceFixture.Answer(answer);
        var about = said.TryGetProperty("moneyMoved", out var moved) ? $" {said.GetProperty("status")} {moved}"
            : said.TryGetProperty("code", out var code) ? $" {code}" : "";
        return $"{(int)answer.StatusCode}{about}";
    }

    private Task BeginGetAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"get {payout.Name}", async () =>
            await SaidAsync(await replica.Api.GetAsync($"/v1/payouts/{payout.Id}")));

    private Task BeginListAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"list {payout.Name}", async () =>
        {
            var answer = await replica.Api.GetAsync($"/v1/payouts?invoiceId={payout.InvoiceId}");
            return $"{(int)answer.StatusCode} {payout.Answered?.MoneyMoved}";
        });

    private Task BeginApproveAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"approve {payout.Name}", () => ApproveAsync(replica, payout));

    /// <summary>A second person reads the payout, and approves what was read if it waits for that.</summary>
    private static async Task<string> ApproveAsync(Replica replica, RunningPayout payout)
    {
        var shown = await replica.Api.GetAsync($"/v1/payouts/{payout.Id}");
        var said = await ServiceFixture.Answer(shown);
        if (!said.TryGetProperty("holdReason", out var reason) || reason.GetString() != "approval")
        {
            return await SaidAsync(shown);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payouts/{payout.Id}/approve")
        {
            Content = JsonContent.Create(new { reason = "It is due." }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "dev-key-2");
        request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{said.GetProperty("version").GetInt32()}\""));
        return await SaidAsync(await replica.Api.SendAsync(request));
    }

    private Task BeginRefreshAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"refresh {payout.Name}", async () =>
            await SaidAsync(await replica.Api.PostAsync($"/v1/payouts/{payout.Id}/refresh", null)));

    private Task BeginCancelAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"cancel {payout.Name}", () => CancelAsync(replica, payout));

    private static async Task<string> CancelAsync(Replica replica, RunningPayout payout)
    {
        var answer = await replica.Api.PostAsync($"/v1/payouts/{payout.Id}/cancel", null);
        if (replica.IsAlive)
        {
            payout.IsWithdrawn |= answer.StatusCode is HttpStatusCode.OK;
            payout.IsWithdrawalKept |= answer.StatusCode is HttpStatusCode.Accepted;
            payout.MustWithdraw &= answer.StatusCode >= HttpStatusCode.InternalServerError;
        }

        return await SaidAsync(answer);
    }

    /// <summary>After a restore a caller makes its calls again in their order: the payout, and its withdrawal.
    /// </summary>
    private Task BeginWithdrawAsync(Replica replica, RunningPayout payout) =>
        Beating(replica) is not null || activities.Any(activity => activity.Accepts)
            || payout.Replaces is { MustRepeat: true }
            ? Task.CompletedTask
            : BeginAsync($"accept {payout.Name} and cancel", replica, () => WithdrawAsync(replica, payout));

    private async Task<string> WithdrawAsync(Replica replica, RunningPayout payout)
    {
        var accepted = await AcceptAsync(replica, payout);
        if (!payout.MustRepeat)
        {
            return $"{accepted}, {await CancelAsync(replica, payout)}";
        }

        if (accepted.StartsWith("409", StringComparison.Ordinal))
        {
            // It is gone, and cannot take the place of what it was to replace: nothing is left to withdraw.
            (payout.MustWithdraw, payout.MustRepeat, payout.Id) = (false, false, null);
        }

        return accepted;
    }

    private Task BeginRefundAsync(Replica replica, RunningRefund refund) =>
        BeginUnlessBusyAsync(replica, $"refund {refund.Name}", () => RefundAsync(replica, refund));

    private static async Task<string> RefundAsync(Replica replica, RunningRefund refund)
    {
        var answer = await replica.Api.PostAsJsonAsync(
            "/v1/refunds", Example.Refund(refund.RefundReference, refund.Payment));
        if (replica.IsAlive && answer.IsSuccessStatusCode)
        {
            refund.Id = (await ServiceFixture.Answer(answer)).GetProperty("id").GetString();
            refund.MustRepeat = false;
        }

        return await SaidAsync(answer);
    }

    /// <summary>An operator says what became of a payout, as Pockyt's book has it, of the version that was shown.
    /// </summary>
    private Task BeginResolveAsync(Replica replica, RunningPayout payout)
    {
        if (Truth(payout) is not { } ruling)
        {
            return Task.CompletedTask;
        }

        return BeginUnlessBusyAsync(
            replica, $"resolve {payout.Name} {ruling}", () => ResolveAsync(replica, payout, ruling));
    }

    private static async Task<string> ResolveAsync(Replica replica, RunningPayout payout, string ruling)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payouts/{payout.Id}/resolve")
        {
            Content = JsonContent.Create(new { ruling, reason = "the book says so", evidence = "the book" }),
        };
        request.Headers.IfMatch.Add(new EntityTagHeaderValue(
            string.Create(CultureInfo.InvariantCulture, $"\"{payout.Answered!.Version}\"")));

        // What Pockyt said last may say otherwise, and then the human who was right is called again.
        payout.IsLiedAbout |= ruling is "notPaid" or "returned";
        return await SaidAsync(await replica.Api.SendAsync(request));
    }

    /// <summary>What an operator may truly say; null: nothing while it is open, or a request is on its way.</summary>
    private string? Truth(RunningPayout payout)
    {
        var isOnItsWay = late.Any(request => request.Request.InvoiceId == payout.InvoiceId)
            || activities.Any(activity => activity.Hop is { Kind: MessageKind.Call, Label: "pay" } hop
                && hop.InvoiceId == payout.InvoiceId)
            || (hasLost && activities.Any(activity => activity.Sends));
        return Booked(payout)?.Status switch
        {
            null => isOnItsWay ? null : schedule.Pick("sendAgain", "notPaid"),
            "success" or "completed" => "paid",
            "failed" => "notPaid",
            "returned" or "refunded" => "returned",
            _ => null,
        };
    }

    private Task BeginPauseAsync(Replica replica) => BeginUnlessBusyAsync(replica, "pause", async () =>
    {
        var answer = await replica.Api.PostAsJsonAsync("/v1/sending/pause", new { reason = "the schedule says so" });
        return $"{(int)answer.StatusCode}";
    });

    private Task BeginResumeAsync(Replica replica) => BeginUnlessBusyAsync(replica, "resume", async () =>
    {
        var answer = await replica.Api.PostAsync("/v1/sending/resume", null);
        return $"{(int)answer.StatusCode}";
    });
}
