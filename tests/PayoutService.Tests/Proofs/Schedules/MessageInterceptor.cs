namespace PayoutService.Tests.Proofs.Schedules;

/// <summary>What crosses a wire.</summary>
internal enum MessageKind
{
    /// <summary>A round trip to PostgreSQL is about to begin.</summary>
    Query,

    /// <summary>PostgreSQL has done it; the answer has not been handed over.</summary>
    QueryAnswer,

    /// <summary>A whole request to Pockyt has left the service, and has not arrived.</summary>
    Call,

    /// <summary>Pockyt has done it; the answer has not been handed over.</summary>
    CallAnswer,
}

/// <summary>What becomes of it.</summary>
internal enum FaultKind
{
    /// <summary>It arrives, and so does its answer.</summary>
    Pass,

    /// <summary>It arrives, and its answer stops again.</summary>
    Park,

    /// <summary>The connection is cut before it arrives; of a call, a part arrives.</summary>
    CutBefore,

    /// <summary>It arrives, and the connection is cut before the answer does; of a call's, a part does.</summary>
    CutAfter,

    /// <summary>A query: PostgreSQL refuses it. A call: somebody on the way answers in Pockyt's place.</summary>
    Refuse,

    /// <summary>A call: the connection is cut now, and the request arrives later.</summary>
    Late,

    /// <summary>A call: it and its answer arrive, then the idle connection is closed.</summary>
    PassAndClose,
}

/// <param name="Kind">What becomes of it.</param>
/// <param name="Part">How much of it arrives when the connection is cut, from 0 to under 1.</param>
/// <param name="Code">The SQLSTATE, or the HTTP status, of a refusal.</param>
internal sealed record FaultDecision(FaultKind Kind, double Part = 0, string Code = "")
{
    public static readonly FaultDecision Pass = new(FaultKind.Pass);
}

/// <summary>One message that stopped at the turnstile.</summary>
internal sealed class InterceptedMessage(
    MessageKind kind, string label, string? invoiceId = null, bool isOfGroup = false)
{
    private readonly TaskCompletionSource<FaultDecision> decided =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MessageKind Kind => kind;

    /// <summary>What it says, in a few words without any id.</summary>
    public string Label => label;

    public string? InvoiceId => invoiceId;

    /// <summary>It serves a group.</summary>
    public bool IsOfGroup => isOfGroup;

    /// <summary>It looks at payees, accounts and pauses before a send.</summary>
    public bool IsOfLook => label is "select pauses";

    /// <summary>It raises the beat of its process.</summary>
    public bool IsOfBeat => label.Contains("claim to send", StringComparison.Ordinal)
        || label.Contains("update replicas", StringComparison.Ordinal)
        || label.Contains("insert replicas", StringComparison.Ordinal);

    /// <summary>After how many bytes it, or its answer, was cut.</summary>
    public (string Of, int At, int Bytes)? Cut { get; set; }

    public Task<FaultDecision> Decided => decided.Task;

    public void Decide(FaultDecision fate) => decided.TrySetResult(fate);
}

/// <summary>Something under way in a replica: a pass of a worker, or a call that the API serves. It runs until its next
/// message stops at the turnstile, and only one of them runs at a time.</summary>
internal sealed class Activity(string name, Replica replica)
{
    private static readonly AsyncLocal<Activity?> Flowing = new();
    private static readonly string[] Joining = ["dispatch", "reconcile", "notice"];

    /// <summary>Whose code this is.</summary>
    public static Activity? Current => Flowing.Value;

    public string Name => name;

    public Replica Replica => replica;

    public bool Accepts => name.Contains(" accept ", StringComparison.Ordinal);

    /// <summary>It may send, under a claim that nobody may know any more.</summary>
    public bool Sends => name.Contains("dispatch", StringComparison.Ordinal)
        || name.Contains("reconcile", StringComparison.Ordinal);

    /// <summary>It may join a group that another of its replica is served in, and would wait for that one unseen.
    /// </summary>
    public bool Joins => Joining.Any(word => name.Contains(word, StringComparison.Ordinal));

    /// <summary>It is served in a group right now.</summary>
    public bool IsInGroup { get; set; }

    /// <summary>It is served in the group that looks at payees and accounts before a send.</summary>
    public bool IsLooking => IsInGroup && Hop?.IsOfLook is true;

    /// <summary>It raises the beat of its process, and another that wants to would wait for it unseen.</summary>
    public bool IsBeating { get; set; }

    /// <summary>Ends with what came of it, in a word.</summary>
    public Task<string> Outcome { get; private set; } = Task.FromResult("");

    /// <summary>The message that waits for the driver's word.</summary>
    public InterceptedMessage? Hop { get; set; }

    /// <summary>Messages that came while another waited: a group and what is served beside it, or the parts of a batch.
    /// They take their turn when the other has no more to say.</summary>
    public Queue<InterceptedMessage> Later { get; } = [];

    /// <summary>Since when it waits.</summary>
    public DateTimeOffset HeldSince { get; set; }

    /// <summary>It waits for a lock that another activity holds.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>It waits for its replica's clock.</summary>
    public bool IsAsleep { get; set; }

    /// <summary>The driver leaves it alone until that many steps were made.</summary>
    public int ParkedUntil { get; set; }

    public void Begin(Func<Task<string>> work) => Outcome = Task.Run(() =>
    {
        Flowing.Value = this;
        return work();
    });

    public bool IsQuiet => Outcome.IsCompleted || Hop is not null || IsBlocked || IsAsleep;
}

/// <summary>
/// Where everything that a replica says to PostgreSQL or to Pockyt stops until the driver decides what becomes of it.
/// Because one activity runs at a time, whatever arrives is the running one's; only one that does two things at once
/// may still say something in a transaction that it began.
/// </summary>
internal sealed class MessageInterceptor : IMessageGate
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nothing stops here: before the faults begin and after they have stopped.</summary>
    public bool IsOpen { get; set; } = true;

    public Activity? Running { get; private set; }

    /// <summary>Completes at the next thing that happens.</summary>
    public Task Changed
    {
        get
        {
            lock (gate)
            {
                return changed.Task;
            }
        }
    }

    public void Run(Activity activity)
    {
        lock (gate)
        {
            Running = activity;
        }
    }

    /// <summary>A message is about to leave.</summary>
    public Task<FaultDecision> StopAsync(Activity? sender, InterceptedMessage hop)
    {
        lock (gate)
        {
            if (IsOpen || sender is null)
            {
                return Task.FromResult(FaultDecision.Pass);
            }

            if (sender.Hop is null)
            {
                Show(sender, hop);
            }
            else
            {
                sender.Later.Enqueue(hop);
            }

            return hop.Decided;
        }
    }

    /// <summary>The activity says no more where it was: whatever else of it waits takes its turn.</summary>
    public void ShowLater(Activity activity)
    {
        lock (gate)
        {
            if (!activity.IsQuiet && activity.Later.TryDequeue(out var hop))
            {
                Show(activity, hop);
            }
        }
    }

    /// <summary>The answer to a message has come. It passes, unless it was to stop, or its activity was found blocked
    /// and another one runs now.</summary>
    public Task<FaultDecision> StopAnswerAsync(Activity? asker, FaultDecision fate, InterceptedMessage hop)
    {
        lock (gate)
        {
            if (IsOpen || asker is null || (fate.Kind is not FaultKind.Park && !asker.IsBlocked))
            {
                return Task.FromResult(FaultDecision.Pass);
            }

            asker.IsBlocked = false;
            asker.Hop = hop;
            Signal();
            return hop.Decided;
        }
    }

    /// <summary>The activity has ended: nobody decides any more about what of it waits.</summary>
    public void LetGo(Activity activity)
    {
        lock (gate)
        {
            while (activity.Later.TryDequeue(out var hop))
            {
                hop.Decide(new FaultDecision(FaultKind.CutBefore));
            }
        }
    }

    public void FellAsleep(Activity? activity)
    {
        lock (gate)
        {
            if (activity is not null)
            {
                activity.IsAsleep = true;
                activity.IsInGroup = false;
                activity.IsBeating = false;
                Signal();
            }
        }
    }

    /// <summary>Tells the driver that something happened.</summary>
    public void Wake()
    {
        lock (gate)
        {
            Signal();
        }
    }

    /// <summary>Says so unless its answer came in the meantime.</summary>
    public void MarkBlocked(Activity activity, PostgresLink link, int asked)
    {
        lock (gate)
        {
            activity.IsBlocked = link.IsAwaited && link.Asked == asked
                && activity.Hop is null && !activity.Outcome.IsCompleted;
        }
    }

    private void Show(Activity activity, InterceptedMessage hop)
    {
        activity.Hop = hop;
        activity.IsInGroup = hop.IsOfGroup;
        activity.IsBeating = hop.IsOfBeat || (activity.IsBeating && hop.Label == "commit");
        Signal();
    }

    private void Signal()
    {
        changed.TrySetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
