using System.Text.Json.Nodes;
using PockytSimulator.Control;

namespace PockytSimulator.Calls;

/// <summary>A refusal in Pockyt's codes.</summary>
internal sealed record Refusal(string Code, string Message)
{
    public static Refusal Data(string name) => new("000000", $"data error : {name}");

    public static Refusal Missing(string name) => new("000020", $"parameter is required : {name}");

    public static Refusal NoRecord(string name) => new("000021", $"no record found : {name}");

    public static Refusal Mismatch(string names) => new("000022", $"parameters do not match : {names}");

    public static Refusal Format(string name) => new("000023", $"parameter format error : {name}");

    public static Refusal Taken(string name) => new("000023", $"parameter value already exists : {name}");

    public static Refusal NoRights() => new("000030", "no rights");

    public static Refusal PayorState() => new("000030", "no rights : payor is not approved");

    public static Refusal Balance() => new("000040", "account balance is not sufficient");

    public static Refusal TransactionStatus() => new("000040", "transaction status error");
}

/// <summary>
/// What a call answers, as bytes, because a repeated call gets the very same ones. Outcome is the word for the
/// book; Spoil says how a magic amount wants the answer mistreated on its way.
/// </summary>
internal sealed record Answer(byte[] Body, int HttpStatus, string Outcome, FaultAnswer? Spoil = null);

/// <summary>Builds answers in Pockyt's uneven envelopes: ret_msg on success, retMsg on refusal.</summary>
internal sealed class Answers(SimulatorSettings settings)
{
    private int _turn;

    public Answer Succeeded(string message, params ReadOnlySpan<(string Name, JsonNode Value)> payloads)
    {
        var body = new JsonObject();
        foreach (var (name, value) in payloads)
        {
            body[name] = value;
        }

        body["ret_msg"] = message;
        body["ret_code"] = "000100";
        return Of(body, StatusCodes.Status200OK, "accepted");
    }

    public Answer Refused(Refusal refusal) => Refused(refusal, $"refused {refusal.Code}");

    public Answer Refused(Refusal refusal, string outcome)
    {
        var body = new JsonObject { ["ret_code"] = refusal.Code, ["retMsg"] = refusal.Message };
        return Of(body, settings.ErrorHttpStatus, outcome);
    }

    public Answer NotExecuted(FaultAnswer? spoil = null) =>
        Refused(new Refusal("000000", "system error"), "not executed") with { Spoil = spoil };

    /// <summary>One of the wordings in turn: nobody may come to rely on a message.</summary>
    public string Vary(params ReadOnlySpan<string> wordings) =>
        wordings[(int)((uint)Interlocked.Increment(ref _turn) % wordings.Length)];

    private Answer Of(JsonObject body, int httpStatus, string outcome)
    {
        var whole = settings.WrapAnswers ? new JsonObject { ["status"] = httpStatus, ["resultBody"] = body } : body;
        return new Answer(PockytFormat.Json(whole), httpStatus, outcome);
    }
}
