using System.Net.Http.Headers;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using PayoutService.Api.Http;
using PayoutService.Api.Validation;
using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payors;
using PayoutService.UseCases;
using PayoutService.Views;

namespace PayoutService.Api.Payors;

/// <summary>Payors, in whose name a merchant of record pays, as callers see them.</summary>
internal static class PayorEndpoints
{
    private const string List = "payors";

    public static void MapPayors(this IEndpointRouteBuilder api)
    {
        var payors = api.MapGroup("/v1/payors").WithTags("Payors");
        payors.MapPost("/", Create).WithName("createPayor").RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        payors.MapGet("/", Search).WithName("listPayors")
            .RequireAuthorization(Scopes.ReadPayees).ProducesProblem(400).ProducesProblem(503);
        payors.MapGet("/{payorNo}", Get).WithName("getPayor").AllowNotModified()
            .RequireAuthorization(Scopes.ReadPayees).ProducesProblem(404);

        // Documents stay in memory: what passes through here must not reach a disk. A caller has a key of ours and
        // no cookie, so nobody can make a browser upload in its name.
        payors.MapPost("/{payorNo}/documents", Upload).WithName("uploadPayorDocuments")
            .RequireAuthorization(Scopes.WritePayees).CallsPockyt()
            .WithMetadata(new RequestSizeLimitAttribute(RequestRules.MaxFormBytes))
            .WithFormOptions(
                memoryBufferThreshold: RequestRules.MaxFormBytes, multipartBodyLengthLimit: RequestRules.MaxFormBytes)
            .DisableAntiforgery()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(422)
            .ProducesProblem(502).ProducesProblem(503);
        payors.MapPost("/resolve", Resolve).WithName("resolvePayor").RequireAuthorization(Scopes.Ops)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    /// <summary>Registers a payor at Pockyt.</summary>
    /// <remarks>
    /// 201 when Pockyt answered. 202 when it did not: then nobody knows, Pockyt has no call that looks a payor up, and
    /// it is never sent again by itself; nextStep says what a person does. Safe to repeat: the same payorCode with the
    /// same content answers with the one payor. 422 and 503 leave nothing behind: the key may be used again.
    /// </remarks>
    internal static async Task<
        Results<Created<PayorView>, Ok<PayorView>, Accepted<PayorView>, ProblemHttpResult>> Create(
        CreatePayorRequest request,
        HttpContext context,
        ClaimsPrincipal caller,
        IPayorGateway gateway,
        RegisterPayor register,
        TimeProvider clock,
        CancellationToken cancel)
    {
        var own = request.Details.Keys.Where(gateway.OwnMembers.Contains).ToList();
        if (own.Count > 0)
        {
            return Problems.Invalid(own.Select(NotYours("details.")));
        }

        var outcome = await register.RunAsync(
            new NewPayor(
                ApiKeys.MerchantOf(caller),
                request.PayorCode,
                request.Details,
                request.Content(),
                request.NotAtPockyt,
                ApiKeys.ActorOf(caller)),
            cancel);
        switch (outcome)
        {
            case RegistrationOutcome<Payor>.Created(var payor):
                ETags.Set(context, payor.Version);
                return TypedResults.Created(PayorView.Link(payor), PayorView.Of(payor, clock.GetUtcNow()));
            case RegistrationOutcome<Payor>.Pending(var payor):
                ETags.Set(context, payor.Version);
                return TypedResults.Accepted(PayorView.Link(payor), PayorView.Of(payor, clock.GetUtcNow()));
            case RegistrationOutcome<Payor>.Replayed(var payor):
                Replays.Mark(context, PayorView.Link(payor));
                ETags.Set(context, payor.Version);
                return payor.PayorNo is null
                    ? TypedResults.Accepted(PayorView.Link(payor), PayorView.Of(payor, clock.GetUtcNow()))
                    : TypedResults.Ok(PayorView.Of(payor, clock.GetUtcNow()));
            case RegistrationOutcome<Payor>.Differs(var payor, var fields):
                return Problems.PayorCodeInUse(payor, fields);
            case RegistrationOutcome<Payor>.Duplicate(var payor):
                return Problems.PayorExists(payor);
            case RegistrationOutcome<Payor>.Restored:
                return Problems.PayorPerhapsLost();
            default:
                return Problems.Of(outcome);
        }
    }

    /// <summary>Lists payors, newest first.</summary>
    internal static async Task<Results<Ok<Page<PayorView>>, ProblemHttpResult>> Search(
        ClaimsPrincipal caller,
        PayoutDb db,
        Cursors cursors,
        Searches searches,
        TimeProvider clock,
        CancellationToken cancel,
        [KeyText] string? payorCode = null,
        string? cursor = null,
        int limit = Paging.DefaultLimit)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        var paging = new Paging(limit, cursor);
        if (paging.Problem(cursors, List, merchant) is var (field, reason))
        {
            return Problems.Invalid(field, reason);
        }

        var rows = db.Payors.AsNoTracking().Where(row => row.Merchant == merchant);
        rows = payorCode is null ? rows : rows.Where(row => row.PayorCode == payorCode);
        return TypedResults.Ok(await paging.ReadAsync(
            before => (before is { } last ? rows.Where(row => row.Id < last) : rows).OrderByDescending(row => row.Id),
            row => row.Id, row => PayorView.Of(row, clock.GetUtcNow()), cursors, List, merchant, searches, cancel));
    }

    /// <summary>Shows a payor: its status as last heard, and when that was.</summary>
    /// <remarks>Pockyt is not asked, because it has no call for that: its portal may know more.</remarks>
    internal static async Task<Results<Ok<PayorView>, ProblemHttpResult>> Get(
        string payorNo,
        HttpContext context,
        ClaimsPrincipal caller,
        PayoutDb db,
        TimeProvider clock,
        CancellationToken cancel)
    {
        var payor = await FindAsync(payorNo, caller, db, cancel);
        return payor is null ? Problems.NotFound("payor") : Shown(context, payor, clock);
    }

    /// <summary>A payor of the caller's merchant by its number.</summary>
    internal static Task<Payor?> FindAsync(
        string payorNo, ClaimsPrincipal caller, PayoutDb db, CancellationToken cancel)
    {
        var merchant = ApiKeys.MerchantOf(caller);
        return db.Payors.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Merchant == merchant && row.PayorNo == payorNo, cancel);
    }

    /// <summary>Hands documents about a payor to Pockyt.</summary>
    /// <remarks>
    /// A form with one file or more, under any name, and texts that say what they are in Pockyt's names, 10 MiB in all.
    /// Nothing of it is kept. Also for a payor that was registered without this service. 502 when Pockyt did not
    /// answer: a repeat at worst hands them in twice.
    /// </remarks>
    internal static async Task<Results<Ok<UploadView>, ProblemHttpResult>> Upload(
        string payorNo,
        IFormFileCollection files,
        HttpContext context,
        ClaimsPrincipal caller,
        PayorStore store,
        PayoutRules rules,
        IPayorGateway gateway,
        TimeProvider clock,
        CancellationToken cancel)
    {
        if (!new KeyTextAttribute().IsValid(payorNo))
        {
            return Problems.NotFound("payor");
        }

        var form = await context.Request.ReadFormAsync(cancel);
        if (Reasons(form, gateway).ToList() is { Count: > 0 } reasons)
        {
            return Problems.Invalid(reasons);
        }

        // From here on the caller's hanging up changes nothing: what Pockyt says of the payor is worth keeping.
        var merchant = ApiKeys.MerchantOf(caller);
        var answer = await gateway.UploadAsync(
            merchant,
            payorNo,
            form.ToDictionary(text => text.Key, text => text.Value.ToString()),
            [.. files.Select(file => new PayorDocument(file.FileName, TypeOf(file), file.OpenReadStream()))],
            CancellationToken.None);
        if (answer is not ProviderAnswer<ProviderPayor>.Done(var told))
        {
            return Problems.Of(answer)!;
        }

        var payor = await store.RefreshAsync(merchant, told, ApiKeys.ActorOf(caller))
            .InTimeAsync(rules, CancellationToken.None);
        return TypedResults.Ok(new UploadView
        {
            PayorNo = payorNo,
            Documents = files.Count,
            Payor = payor is null ? null : PayorView.Of(payor, clock.GetUtcNow()),
            Provider = new PayorProviderView { PayorNo = told.PayorNo, Status = told.StatusWord },
        });
    }

    /// <summary>Resolves a registration that Pockyt did not answer.</summary>
    /// <remarks>With payorNo: Pockyt has it under this number. Without: Pockyt does not have it, the payor is removed
    /// (204), and the payorCode may be used again. Only while it is unconfirmed.</remarks>
    internal static async Task<Results<Ok<PayorView>, NoContent, ProblemHttpResult>> Resolve(
        ResolvePayorRequest request,
        HttpContext context,
        ClaimsPrincipal caller,
        PayorStore store,
        PayoutRules rules,
        TimeProvider clock,
        ILogger<Payor> logger,
        CancellationToken cancel)
    {
        var resolved = await store.ResolveAsync(
            ApiKeys.MerchantOf(caller), request.PayorCode, request.PayorNo, ApiKeys.ActorOf(caller))
            .InTimeAsync(rules, cancel);
        switch (resolved)
        {
            case PayorResolved.Exists(var payor):
                Log();
                return Shown(context, payor, clock);
            case PayorResolved.Removed:
                Log();
                return TypedResults.NoContent();
            case PayorResolved.NotUnconfirmed(var payor):
                return Problems.PayorNotUnconfirmed(payor);
            case PayorResolved.Taken(var payor):
                return Problems.PayorExists(payor);
            default:
                return Problems.NotFound("payor");
        }

        void Log() => logger.LogWarning(
            "{actor} ruled that payor {payorCode} is {payorNo}.",
            ApiKeys.ActorOf(caller), request.PayorCode, request.PayorNo ?? "not at Pockyt");
    }

    private static Ok<PayorView> Shown(HttpContext context, Payor payor, TimeProvider clock)
    {
        ETags.Set(context, payor.Version);
        return TypedResults.Ok(PayorView.Of(payor, clock.GetUtcNow()));
    }

    /// <summary>The problems of a form, by the name of its part.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Reasons(IFormCollection form, IPayorGateway gateway)
    {
        if (form.Files.Count == 0)
        {
            yield return new("files", "needs one file or more");
        }

        foreach (var file in form.Files.Where(file => file.Length == 0))
        {
            yield return new("files", "has a file that is empty");
        }

        foreach (var file in form.Files.Where(file => !NamedTextsAttribute.IsFileName(file.FileName)))
        {
            yield return new(
                "files", "has a file whose name is missing, has more than 200 characters, or one of / \\ \"");
        }

        foreach (var name in form.Keys.Where(gateway.OwnMembers.Contains))
        {
            yield return NotYours("")(name);
        }

        foreach (var name in form.Where(text => text.Value.Count > 1).Select(text => text.Key))
        {
            yield return new(name, "appears twice");
        }

        var texts = new NamedTextsAttribute(500);
        if (!texts.IsValid(form.ToDictionary(text => text.Key, text => text.Value.ToString())))
        {
            yield return new("texts", texts.FormatErrorMessage("texts"));
        }
    }

    private static Func<string, KeyValuePair<string, string>> NotYours(string prefix) =>
        name => new($"{prefix}{name}", "is sent by this service itself");

    private static string TypeOf(IFormFile file) =>
        MediaTypeHeaderValue.TryParse(file.ContentType, out var type) ? type.ToString() : "application/octet-stream";
}
