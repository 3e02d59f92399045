using System.Buffers.Text;
using System.Text.Json.Nodes;
using PockytSimulator.Calls;
using PockytSimulator.Scheduling;

namespace PockytSimulator.Payees;

/// <summary>
/// The calls about payors: register, upload. Pockyt's pages show their paths, the number that is answered and the
/// statuses; the members of the calls and of the answers are inferred.
/// </summary>
internal sealed class PayorCalls(
    SimulatorSettings settings, SimulatorClock clock, PayorRegistry payors, Answers answers)
{
    public static readonly string[] Mandatory = ["timestamp"];

    private static readonly string[] NotOfThePayor = ["merchantNo", "storeNo", "merGroupNo", "timestamp", "verifySign"];

    public Answer Register(Call call)
    {
        var body = call.Body;
        if (settings.MandatoryPayorFields.FirstOrDefault(name => body[name] is null) is { } missing)
        {
            return answers.Refused(Refusal.Missing(missing));
        }

        if (FieldFormats.Check(body) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        var members = body.Members.Where(member => !NotOfThePayor.Contains(member.Key)).ToDictionary();
        var payor = payors.Add(call.Merchant, settings.NewPayorStatus, clock.GetUtcNow(), members);
        return Told(payor);
    }

    public Answer Upload(Call call, string payorNo)
    {
        var body = call.Body;
        var encoded = body[settings.PayorFileField];
        if (body.Files.Count == 0 && encoded is null)
        {
            return answers.Refused(Refusal.Missing(settings.PayorFileField));
        }

        if (payors.FindOf(call.Merchant, payorNo) is not { } payor)
        {
            return answers.Refused(Refusal.NoRecord("payorNo"));
        }

        if (body["payorNo"] is { } named && named != payorNo)
        {
            return answers.Refused(Refusal.Mismatch("payorNo"));
        }

        var length = 0;
        var isFile = body.Files.Count > 0 || Base64.IsValid(encoded, out length);
        if ((isFile ? FieldFormats.Check(body) : Refusal.Format(settings.PayorFileField)) is { } wrong)
        {
            return answers.Refused(wrong);
        }

        UploadedFile[] files = body.Files.Count > 0
            ? [.. body.Files]
            : [new UploadedFile(body["fileName"] ?? settings.PayorFileField, length)];
        foreach (var file in files)
        {
            payors.Add(payor, new PayorDocument(file.Name, file.Bytes, clock.GetUtcNow()));
        }

        return Told(payor);
    }

    private Answer Told(Payor payor)
    {
        var result = new JsonObject
        {
            ["payorNo"] = payor.PayorNo,
            ["status"] = payor.Status,
            ["createdTime"] = PockytFormat.Time(payor.CreatedAt),
        };
        return answers.Succeeded(answers.Vary("success", "succeeded"), ("result", result));
    }
}

internal static class PayorRoutes
{
    // A document is larger than any other call.
    private const long MaxUpload = 20 * 1024 * 1024;

    public static void MapPayorCalls(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/payor/register", Register);
        v1.MapPost("/payor/upload/{payorNo}", Upload)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxUpload));
    }

    private static Task Register(HttpContext http, CallPipeline desk, PayorCalls calls) =>
        desk.ServeAsync(http, "registerPayor", PayorCalls.Mandatory, calls.Register);

    private static Task Upload(HttpContext http, string payorNo, CallPipeline desk, PayorCalls calls) =>
        desk.ServeAsync(http, "uploadPayor", PayorCalls.Mandatory, call => calls.Upload(call, payorNo));
}
