using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PayoutService.Api.Http;

/// <summary>The documentation of one problem code.</summary>
/// <param name="Status">The HTTP status that it comes with.</param>
/// <param name="Code">The code; it never changes.</param>
/// <param name="Meaning">What happened, in a sentence.</param>
/// <param name="Action">What the caller does.</param>
/// <param name="IsRepeatable">The same call may succeed later as it is.</param>
internal sealed record ProblemPage(int Status, string Code, string Meaning, string Action, bool IsRepeatable = false);

/// <summary>The page to which a problem's <c>type</c> leads: <c>/problems/{code}</c>. The codes of the OpenAPI document
/// come from the same list.</summary>
internal static class ProblemPages
{
    private const string KeyInUse = "Your key belongs to an object with other content; fields names what differs.";
    private const string OtherKey = "Choose another key, or read the object at link.";
    private const string SameUnderOtherKey = "Pockyt says that it is one that you have under another key.";
    private const string UseThat = "Use the object at link.";

    public static IReadOnlyList<ProblemPage> All { get; } =
    [
        new(400, "malformed-request", "The body, an address or a header cannot be read.", "Correct it."),
        new(400, "validation-failed", "A value breaks a rule.", "Correct the fields that errors names."),
        new(400, "unknown-member", "The body has a member that is not known.", "Remove it, or correct its name."),
        new(400, "duplicate-member", "The body has a member twice.", "Send it once."),
        new(400, "unsupported-currency", "The currency is not supported.", "Send an ISO 4217 code, or USDC."),
        new(400, "invalid-routing-number", "The check digit of the US routing number does not fit.",
            "Look for a typing error."),
        new(400, "invoice-id-required", "A payout needs a key of yours.", "Send invoiceId, or an Idempotency-Key."),
        new(400, "unreadable-file", "The CSV file is no table of payouts; nothing of it was kept.",
            "Correct what faults names, by row and column."),
        new(401, "unauthenticated", "There is no API key, or it is not known, or it has ended.",
            "Send 'Authorization: Bearer <key>' with a valid key."),
        new(403, "forbidden", "The API key lacks the scope that the call needs.",
            "Use a key that has it; GET /v1/me shows the scopes of yours."),
        new(403, "own-request", "Your key, or another one of its owner, asked for the payout or changed what it pays.",
            "Another person approves it."),
        new(404, "not-found", "No object of your merchant has this id, or no endpoint has this address.",
            "Check the id, and whether the key is of the right merchant."),
        new(405, "method-not-allowed", "The address has other methods.", "See the Allow header."),
        new(409, "invoice-id-in-use", KeyInUse, OtherKey),
        new(409, "idempotency-key-in-use", KeyInUse, OtherKey),
        new(409, "customer-code-in-use", KeyInUse, OtherKey),
        new(409, "account-tag-in-use", KeyInUse, OtherKey),
        new(409, "payor-code-in-use", KeyInUse, OtherKey),
        new(409, "refund-reference-in-use", KeyInUse, OtherKey),
        new(409, "payee-exists", SameUnderOtherKey, UseThat),
        new(409, "account-exists", SameUnderOtherKey, UseThat),
        new(409, "payor-exists", SameUnderOtherKey, UseThat),
        new(409, "email-in-use", "Another payee at Pockyt has the e-mail.", "Send another e-mail."),
        new(409, "account-removed", "The account was removed; its tag stays with it.", "Add it under another tag."),
        new(409, "not-cancellable", "The payout was sent already.", "Wait for its outcome."),
        new(409, "not-resolvable", "The status of the object does not allow this decision.",
            "Read the object; its detail says what is allowed."),
        new(409, "nothing-in-doubt", "The payout is confirmed and nothing speaks against it.",
            "Leave it, or overrule it with overrule and If-Match."),
        new(409, "second-person-needed", "The decision is against what is certain, so it needs two people.",
            "A key of another owner repeats the call with overrule."),
        new(409, "reissue-hold", "The payout may still be paid, so it cannot be replaced.",
            "Wait until it has failed or came back, and is confirmed."),
        new(409, "already-replaced", "The payout was replaced.", "Replace the replacement."),
        new(409, "not-releasable", "No rule holds the payout, or none whose hold one person may end.",
            "Read it again; holds says how each ends."),
        new(409, "not-awaiting-approval", "The payout does not wait for approval, or another hold comes first.",
            "Read it again; holds says how each ends."),
        new(409, "approval-blocked", "Payee or account changed since the approval was asked for.",
            "Read the payout again, and approve its new version if it is still right."),
        new(409, "batch-not-planned", "The rows of the batch are not checked yet, or it was canceled.",
            "Wait until its status is planned; make another one when it was canceled."),
        new(409, "totals-differ", "The batch pays another sum than the confirmation names.",
            "Read the batch again, and name each of its totals."),
        new(409, "batch-has-errors", "Rows of the batch cannot be paid as they are.",
            "Correct them in another batch, or confirm with onErrors=skip."),
        new(409, "already-paused", "Sending is paused already.", "Resume first."),
        new(409, "endpoint-disabled", "Nothing is sent to the webhook endpoint.",
            "Enable it by PATCH; it then goes on where it stopped."),
        new(409, "recovery-running", "Another recovery of the webhook endpoint is running.",
            "Wait until the one in link is finished."),
        new(410, "cursor-expired", "The events after the cursor are older than what is kept.",
            "Go on after oldest, and read the objects that you may have missed."),
        new(412, "precondition-failed", "If-Match names an older version.", "Read the object again."),
        new(413, "payload-too-large", "The body is larger than 64 KiB, a batch 16 MiB, its CSV file 64 MiB, or "
            + "documents 10 MiB.",
            "Send less."),
        new(415, "unsupported-media-type", "The body is not of the type that the call takes.",
            "Send application/json in UTF-8, and documents as multipart/form-data."),
        new(415, "unsupported-content-encoding", "The body is compressed.", "Send it without Content-Encoding."),
        new(422, "account-not-found", "The accountId of the body names no account of yours.", "Check the id."),
        new(422, "payout-not-found", "An id of the body names no payout of yours.", "Check the id."),
        new(422, "limit-exceeded", "The amount, or what is paid on its day, is above a limit of the settings.",
            "Send less, or ask who runs this service."),
        new(422, "account-not-usable", "The account cannot be paid.", "Refresh it, or choose another."),
        new(422, "payee-not-active", "The payee cannot be paid yet.", "Read its nextStep, or choose another."),
        new(422, "currency-mismatch", "The account is of another currency.", "Send its currency, or choose another."),
        new(422, "account-type-not-supported", "There is no such accountType.", "Choose another."),
        new(422, "country-not-supported", "The settings of this service refuse the country.", "Nothing."),
        new(422, "payee-too-young", "The settings of this service refuse the payee's age.", "Nothing."),
        new(422, "replacement-differs", "A replacement pays the same payee, in the same currency, at most as much.",
            "Send a new payout without replaces."),
        new(422, "provider-refused", "Pockyt refused the call; nothing was kept.",
            "Correct what the detail names; the key may be used again."),
        new(422, "too-many-endpoints", "A merchant may have 20 webhook endpoints.", "Remove one, or change one."),
        new(428, "precondition-required", "Overruling needs If-Match.", "Send the ETag that you read."),
        new(429, "rate-limited", "There were too many calls; nothing of this one was done.", "Wait for Retry-After.",
            IsRepeatable: true),
        new(500, "internal-error", "The service failed.", "Repeat the same call; report its traceId.",
            IsRepeatable: true),
        new(502, "provider-unclear", "Pockyt did not answer as it should.", "Repeat the same call.",
            IsRepeatable: true),
        new(503, "unavailable", "The database did not answer, or could not replicate the write.",
            "Repeat the same call.", IsRepeatable: true),
        new(503, "busy", "Other batches are being created.", "Repeat the same call in a moment.", IsRepeatable: true),
        new(503, "overloaded", "More payouts are being created than the service takes at once.",
            "Repeat the same call after Retry-After.", IsRepeatable: true),
        new(503, "search-too-long", "The search took longer than 0.9 s.",
            "Narrow it by status, invoiceId, createdFrom or createdTo.", IsRepeatable: true),
        new(503, "provider-unreachable", "Pockyt cannot be reached; nothing of the call was sent.", "Repeat it later.",
            IsRepeatable: true),
        new(503, "database-restored", "The database may have lost something; nothing was changed or sent.",
            "Repeat in a minute; if it stays, an operator looks at GET /v1/sending.", IsRepeatable: true),
    ];

    public static void MapProblemPages(this IEndpointRouteBuilder api) =>
        api.MapGet("/problems/{code}", Show).AllowAnonymous().ExcludeFromDescription();

    private static Results<ContentHttpResult, ProblemHttpResult> Show(string code)
    {
        if (All.FirstOrDefault(one => one.Code == code) is not { } page)
        {
            return Problems.NotFound("problem");
        }

        var again = page.IsRepeatable
            ? "Yes: the same call with the same key may succeed later. It is safe."
            : "No: the same call would be refused again.";
        return TypedResults.Content(
            $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>{page.Code}</title></head>
            <body>
            <h1>{page.Code}</h1>
            <p>HTTP status {page.Status}</p>
            <h2>Meaning</h2>
            <p>{HtmlEncoder.Default.Encode(page.Meaning)}</p>
            <h2>What to do</h2>
            <p>{HtmlEncoder.Default.Encode(page.Action)}</p>
            <h2>May the same call be repeated?</h2>
            <p>{again}</p>
            </body>
            </html>
            """,
            "text/html; charset=utf-8");
    }
}
