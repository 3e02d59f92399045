using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using PayoutService.Tests.Support;
using PayoutService.Workers;
using PockytSimulator;

namespace PayoutService.Tests.Proofs.Schedules;

/// <content>Who does something: workers, callers of the API, Pockyt, and fate.</content>
internal sealed partial class Driver
{
    private async Task BeginAsync(string name, Replica replica, Func<Task<string>> work)
    {
        var activity = new Activity($"{replica.Name} {name}", replica);
        activities.Add(activity);
        Note($"{activity.Name}: begins");
        Turnstile.Run(activity);
        activity.Begin(work);
        await QuietAsync(activity);
        await FinishAsync();
        if (!schedule.Happens(schedule.SwitchChance))
        {
            await ProgressAsync(activity);
        }
    }

    private Task BeginUnlessBusyAsync(Replica replica, string name, Func<Task<string>> work) =>
        activities.Any(activity => activity.Name == $"{replica.Name} {name}")
            ? Task.CompletedTask
            : BeginAsync(name, replica, work);

    private static async Task<string> PassAsync(PollingWorker worker)
    {
        try
        {
            await worker.RunOnceAsync(CancellationToken.None);
            await worker.WhenIdleAsync();
            return "done";
        }
        catch (Exception broken) when (broken is not Xunit.Sdk.XunitException)
        {
            return "failed";
        }
    }

    /// <summary>One at a time in a replica: a second would wait for the first one's transaction to end, unseen.
    /// </summary>
    private Task BeginAcceptAsync(Replica replica, IReadOnlyList<RunningPayout> some) =>
        activities.Any(activity => activity.Replica == replica && activity.Accepts)
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
            payout.Id = (await Stage.Answer(answer)).GetProperty("id").GetString();
        }

        return await SaidAsync(answer);
    }

    private Task BeginBatchAsync(Replica replica)
    {
        var first = schedule.Next(payouts.Count);
        return BeginAcceptAsync(replica, [.. new[] { first, schedule.Next(payouts.Count) }.Distinct()
            .Select(at => payouts[at])]);
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

        var items = (await Stage.Answer(answer)).GetProperty("data").EnumerateArray().ToList();
        foreach (var (payout, item) in some.Zip(items))
        {
            payout.Id = item.TryGetProperty("payoutId", out var id) ? id.GetString() : payout.Id;
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
        var said = await Stage.Answer(answer);
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

    private Task BeginRefreshAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"refresh {payout.Name}", async () =>
            await SaidAsync(await replica.Api.PostAsync($"/v1/payouts/{payout.Id}/refresh", null)));

    private Task BeginCancelAsync(Replica replica, RunningPayout payout) =>
        BeginUnlessBusyAsync(replica, $"cancel {payout.Name}", async () =>
        {
            var answer = await replica.Api.PostAsync($"/v1/payouts/{payout.Id}/cancel", null);
            payout.IsWithdrawn |= answer.StatusCode is HttpStatusCode.OK && replica.IsAlive;
            return await SaidAsync(answer);
        });

    /// <summary>An operator says what became of a payout, as Pockyt's book has it, of the version that was shown.
    /// </summary>
    private Task BeginResolveAsync(Replica replica, RunningPayout payout)
    {
        if (Truth(payout) is not { } ruling)
        {
            return Task.CompletedTask;
        }

        var version = payout.Answered!.Version;
        return BeginUnlessBusyAsync(replica, $"resolve {payout.Name} {ruling}", async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/payouts/{payout.Id}/resolve")
            {
                Content = JsonContent.Create(new { ruling, reason = "the book says so", evidence = "the book" }),
            };
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(
                string.Create(CultureInfo.InvariantCulture, $"\"{version}\"")));
            return await SaidAsync(await replica.Api.SendAsync(request));
        });
    }

    /// <summary>What an operator may truly say; null: nothing while it is open, or a request is on its way.</summary>
    private string? Truth(RunningPayout payout)
    {
        var isOnItsWay = late.Any(request => request.Request.InvoiceId == payout.InvoiceId)
            || activities.Any(activity => activity.Hop is { Kind: HopKind.Call, Label: "pay" } hop
                && hop.InvoiceId == payout.InvoiceId);
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

    private Task BeginNoticeAsync(Replica replica, OwedNotice notice)
    {
        if (Serving(replica) is not null)
        {
            return Task.CompletedTask;
        }

        owed.TryRemove(notice.Place, out _);
        return schedule.Weigh<Func<Task>>(
        [
            (4, () => BeginAsync(
                $"notice {notice.Payout.Name} {notice.Notice.Status}", replica, () => TellAsync(replica, notice))),
            (schedule.FaultChance > 0 && !notice.Payout.Plan.Contradicts ? 1 : 0, LoseAsync),
        ])();

        Task LoseAsync()
        {
            Note($"a notice {notice.Payout.Name} {notice.Notice.Status} is lost");
            return Task.CompletedTask;
        }
    }

    private Task BeginForgedAsync(Replica replica, RunningPayout payout)
    {
        var status = schedule.Pick("failed", "success", "returned");
        if (Booked(payout) is not { } booked
            || world.Notices.Of(booked, status, world.Time.Now, AtApi(replica, booked)) is not { } notice)
        {
            return Task.CompletedTask;
        }

        return BeginAsync($"forged notice {payout.Name} {status}", replica, async () =>
        {
            var forged = notice with { Signature = NoticeSignature.Wrong };
            var line = await world.NoticeSender.SendOnceAsync(forged, CancellationToken.None);
            return $"{line.HttpStatus}";
        });
    }

    /// <summary>Pockyt repeats a notice until it hears the right word, eight times at most; now and then it repeats one
    /// that was heard.</summary>
    private async Task<string> TellAsync(Replica replica, OwedNotice notice)
    {
        var to = notice.Notice with { Url = AtApi(replica, Booked(notice.Payout)!) };
        var line = await world.NoticeSender.SendOnceAsync(to, CancellationToken.None);
        var heard = line.Delivered && replica.IsAlive;
        if (heard)
        {
            acknowledged.Add(notice.Notice.No);
            notice.Payout.IsToldOtherwise |=
                notice.Payout.Plan.Contradicts && Booked(notice.Payout)!.Status is "success";
        }

        if (notice.Attempts < 8 && (!heard || schedule.Happens(0.2)))
        {
            owed[notice.Place] = notice with { Attempts = notice.Attempts + 1 };
        }

        return heard ? "success" : $"not heard";
    }

    private static Uri AtApi(Replica replica, BookedPayout booked) =>
        new(replica.Api.BaseAddress!, new Uri(booked.IpnUrl!).AbsolutePath);

    private BookedPayout? Booked(RunningPayout payout) => world.Book.Find(payout.InvoiceId);

    private RunningPayout? PayoutOf(Hop hop) => payouts.Find(payout => payout.InvoiceId == hop.InvoiceId);

    /// <summary>Pockyt moves a payout on, and owes a notice of it.</summary>
    private Task MoveAsync(RunningPayout payout)
    {
        Move(payout, Booked(payout)!, payout.Course.Dequeue());
        return Task.CompletedTask;
    }

    private void Move(RunningPayout payout, BookedPayout booked, string status)
    {
        Note($"Pockyt: {payout.Name} is {status}");
        world.Book.Move(booked, status, world.Time.Now);
        if (world.Notices.Of(booked, status, world.Time.Now) is { } notice)
        {
            var encoding = schedule.JsonNotices ? "json" : "form";
            owed[written] = new OwedNotice(payout, notice with { Encoding = encoding }, written++, Attempts: 1);
        }
    }

    private async Task DeliverAsync((DateTimeOffset By, PockytProxy Over, LateRequest Request) request)
    {
        late.Remove(request);
        Note("a late request arrives");
        world.Faults.Add(new FaultScript("pay", request.Request.InvoiceId, Deduplicate: false));
        await request.Over.DeliverAsync(request.Request);
    }

    private async Task KillAsync(Replica replica)
    {
        Note($"{replica.Name} dies");
        var dying = activities.Where(activity => activity.Replica == replica).ToList();
        await replica.KillAsync();
        foreach (var activity in dying)
        {
            // It may run on in memory. Nothing that it says gets out, and its clock never wakes it again.
            Turnstile.Run(activity);
            activity.IsBlocked = false;
            world.Time.Forget(activity);
            activity.Hop?.Decide(new Fate(FateKind.CutBefore));
            activity.Hop = null;
            await QuietAsync(activity);
            world.Time.Forget(activity);
            activities.Remove(activity);
        }

        await SettleAsync();
        await replica.BuryAsync();
    }

    private Task StartAsync(Replica replica)
    {
        Note($"{replica.Name} starts");
        replica.Start(schedule.ResendAfterNotSeen);
        return Task.CompletedTask;
    }

    private async Task TurnPockytAsync(Replica replica)
    {
        if (replica.Pockyt.IsShut)
        {
            Note($"{replica.Name} reaches Pockyt again");
            replica.Pockyt.Open();
        }
        else if (activities.Where(activity => activity.Replica == replica)
            .All(activity => activity.Hop?.Kind is not (HopKind.Call or HopKind.CallAnswer)))
        {
            Note($"{replica.Name} does not reach Pockyt");
            await replica.Pockyt.ShutAsync();
        }
    }

    /// <summary>The balance at Pockyt is gone, or is back.</summary>
    private Task DrainAsync()
    {
        var currency = schedule.Pick(world.Destinations).Currency;
        var isBack = drained.Remove(currency, out var gone);
        if (!isBack)
        {
            gone = world.Balances.Of(currency);
            drained[currency] = gone;
        }

        world.Balances.Change(currency, isBack ? gone : -gone);
        Note(isBack ? $"{currency} is back" : $"{currency} is gone");
        return Task.CompletedTask;
    }

    /// <summary>Pockyt suspends the payee or an account, or ends that.</summary>
    private Task SuspendAsync()
    {
        var what = schedule.Pick("payee", "accounts");
        if (!suspended.Remove(what))
        {
            suspended.Add(what);
        }

        world.Suspend(payee: suspended.Contains("payee"), accounts: suspended.Contains("accounts"));
        Note($"suspended: {string.Join(' ', suspended.Order())}");
        return Task.CompletedTask;
    }

    private Task SkewAsync(Replica replica)
    {
        replica.Clock.Skew = TimeSpan.FromSeconds(schedule.Skew());
        Note($"{replica.Name}'s clock is off by {replica.Clock.Skew}");
        return Task.CompletedTask;
    }
}
