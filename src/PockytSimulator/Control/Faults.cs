using System.Text.Json.Nodes;

namespace PockytSimulator.Control;

/// <summary>
/// What becomes of an answer, or of a notice when the fault's call is "notice". Kind decides which of the other
/// members count.
/// </summary>
internal sealed record FaultAnswer(
    string Kind,
    int? Status = null,
    string? ContentType = null,
    string? Body = null,
    string? Code = null,
    string? Message = null,
    string? Spelling = null,
    int? Bytes = null,
    JsonObject? Members = null,
    IReadOnlyList<string>? Remove = null,
    int? BytesPerSecond = null,
    string? Location = null,
    int? DelayMs = null,
    int? Copies = null,
    string? Encoding = null,
    string? Name = null,
    string? Value = null,
    bool Signed = true);

/// <summary>
/// A scripted fault: which calls it strikes (all of a name, or of one invoiceId, which for money that came in means
/// the refundReference or the reference; so many times, 0 forever; with what probability), whether the call still has
/// its effect, and what becomes of the answer.
/// </summary>
internal sealed record FaultScript(
    string Call,
    string? InvoiceId = null,
    int Times = 1,
    double? Probability = null,
    int Seed = 1,
    bool Execute = true,
    int? ExecuteDelayMs = null,
    int? DelayMs = null,
    FaultAnswer? Answer = null,
    bool Deduplicate = true)
{
    private static readonly string[] Calls =
    [
        "pay", "inquiry", "register", "retrieve", "update", "createAccount", "configurations", "listAccounts",
        "deleteAccount", "balance", "refund", "tranQuery", "notice",
        "createPayPal", "createVenmo", "registerPayor", "uploadPayor",
    ];

    private static readonly string[] AnswerKinds =
        ["normal", "hang", "close", "http", "ret", "cut", "replace", "drip", "redirect", "oversize"];

    private static readonly string[] NoticeKinds =
        ["normal", "drop", "delay", "duplicate", "encoding", "badSignature", "extraMember", "removeMember"];

    /// <summary>What makes this script unusable, or null.</summary>
    public string? Problem()
    {
        var kinds = Call == "notice" ? NoticeKinds : AnswerKinds;
        return this switch
        {
            _ when !Calls.Contains(Call) => $"call is one of {string.Join(", ", Calls)}",
            { Answer: { } answer } when !kinds.Contains(answer.Kind) => $"kind is one of {string.Join(", ", kinds)}",
            { Answer: { Kind: "ret", Code: null } } => "ret needs a code",
            { Answer: { Kind: "extraMember" or "removeMember", Name: null } } => "a member needs its name",
            { Answer.BytesPerSecond: <= 0 } => "bytesPerSecond is positive",
            { Answer.Encoding: not (null or "form" or "json") } => "encoding is form or json",
            _ => null,
        };
    }
}

/// <summary>A fault as it is listed: its script and how often it struck.</summary>
internal sealed record FaultLine(int Id, int Fired, FaultScript Fault);

/// <summary>The scripted faults, oldest first; one call is struck by at most one of them.</summary>
internal sealed class Faults
{
    private readonly Lock _gate = new();
    private readonly List<ArmedFault> _all = [];
    private readonly List<ArmedFault> _armed = [];

    // Read without the lock, so that a run without faults pays nothing for them.
    private volatile bool _any;

    public int Add(FaultScript script)
    {
        lock (_gate)
        {
            var fault = new ArmedFault(_all.Count + 1, script, new Random(script.Seed));
            _all.Add(fault);
            _armed.Add(fault);
            _any = true;
            return fault.Id;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _all.Clear();
            _armed.Clear();
            _any = false;
        }
    }

    public IReadOnlyList<FaultLine> List()
    {
        lock (_gate)
        {
            return [.. _all.Select(fault => new FaultLine(fault.Id, fault.Fired, fault.Script))];
        }
    }

    /// <summary>The fault that strikes this call, counted as fired; null when none does.</summary>
    public FaultScript? Take(string call, string? invoiceId)
    {
        if (!_any)
        {
            return null;
        }

        lock (_gate)
        {
            var fault = _armed.Find(candidate => candidate.Strikes(call, invoiceId));
            if (fault is null)
            {
                return null;
            }

            fault.Fired++;
            if (fault.Fired == fault.Script.Times)
            {
                _armed.Remove(fault);
                _any = _armed.Count > 0;
            }

            return fault.Script;
        }
    }

    private sealed class ArmedFault(int id, FaultScript script, Random chance)
    {
        public int Id => id;

        public FaultScript Script => script;

        public int Fired { get; set; }

        public bool Strikes(string call, string? invoiceId) =>
            script.Call == call
            && (script.InvoiceId is null || script.InvoiceId == invoiceId)
            && (script.Probability is not { } probability || chance.NextDouble() < probability);
    }
}
