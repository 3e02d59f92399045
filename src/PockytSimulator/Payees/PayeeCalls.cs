using System.Text.Json.Nodes;
using PockytSimulator.Calls;
using PockytSimulator.Scheduling;
using PockytSimulator.State;

namespace PockytSimulator.Payees;

/// <summary>The calls about payees: register, retrieve, update.</summary>
internal sealed class PayeeCalls(
    SimulatorSettings settings,
    SimulatorClock clock,
    Ids ids,
    PayeeRegistry payees,
    PayorRegistry payors,
    Answers answers)
{
    public static readonly string[] MandatoryToRegister =
    [
        "timestamp", "profileType", "email", "firstName", "lastName", "dateOfBirth", "countryCode", "state", "city",
        "street", "zip",
    ];

    public static readonly string[] MandatoryToRetrieve = ["timestamp"];

    public static readonly string[] MandatoryToUpdate = ["timestamp", "customerNo"];

    private static readonly string[] ProfileNames =
    [
        "profileType", "email", "firstName", "lastName", "dateOfBirth", "countryCode", "country", "state", "city",
        "street", "street2", "zip", "phone", "customerCode", "lang", "governmentId", "governmentIdType", "payorNo",
        "company",
    ];

    // The order of Pockyt's sample, which tells nothing; governmentId is never shown again.
    private static readonly string[] ShownNames =
    [
        "zip", "lastName", "country", "city", "customerCode", "dateOfBirth", "firstName", "profileType", "phone",
        "countryCode", "street", "street2", "state", "lang", "email",
    ];

    public Answer Register(Call call)
    {
        var body = call.Body;
        if (settings.RequireGovernmentId && body["profileType"] == "INDIVIDUAL" && body["governmentId"] is null)
        {
            return answers.Refused(Refusal.Missing("governmentId"));
        }

        var payor = payors.FindOf(call.Merchant, body["payorNo"]);
        var refusal = body["payorNo"] is null ? FieldFormats.Check(body)
            : payor is null ? Refusal.NoRecord("payorNo")
            : FieldFormats.Check(body) is { } wrong ? wrong
            : payor.IsUsable ? null
            : Refusal.PayorState();
        if (refusal is not null)
        {
            return answers.Refused(refusal);
        }

        var payee = new Payee(call.Merchant.No, ids.CustomerNo(), settings.NewPayeeStatus, clock.GetUtcNow());
        if (payees.Write(payee, ProfileOf(body), payee.CreatedAt) is { } taken)
        {
            return answers.Refused(Refusal.Taken(taken));
        }

        var customer = new JsonObject
        {
            ["firstName"] = payee["firstName"],
            ["lastName"] = payee["lastName"],
            ["customerCode"] = payee["customerCode"],
            ["createdTime"] = PockytFormat.Time(payee.CreatedAt),
            ["customerNo"] = payee.CustomerNo,
            ["email"] = payee["email"],
        };
        return answers.Succeeded(answers.Vary("success", "succeeded"), ("customer", customer));
    }

    public Answer Retrieve(Call call)
    {
        var (customerNo, customerCode, email) =
            (call.Body["customerNo"], call.Body["customerCode"], call.Body["email"]);
        if (customerNo is null && customerCode is null && email is null)
        {
            return answers.Refused(Refusal.Missing("customerNo"));
        }

        var payee = customerNo is not null ? payees.FindOf(call.Merchant, customerNo)
            : customerCode is not null ? payees.FindByCode(call.Merchant, customerCode)
            : payees.FindByEmail(call.Merchant, email!);
        if (payee is null)
        {
            return answers.Refused(Refusal.NoRecord(
                customerNo is not null ? "customerNo" : customerCode is not null ? "customerCode" : "email"));
        }

        if (customerNo is not null && customerCode is not null && payee["customerCode"] != customerCode)
        {
            return answers.Refused(Refusal.Mismatch("customerNo, customerCode"));
        }

        if (FieldFormats.Check(call.Body) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        var customer = new JsonObject();
        foreach (var name in ShownNames.Where(name => payee[name] is not null))
        {
            customer[name] = payee[name];
        }

        customer["customerNo"] = payee.CustomerNo;
        customer["payeeStatus"] = payee.Status;
        customer["createdTime"] = PockytFormat.Time(payee.CreatedAt);
        customer["updatedTime"] = PockytFormat.Time(payee.UpdatedAt);
        return answers.Succeeded(answers.Vary("query success", "query success "), ("customer", customer));
    }

    public Answer Update(Call call)
    {
        if (payees.FindOf(call.Merchant, call.Body["customerNo"]) is not { } payee)
        {
            return answers.Refused(Refusal.NoRecord("customerNo"));
        }

        if ((Fixed(payee, call.Body) ?? FieldFormats.Check(call.Body)) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        if (payees.Write(payee, ProfileOf(call.Body), clock.GetUtcNow()) is { } taken)
        {
            return answers.Refused(Refusal.Taken(taken));
        }

        return answers.Succeeded("update success");
    }

    // In whose name a payee is paid is fixed forever when it is registered, and with a payor its e-mail is as well.
    private static Refusal? Fixed(Payee payee, CallBody body)
    {
        string[] names = payee["payorNo"] is null ? ["payorNo"] : ["payorNo", "email"];
        return names.FirstOrDefault(name => body[name] is { } value && value != payee[name]) is { } changed
            ? Refusal.Mismatch($"customerNo, {changed}")
            : null;
    }

    private static Dictionary<string, string> ProfileOf(CallBody body) =>
        ProfileNames.Where(name => body[name] is not null).ToDictionary(name => name, name => body[name]!);
}

internal static class PayeeRoutes
{
    public static void MapPayeeCalls(this IEndpointRouteBuilder v3)
    {
        v3.MapPost("/payee/register", Register);
        v3.MapPost("/payee/retrieve", Retrieve);
        v3.MapPost("/payee/update", Update);
    }

    private static Task Register(HttpContext http, CallPipeline desk, PayeeCalls calls) =>
        desk.ServeAsync(http, "register", PayeeCalls.MandatoryToRegister, calls.Register);

    private static Task Retrieve(HttpContext http, CallPipeline desk, PayeeCalls calls) =>
        desk.ServeAsync(http, "retrieve", PayeeCalls.MandatoryToRetrieve, calls.Retrieve);

    private static Task Update(HttpContext http, CallPipeline desk, PayeeCalls calls) =>
        desk.ServeAsync(http, "update", PayeeCalls.MandatoryToUpdate, calls.Update);
}
