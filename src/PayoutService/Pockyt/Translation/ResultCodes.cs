using PayoutService.Pockyt.Wire;

namespace PayoutService.Pockyt.Translation;

/// <summary>The kinds of call that read a result code differently.</summary>
internal enum PockytCall
{
    Pay,
    Refund,
    Payee,
    Payor,

    /// <summary>A question about a payout, a refund or another transaction.</summary>
    Inquiry,
}

/// <summary>The meaning of a result code.</summary>
internal enum CodeMeaning
{
    /// <summary>The call may or may not have been executed.</summary>
    Unclear,

    Ok,

    /// <summary>Certainly not executed; the caller can correct it.</summary>
    Refused,

    /// <summary>Pockyt does not know what the call is about.</summary>
    NotFound,

    /// <summary>Not executed, because the balance does not cover it.</summary>
    NoBalance,

    /// <summary>Not executed, because the merchant has no access to it.</summary>
    NoAccess,
}

/// <summary>Pockyt's result codes, each with its meaning for each kind of call. The section Codes of docs/pockyt.md
/// gives the reasons.</summary>
internal static class ResultCodes
{
    /// <summary>Every code that Pockyt's documents list; another one is noted as an oddity.</summary>
    public static readonly HashSet<string> Documented =
    [
        "000000", "000010", "000020", "000021", "000022", "000023", "000030", "000040", "000080", "000100",
    ];

    public static CodeMeaning Of(PockytAnswer.Said said, PockytCall call) => (said.Code, call) switch
    {
        ("000100", _) => CodeMeaning.Ok,
        ("000021", PockytCall.Payee or PockytCall.Inquiry) => CodeMeaning.NotFound,

        // The earlier one may exist. A payee is looked up after every refusal, so there it is an ordinary one.
        (_, not PockytCall.Payee) when Mentions(said, "duplicate") => CodeMeaning.Unclear,

        // A complaint about our clock says nothing about an earlier send of the same payout.
        (_, PockytCall.Pay) when Mentions(said, "timestamp") => CodeMeaning.Unclear,

        ("000010" or "000020" or "000021" or "000022" or "000023", _) => CodeMeaning.Refused,

        // A payout waits for access; the other calls have nothing that could wait.
        ("000030", PockytCall.Pay) => CodeMeaning.NoAccess,
        ("000000", PockytCall.Pay) when Mentions(said, "data error") => CodeMeaning.NoAccess,
        ("000030", _) => CodeMeaning.Refused,

        // For money that comes in this is the payment's status, for example refunded already.
        ("000040", PockytCall.Pay) => CodeMeaning.NoBalance,
        ("000040", PockytCall.Refund or PockytCall.Inquiry) => CodeMeaning.Refused,

        ("000000", _) when Mentions(said, "data error") => CodeMeaning.Refused,
        _ => CodeMeaning.Unclear,
    };

    /// <summary>True when the message has these words, in whatever case.</summary>
    public static bool Mentions(PockytAnswer.Said said, string words) =>
        said.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
