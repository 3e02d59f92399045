using System.Globalization;

namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>A refund while its schedule runs.</summary>
internal sealed class RunningRefund(string name, string refundReference, string payment)
{
    public string Name => name;

    public string RefundReference => refundReference;

    /// <summary>The reference of the payment that goes back.</summary>
    public string Payment => payment;

    /// <summary>The API's id for it, once the API has answered.</summary>
    public string? Id { get; set; }

    /// <summary>The database may have lost it, so its caller repeats the call.</summary>
    public bool MustRepeat { get; set; }
}

/// <content>The database goes on from an earlier moment, or on another server.</content>
internal sealed partial class ScheduleRunner
{
    /// <summary>So soon after a restore callers have repeated their withdrawals; no payout is sent so soon after it.
    /// </summary>
    private static readonly TimeSpan TimeToWithdraw = TimeSpan.FromMinutes(30);

    /// <summary>What each replica is told when it starts.</summary>
    private readonly Dictionary<Replica, string> markers = [];

    /// <summary>What all replicas should be told.</summary>
    private string Newest => markers.Values.Max()!;

    private List<RunningRefund> refunds = [];

    /// <summary>The number of times the database went back or moved.</summary>
    private int restored;

    /// <summary>It lost something that somebody was answered.</summary>
    private bool hasLost;

    /// <summary>Who was not told of the last restore; it starts when another has noted it.</summary>
    private Replica? forgotten;

    private DateTimeOffset? withdrawBy;

    private async Task BackUpAsync()
    {
        Note("the database is backed up");
        await world.BackUpAsync();
    }

    private Task LoseTimeAsync()
    {
        restored++;
        return schedule.Weigh<Func<Task>>(
        [
            (3, RestoreAsync),
            (1, () => FailOverAsync("there", goesBack: false, dies: schedule.Happens(0.3))),
            (1, () => FailOverAsync("behind", goesBack: true, dies: false)),
            (1, () => FailOverAsync("gone", goesBack: true, dies: true)),
        ])();
    }

    /// <summary>An operator stops everything, restores a backup, and starts with another marker. One time in ten one
    /// replica is not told.</summary>
    private async Task RestoreAsync()
    {
        Note("the database is restored");
        await KillAllAsync();
        await GoBackAsync();
        var marker = restored.ToString(CultureInfo.InvariantCulture);
        forgotten = replicas.Count > 1 && schedule.Happens(0.1) ? schedule.Pick(replicas) : null;
        foreach (var replica in replicas.Where(replica => replica != forgotten))
        {
            markers[replica] = marker;
        }
    }

    /// <summary>Another server takes over. It has everything, or is behind; who knows that it is has died or not.
    /// </summary>
    private async Task FailOverAsync(string witness, bool goesBack, bool dies)
    {
        Note($"another server takes over, the witness is {witness}");
        if (dies)
        {
            await KillAllAsync();
        }
        else
        {
            // It beats once a second, so it was told of what was committed not long ago.
            foreach (var replica in replicas.Where(replica => replica.IsAlive))
            {
                await BeatAsync(replica);
            }

            await CutDatabaseAsync();
        }

        if (goesBack)
        {
            await GoBackAsync();
        }

        await world.TakeOverAsync();
        foreach (var replica in replicas.Where(replica => replica.IsAlive))
        {
            replica.Database.IsAway = false;
        }
    }

    /// <summary>A pass of the watch to its end, unless something that is under way keeps it.</summary>
    private async Task BeatAsync(Replica replica)
    {
        while (Beating(replica) is { Hop: { } beat } beating)
        {
            await DecideAsync(beating, beat, FaultDecision.Pass);
        }

        await BeginUnlessBusyAsync(replica, "watch", () => WatchAsync(replica));
        while (activities.Find(activity => activity.Name == $"{replica.Name} watch") is { Hop: { } hop } watch)
        {
            await DecideAsync(watch, hop, FaultDecision.Pass);
        }
    }

    private async Task KillAllAsync()
    {
        foreach (var replica in replicas.Where(replica => replica.IsAlive))
        {
            await KillAsync(replica);
        }
    }

    /// <summary>The server is gone: whatever was said to it is lost or done, and nobody knows which. The processes
    /// live on.</summary>
    private async Task CutDatabaseAsync()
    {
        foreach (var replica in replicas.Where(replica => replica.IsAlive))
        {
            replica.Database.IsAway = true;
            replica.ForgetConnections();
        }

        while (activities.OrderByDescending(activity => activity.IsBeating).FirstOrDefault(
            activity => activity.Hop?.Kind is MessageKind.Query or MessageKind.QueryAnswer) is { } cut)
        {
            await DecideAsync(cut, cut.Hop!, new FaultDecision(FaultKind.CutBefore));
        }

        foreach (var replica in replicas)
        {
            replica.Database.CutAll();
            replica.ForgetConnections();
        }

        await SettleAsync();
    }

    /// <summary>The rows are those of the backup, and callers find out.</summary>
    private async Task GoBackAsync()
    {
        var sends = new Dictionary<RunningPayout, long>();
        foreach (var payout in payouts)
        {
            sends[payout] = await world.SendsAsync(payout.InvoiceId);
        }

        await world.GoBackAsync();
        hasLost = true;
        withdrawBy = world.Time.Now + TimeToWithdraw;
        acknowledged.Clear();
        foreach (var payout in payouts)
        {
            payout.LostSends += sends[payout] - await world.SendsAsync(payout.InvoiceId);
            payout.MustRepeat = payout.Id is not null;
            payout.IsToldOtherwise = false;
            if ((payout.IsWithdrawn || payout.IsWithdrawalKept) && !await world.IsCanceledAsync(payout.InvoiceId))
            {
                (payout.IsWithdrawn, payout.IsWithdrawalKept) = (false, false);
                payout.MustWithdraw = true;
            }
        }

        foreach (var refund in refunds)
        {
            refund.MustRepeat = refund.Id is not null;
        }
    }
}
