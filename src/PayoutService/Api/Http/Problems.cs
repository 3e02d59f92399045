using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PayoutService.Api.Json;
using PayoutService.Payees;
using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Events;
using PayoutService.Storage.Sending;
using PayoutService.UseCases;
using PayoutService.Views;
using PayoutService.Views.Events;

namespace PayoutService.Api.Http;

/// <summary>Every refusal this API knows, in one list:
/// a stable code, a status, and a sentence the caller can act on.</summary>
internal static class Problems
{
    public static ProblemHttpResult Invalid(string field, string reason) => Invalid([new(field, reason)]);

    public static ProblemHttpResult Invalid(IEnumerable<KeyValuePair<string, string>> reasons) =>
        TypedResults.Problem(new HttpValidationProblemDetails(
            reasons.GroupBy(reason => reason.Key).ToDictionary(
                field => field.Key, field => field.Select(reason => reason.Value).ToArray()))
        {
            Status = StatusCodes.Status400BadRequest,
            Title = "The request is not valid.",
            Detail = "See errors, by field.",
            Extensions = { ["code"] = "validation-failed" },
        });

    /// <summary>Several problems in their order; those of single fields become one, at the place of the first.
    /// </summary>
    public static IReadOnlyList<ProblemHttpResult> Joined(IReadOnlyList<ProblemHttpResult> problems)
    {
        var fields = problems.Select(problem => problem.ProblemDetails).OfType<HttpValidationProblemDetails>().ToList();
        if (fields.Count < 2)
        {
            return problems;
        }

        var one = Invalid(fields.SelectMany(problem => problem.Errors)
            .SelectMany(field => field.Value.Select(reason => KeyValuePair.Create(field.Key, reason))));
        var rest = problems.Where(problem => problem.ProblemDetails is not HttpValidationProblemDetails).ToList();
        rest.Insert(problems[0].ProblemDetails is HttpValidationProblemDetails ? 0 : 1, one);
        return rest;
    }

    public static ProblemHttpResult MalformedRequest(string detail) =>
        Of(400, "malformed-request", "The body cannot be read.", detail);

    public static ProblemHttpResult UnknownMember(IEnumerable<string> names) => Of(
        400, "unknown-member", "The body has a member that is not known.",
        $"Not known: {string.Join(", ", names)}. Member names are case-sensitive.");

    public static ProblemHttpResult DuplicateMember() => Of(
        400, "duplicate-member", "The body has a member twice.",
        "Each member may appear once; the call was not read further.");

    public static ProblemHttpResult Unauthenticated() => Of(
        401, "unauthenticated", "An API key is needed.", "Send 'Authorization: Bearer <key>'.");

    public static ProblemHttpResult KeyNotKnown() => Of(
        401, "unauthenticated", "The API key is not known.",
        "It is mistyped, was taken out of the settings, or has ended (NotAfter): ask who runs this service.");

    public static ProblemHttpResult Forbidden(string scope) => Of(
        403, "forbidden", "The API key may not do this.",
        $"The key lacks the scope {scope}: ask who runs this service for a key that has it; GET /v1/me shows yours.");

    public static ProblemHttpResult KeyOfAllMerchants() => Of(
        403, "forbidden", "The API key may not do this.",
        "The key is for all merchants, and this call is about one: use a key of that merchant. GET /v1/sending, and "
        + "the pages at /ops, take yours.");

    public static ProblemHttpResult RateLimited(int seconds) => Of(
        429, "rate-limited", "Too many calls.", $"Nothing of this one was done. Repeat it in {seconds} s.");

    public static ProblemHttpResult NotFound(string what) => Of(
        404, "not-found", $"The {what} is not known.",
        $"No {what} of yours has the id in the address: the key may be another merchant's, or the id mistyped.");

    public static ProblemHttpResult UnsupportedMediaType() => Of(
        415, "unsupported-media-type", "The body is not of the type this call takes.",
        "Send 'Content-Type: application/json' in UTF-8, and documents as multipart/form-data.");

    public static ProblemHttpResult UnsupportedContentEncoding() => Of(
        415, "unsupported-content-encoding", "The body may not be compressed.", "Send it without Content-Encoding.");

    public static ProblemHttpResult PayloadTooLarge() => Of(
        413, "payload-too-large", "The body is too large.",
        "64 KiB is the most a body may have, 16 MiB a batch, 64 MiB its CSV file, and 10 MiB where documents are "
        + "uploaded.");

    public static ProblemHttpResult SearchTooLong(string why) => Of(
        503,
        "search-too-long",
        why,
        "Narrow it, by status, invoiceId, createdFrom or createdTo, or try again later.");

    public static ProblemHttpResult Unavailable() => Of(
        503, "unavailable", "The service cannot reach its database.",
        "Nothing is known to be lost: repeat the same call with the same key, it is safe.");

    public static ProblemHttpResult Busy() => Of(
        503, "busy", "Other batches are being accepted.",
        "Nothing of this one was read: repeat the same call in a moment, it is safe.");

    public static ProblemHttpResult Overloaded() => Of(
        503, "overloaded", "More payouts are being created than the service takes at once.",
        "Nothing of this call was read: repeat it after the time in Retry-After, it is safe.");

    public static ProblemHttpResult UnreadableFile(int row, IReadOnlyList<RowFault> faults) => Of(
        400, "unreadable-file", "The file is no table of payouts.",
        $"Row {row}: {string.Join("; ", faults.Select(fault => $"{fault.Column} {fault.Message}".TrimStart()))}. "
        + "Nothing of it was kept.",
        ("row", row), ("faults", faults.Select(RowFaultView.Of).ToArray()));

    public static ProblemHttpResult BatchNotPlanned(Batch batch) => Of(
        409, "batch-not-planned", "The batch cannot be confirmed.",
        $"It is {ApiJson.Word(batch.Status)}: a batch is confirmed once its rows are checked.",
        ("batchStatus", ApiJson.Word(batch.Status)), ("link", BatchView.Link(batch)));

    public static ProblemHttpResult TotalsDiffer(IReadOnlyDictionary<string, string> totals, string link) => Of(
        409, "totals-differ", "The batch pays another sum.",
        $"It pays {string.Join(" and ", totals.Select(sum => $"{sum.Value} {sum.Key}"))}: read it again, and "
        + "name each of its totals.",
        ("totals", totals), ("link", link));

    public static ProblemHttpResult BatchHasErrors(Batch batch) => Of(
        409, "batch-has-errors", "Rows of the batch have errors.",
        $"{batch.ErrorCount} of {batch.RowCount} rows cannot be paid as they are. Correct them in another batch, or "
        + "confirm with onErrors=skip to pay the others.",
        ("errorCount", batch.ErrorCount), ("link", BatchView.Link(batch)));

    public static ProblemHttpResult CursorExpired(long oldest) => Of(
        410, "cursor-expired", "The events after this cursor are not kept any more.",
        "Go on after the cursor in oldest, and read the objects that you may have missed.",
        ("oldest", oldest.ToString(CultureInfo.InvariantCulture)));

    public static ProblemHttpResult TooManyEndpoints(int most) => Of(
        422, "too-many-endpoints", "You have as many webhook endpoints as you may have.",
        $"A merchant may have {most}: remove one, or change one.");

    public static ProblemHttpResult EndpointDisabled() => Of(
        409, "endpoint-disabled", "Nothing is sent to the webhook endpoint.",
        "Enable it first: PATCH it with status enabled. It then goes on where it stopped.");

    public static ProblemHttpResult RecoveryRunning(Recovery running) => Of(
        409, "recovery-running", "Another recovery of the webhook endpoint is running.",
        "Wait until the one in link is finished.", ("link", RecoveryView.Link(running)));

    public static ProblemHttpResult Stale(int version) => Of(
        412, "precondition-failed", "The resource has changed.",
        $"If-Match names another version than {version}, the current one: read it again.",
        ("version", version));

    public static ProblemHttpResult UnsupportedCurrency() => Of(
        400, "unsupported-currency", "The currency is not supported.",
        "Send an ISO 4217 code in capitals, such as USD, or USDC.",
        ("errors", new Dictionary<string, string[]> { ["currency"] = ["is not a currency we know"] }));

    public static ProblemHttpResult InvalidRoutingNumber() => Of(
        400, "invalid-routing-number", "The routing number is not valid.",
        "A US routing number has nine digits and a check digit that fits: look for a typing error.",
        ("errors", new Dictionary<string, string[]> { ["details.branchId"] = ["is not a US routing number"] }));

    public static ProblemHttpResult InvoiceIdRequired() => Of(
        400, "invoice-id-required", "A payout needs a key of yours.",
        "Send invoiceId in the body, or an Idempotency-Key header from which one is made.");

    public static ProblemHttpResult InvoiceIdInUse(Payout payout, string[] fields) => InUse(
        "invoice-id-in-use", "invoiceId", PayoutView.Link(payout), fields);

    public static ProblemHttpResult IdempotencyKeyInUse(Payout payout) => InUse(
        "idempotency-key-in-use", "Idempotency-Key", PayoutView.Link(payout), ["invoiceId"]);

    public static ProblemHttpResult CustomerCodeInUse(Payee payee, string[] fields) => InUse(
        "customer-code-in-use", "customerCode", PayeeView.Link(payee), fields);

    public static ProblemHttpResult AccountTagInUse(Account account, string[] fields) => InUse(
        "account-tag-in-use", "accountTag", AccountView.Link(account), fields);

    public static ProblemHttpResult PayeeExists(Payee payee) => Of(
        409, "payee-exists", "The payee is registered already.",
        "Pockyt says that it is one you registered under another customerCode: use that one.",
        ("customerCode", payee.CustomerCode), ("link", PayeeView.Link(payee)));

    public static ProblemHttpResult AccountExists(Account account) => Of(
        409, "account-exists", "The account was added already.",
        "Pockyt says that it is one you added under another accountTag: use that one.",
        ("accountTag", account.AccountTag), ("link", AccountView.Link(account)));

    public static ProblemHttpResult PayorCodeInUse(Payor payor, string[] fields) => InUse(
        "payor-code-in-use", "payorCode", PayorView.Link(payor), fields);

    public static ProblemHttpResult PayorExists(Payor payor) => Of(
        409, "payor-exists", "The payor is registered already.",
        "Its payorNo is that of one you registered under another payorCode: use that one.",
        ("payorCode", payor.PayorCode), ("link", PayorView.Link(payor)));

    public static ProblemHttpResult PayorNotUnconfirmed(Payor payor) => Of(
        409, "not-resolvable", "Nothing to resolve.",
        $"It is {ApiJson.Word(payor.Status)}: only an unconfirmed payor can be resolved.",
        ("payorStatus", ApiJson.Word(payor.Status)), ("link", PayorView.Link(payor)));

    public static ProblemHttpResult RefundReferenceInUse(Refund refund, string[] fields) => InUse(
        "refund-reference-in-use", "refundReference", RefundView.Link(refund), fields);

    public static ProblemHttpResult OneOfTransactionNoAndReference() => Invalid(
        [new("transactionNo", "send exactly one of transactionNo and reference"),
            new("reference", "send exactly one of transactionNo and reference")]);

    public static ProblemHttpResult CountryNotSupported(string field, string country) => Of(
        422, "country-not-supported", "Payees in this country are not paid.",
        $"{field} {country} is one of Payees:RefusedCountries.",
        ("errors", new Dictionary<string, string[]> { [field] = ["is a country that is not paid to"] }));

    public static ProblemHttpResult EmailInUse() => Of(
        409, "email-in-use", "Another payee has this e-mail at Pockyt.",
        "Send an e-mail of this payee's own; or, when it is the same person, use the payee that has it "
        + "(GET /v1/payees).",
        ("errors", new Dictionary<string, string[]> { ["email"] = ["belongs to another payee at Pockyt"] }));

    public static ProblemHttpResult NoSuchKindOfAccount() => Of(
        404, "not-found", "Pockyt has no accounts of this kind.",
        "It names no details for this country, currency, accountType and profileType together: choose another.");

    public static ProblemHttpResult PayeeTooYoung(int years) => Of(
        422, "payee-too-young", "The payee is too young.", $"dateOfBirth must be {years} years ago or more.",
        ("errors", new Dictionary<string, string[]> { ["dateOfBirth"] = [$"must be {years} years ago or more"] }));

    /// <summary>An id in a body names nothing; in an address it is <see cref="NotFound"/>.</summary>
    public static ProblemHttpResult AccountNotFound() => Of(
        422, "account-not-found", "The account is not known.",
        "accountId names no account of yours: list them with GET /v1/payees/{payeeId}/accounts.",
        ("errors", new Dictionary<string, string[]> { ["accountId"] = ["names no account of yours"] }));

    public static ProblemHttpResult AccountRemoved(Account account) => Of(
        409, "account-removed", "The account was removed.",
        "Its accountTag stays with the removed account: add the account under another accountTag.",
        ("link", AccountView.Link(account)));

    public static ProblemHttpResult ReplacementDiffers(string[] fields) => Of(
        422, "replacement-differs", "A replacement pays the same again.",
        "It must pay the same payee in the same currency, and at most as much. "
        + $"Different: {string.Join(", ", fields)}. Send what is another payment without replaces.",
        ("fields", fields));

    public static ProblemHttpResult AccountNotUsable(AccountStatus status) => Of(
        422, "account-not-usable", "The account cannot be paid to.",
        $"Its status is {ApiJson.Word(status)}; it must be active.", ("accountStatus", ApiJson.Word(status)));

    public static ProblemHttpResult PayeeNotActive(PayeeStatus status) => Of(
        422, "payee-not-active", "The payee cannot be paid.",
        $"Its status is {ApiJson.Word(status)}; it must be active. POST …/refresh reads it again from Pockyt.",
        ("payeeStatus", ApiJson.Word(status)));

    public static ProblemHttpResult LimitExceeded(string limit, string max, string used) => Of(
        422, "limit-exceeded", "The amount is above what may be paid.",
        $"The limit {limit} allows {max} in this currency, of which {used} is used. Send less, or ask who runs this "
        + "service.",
        ("limit", limit), ("max", max), ("used", used));

    public static ProblemHttpResult CurrencyMismatch(string accountCurrency) => Of(
        422, "currency-mismatch", "The account is in another currency.",
        $"The account takes {accountCurrency}.", ("accountCurrency", accountCurrency));

    public static ProblemHttpResult AccountTypeNotSupported(string[] known) => Of(
        422, "account-type-not-supported", "This kind of account cannot be added.",
        $"accountType must be one of: {string.Join(", ", known)}.");

    public static ProblemHttpResult ProviderRefused(string code, string message) => Of(
        422, "provider-refused", "Pockyt refused this.",
        $"Pockyt said {code}: {message}. Nothing was kept; the key may be used again.",
        ("providerCode", code), ("providerMessage", message));

    public static ProblemHttpResult ProviderUnclear(string why) => Of(
        502, "provider-unclear", "Pockyt did not answer as it should.",
        $"{why} Repeat the call: it is safe.");

    /// <summary>The problem with an answer that is not Done; null when it is.</summary>
    public static ProblemHttpResult? Of<T>(ProviderAnswer<T> answer) => answer switch
    {
        ProviderAnswer<T>.Done => null,
        ProviderAnswer<T>.NotFound(var code, var message) => ProviderRefused(code, message),
        ProviderAnswer<T>.Refused(var code, var message) => ProviderRefused(code, message),
        ProviderAnswer<T>.NotSent(var why) => ProviderUnreachable(why),
        ProviderAnswer<T>.Unclear(var why) => ProviderUnclear(why),
        _ => throw new UnreachableException(answer.ToString()),
    };

    /// <summary>The problem of what Pockyt did not get or did not take; each resource has its own for the rest.
    /// </summary>
    public static ProblemHttpResult Of<T>(RegistrationOutcome<T> outcome) => outcome switch
    {
        RegistrationOutcome<T>.EmailInUse => EmailInUse(),
        RegistrationOutcome<T>.Refused(var code, var message) => ProviderRefused(code, message),
        RegistrationOutcome<T>.NotSent(var why) => ProviderUnreachable(why),
        RegistrationOutcome<T>.Restored => Restored(),
        _ => throw new UnreachableException(outcome.ToString()),
    };

    /// <summary>Pockyt did not say what it was asked for: it does not answer, or answered otherwise.</summary>
    public static ProblemHttpResult ProviderSilent(IPayoutGateway gateway, string why) =>
        gateway.AwaySince is null ? ProviderUnclear(why) : ProviderUnreachable(why);

    public static ProblemHttpResult ProviderUnreachable(string? why) => Of(
        503, "provider-unreachable", "Pockyt cannot be reached.",
        $"{why} Nothing of this call was sent: repeat it later, it is safe.");

    public static ProblemHttpResult Restored() => Of(
        503, "database-restored", "The database may have lost something.",
        "It was restored or taken over, so whether this was sent is not known: nothing was changed and nothing was "
        + "sent. Repeat the call with the same key in a minute; if this stays, an operator must look at "
        + "GET /v1/sending.");

    public static ProblemHttpResult PayorPerhapsLost() => Of(
        503, "database-restored", "The payor may be registered already.",
        "The database may have lost its row, and Pockyt has no call that finds a payor. Look for it in Pockyt's "
        + "portal; when it is not there, repeat the call with \"notAtPockyt\": true.");

    public static ProblemHttpResult NotCancellable(Payout payout) => Of(
        409, "not-cancellable", "The payout cannot be canceled any more.",
        $"It is {ApiJson.Word(payout.Status)}: a payout can be canceled only before it is sent.",
        ("payoutStatus", ApiJson.Word(payout.Status)), ("link", PayoutView.Link(payout)));

    public static ProblemHttpResult NotResolvable(Payout payout) => Of(
        409, "not-resolvable", "Nothing to resolve.",
        $"It is {ApiJson.Word(payout.Status)}: while a request is on its way nobody can know, what was never sent "
        + "can be canceled, and only an unconfirmed payout can be sent again.",
        ("payoutStatus", ApiJson.Word(payout.Status)), ("link", PayoutView.Link(payout)));

    public static ProblemHttpResult NothingInDoubt(Payout payout) => Of(
        409, "nothing-in-doubt", "Nothing needs a decision.",
        $"It is {ApiJson.Word(payout.Status)}, which was confirmed, and nothing speaks against it. To rule otherwise, "
        + "send overrule: true and If-Match; a second person must then send the same.",
        ("payoutStatus", ApiJson.Word(payout.Status)), ("link", PayoutView.Link(payout)));

    public static ProblemHttpResult SecondPersonNeeded(Payout payout) => Of(
        409, "second-person-needed", "A second person must confirm this.",
        $"It is {ApiJson.Word(payout.Status)}. A ruling against that is sent with overrule: true and If-Match, "
        + "and moves the payout once a key of another owner sends the same ruling.",
        ("payoutStatus", ApiJson.Word(payout.Status)), ("link", PayoutView.Link(payout)));

    public static ProblemHttpResult PreconditionRequired() => Of(
        428, "precondition-required", "Name the version that you read.",
        "Send If-Match with the ETag of what you read; '*' is not enough.");

    public static ProblemHttpResult NotReleasable(Payout payout) => Of(
        409, "not-releasable", "No hold to release.",
        payout.Findings is null
            ? "No rule holds it."
            : "What holds it does not end by one person: another approves it, or its screening answers clean.",
        ("payoutStatus", ApiJson.Word(payout.Status)), ("link", PayoutView.Link(payout)));

    public static ProblemHttpResult NotAwaitingApproval(Payout payout) => Of(
        409, "not-awaiting-approval", "The payout does not wait for approval.",
        payout.AwaitsApproval
            ? "Another hold comes first: release it, or wait for its screening."
            : $"It is {ApiJson.Word(payout.Status)}.",
        ("payoutStatus", ApiJson.Word(payout.Status)), ("link", PayoutView.Link(payout)));

    public static ProblemHttpResult NotAwaitingApproval(Batch batch) => Of(
        409, "not-awaiting-approval", "Nothing of the batch waits for approval.",
        batch.Status is BatchStatus.Finished
            ? "None of its payouts is held for approval first: holds of a payout says what holds it."
            : $"It is {ApiJson.Word(batch.Status)}: its payouts are approved once it is finished.",
        ("batchStatus", ApiJson.Word(batch.Status)), ("link", BatchView.Link(batch)));

    public static ProblemHttpResult OwnRequest(string link) => Of(
        403, "own-request", "Somebody else must approve this.",
        "Your key, or another one of its owner, asked for the payout, changed its payee or account in the last 30 "
        + "days, or has approved it already.",
        ("link", link));

    public static ProblemHttpResult ApprovalBlocked(Payout payout, string changes) => Of(
        409, "approval-blocked", "What the payout pays has changed.",
        $"Since the approval was asked for: {changes}. Read the payout again, and approve its new version if it is "
        + "still right.",
        ("changes", changes), ("version", payout.Version), ("link", PayoutView.Link(payout)));

    public static ProblemHttpResult ApprovalBlocked(Batch batch, int count, string changes) => Of(
        409, "approval-blocked", "What payouts of the batch pay has changed.",
        $"Nothing was approved. Since the approval was asked for, of {count} payouts: {changes}. Read the batch again, "
        + "and approve its new version if it is still right.",
        ("changes", changes), ("version", batch.Version), ("link", BatchView.Link(batch)));

    public static ProblemHttpResult ReplacedNotFound() => Of(
        422, "payout-not-found", "The payout to replace is not known.",
        "replaces names no payout of yours: send the id of the payout whose place this one takes.",
        ("errors", new Dictionary<string, string[]> { ["replaces"] = ["names no payout of yours"] }));

    public static ProblemHttpResult NotReplaceable(Payout payout) => Of(
        409, "reissue-hold", "The payout cannot be replaced yet.",
        $"It is {ApiJson.Word(payout.Status)}, and {(payout.Attention is null ? "not confirmed" : "wants attention")}: "
        + "only a payout that certainly never pays may be replaced.",
        ("link", PayoutView.Link(payout)));

    public static ProblemHttpResult AlreadyReplaced() => Of(
        409, "already-replaced", "The payout has a replacement already.",
        "A payout can be replaced once: replace the replacement, when that did not pay either.");

    public static ProblemHttpResult AlreadyPaused(Pause pause) => Of(
        409,
        "already-paused",
        "Sending is paused already.",
        $"{pause.Actor} paused it on {pause.Since:yyyy-MM-dd'T'HH:mm:ss'Z'}: {pause.Reason} To give another reason, "
            + "resume sending and pause it again.");

    /// <summary>Refusals by the framework before any handler runs.</summary>
    public static ProblemDetails OfStatus(int status) => status switch
    {
        401 => Unauthenticated().ProblemDetails,
        404 => Of(404, "not-found", "No endpoint has this address.", "/swagger lists all endpoints.").ProblemDetails,
        405 => Of(405, "method-not-allowed", "The method is not allowed here.", "See the Allow header.").ProblemDetails,
        413 => PayloadTooLarge().ProblemDetails,
        415 => UnsupportedMediaType().ProblemDetails,
        >= 500 => Of(status, "internal-error", "The service failed.",
            "Repeat the same call with the same key, it is safe; give traceId when you report it.").ProblemDetails,
        _ => Of(status, "malformed-request", "The request cannot be read.",
            "Its request line, a header or its length breaks a rule of HTTP: send it with an HTTP library.")
            .ProblemDetails,
    };

    private static ProblemHttpResult InUse(string code, string key, string link, string[] fields) => Of(
        409, code, $"The {key} belongs to another request.",
        $"It was used with other content. Different: {string.Join(", ", fields)}. "
        + $"Repeat the first request as it was, or choose a new {key}.",
        ("fields", fields), ("link", link));

    private static ProblemHttpResult Of(
        int status, string code, string title, string detail, params (string Name, object Value)[] more)
    {
        var problem = new ProblemDetails { Status = status, Title = title, Detail = detail };
        problem.Extensions["code"] = code;
        foreach (var (name, value) in more)
        {
            problem.Extensions[name] = value;
        }

        return TypedResults.Problem(problem);
    }
}
