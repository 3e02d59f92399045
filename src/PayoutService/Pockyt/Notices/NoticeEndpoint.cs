using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Payouts;
using PayoutService.Pockyt.Translation;
using PayoutService.Storage;
using PayoutService.Storage.Payees;
using PayoutService.Storage.Payouts;
using PayoutService.Telemetry;
using PayoutService.Views;

namespace PayoutService.Pockyt.Notices;

/// <summary>Receives Pockyt's notifications. A notice is acknowledged only once it is durable.</summary>
internal static class NoticeEndpoint
{
    /// <summary>Pockyt's notices are under 1 KiB.</summary>
    private const int MaxBytes = 16 * 1024;

    public static void MapNotices(this IEndpointRouteBuilder endpoints)
    {
        var webhooks = endpoints.MapGroup("").AllowAnonymous().WithTags("Webhooks");
        webhooks.MapPost(NoticeAddress.PayoutPattern, ReceiveAsync).WithName("receivePayoutNotification")
            .AddEndpointFilter((call, next) => CountAsync("payout", call, next));
        webhooks.MapPost(NoticeAddress.AccountPattern, ReceiveOfAccountAsync).WithName("receiveAccountNotification")
            .AddEndpointFilter((call, next) => CountAsync("account", call, next));
        webhooks.MapPost(NoticeAddress.DepositPattern, ReceiveOfDepositAsync).WithName("receiveDepositNotification")
            .AddEndpointFilter((call, next) => CountAsync("deposit", call, next));
    }

    private static async ValueTask<object?> CountAsync(
        string about, EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var outcome = "failed";
        try
        {
            var result = await next(call);
            outcome = (result as IStatusCodeHttpResult)?.StatusCode switch
            {
                StatusCodes.Status401Unauthorized => "notSigned",
                StatusCodes.Status404NotFound => "unknownAddress",
                >= StatusCodes.Status400BadRequest => "unreadable",
                _ => "accepted",
            };
            return result;
        }
        finally
        {
            Metrics.Notified(about, outcome);
        }
    }

    /// <summary>Takes a signed notice about a payout from Pockyt.</summary>
    /// <remarks>Answers <c>success</c> as plain text once the notice is kept; Pockyt repeats it until then.</remarks>
    internal static async Task<IResult> ReceiveAsync(
        string merchant,
        string invoiceId,
        string capability,
        HttpContext context,
        NoticeAddress address,
        Oddities oddities,
        PockytOptions options,
        PayoutStore store,
        PayoutReports reports,
        PayoutRules rules,
        TimeProvider clock,
        ILoggerFactory loggers,
        CancellationToken cancel)
    {
        var isKnown = address.IsPayoutCapability(merchant, invoiceId, capability);
        var (notice, refusal) = await ReadAsync(context, isKnown, cancel);
        if (notice is null)
        {
            // Only Pockyt knows this address, so something happened: Pockyt is asked what.
            if (isKnown)
            {
                await store.InquireNowAsync(merchant, invoiceId).InTimeAsync(rules, cancel);
            }

            return refusal!;
        }

        var logger = loggers.CreateLogger(typeof(NoticeEndpoint));
        if (notice.Member("invoiceId") != invoiceId || !notice.IsSignedWith(options.Merchants[merchant].Tokens))
        {
            oddities.Saw(Oddities.NotSigned);
            logger.LogWarning(
                "A notice for {invoiceId} was not signed by Pockyt, or was for another payout.",
                invoiceId);
            await store.InquireNowAsync(merchant, invoiceId).InTimeAsync(rules, cancel);
            return TypedResults.Unauthorized();
        }

        var (payout, report) = await reports.RecordNoticeAsync(
            new Notice
            {
                Merchant = merchant,
                Hash = HashOf(notice),
                InvoiceId = invoiceId,
                Text = notice.Kept,
                ReceivedAt = clock.GetUtcNow(),
            },
            PayoutTranslation.TransactionNoOf(notice),
            payout => PayoutTranslation.OfNotice(notice, payout),
            cancel);
        if (payout is null)
        {
            logger.LogError("A genuine notice came for {invoiceId}, a payout we do not have.", invoiceId);
        }
        else
        {
            Traces.LinkTo(payout.Traceparent);
            Traces.Tell(
                Activity.Current,
                PublicId.Of(PublicId.Payout, payout.Id),
                report!.Kind,
                payout.Status,
                payout.ConfirmedBy);
            logger.LogInformation(
                "A notice came for {payoutId} {invoiceId}: {report}.", payout.Id, invoiceId, report.Kind);
        }

        return Success();
    }

    /// <summary>Takes a signed notice about an account from Pockyt: the account is then read again.</summary>
    /// <remarks>Answers <c>success</c> as plain text once the notice is kept; Pockyt repeats it until then.</remarks>
    internal static async Task<IResult> ReceiveOfAccountAsync(
        string merchant,
        string accountId,
        string capability,
        HttpContext context,
        NoticeAddress address,
        Oddities oddities,
        PockytOptions options,
        PayeeStore store,
        PayoutRules rules,
        TimeProvider clock,
        ILoggerFactory loggers,
        CancellationToken cancel)
    {
        var isKnown = Guid.TryParseExact(accountId, "N", out var id)
            && address.IsAccountCapability(merchant, accountId, capability);
        var (notice, refusal) = await ReadAsync(context, isKnown, cancel);
        if (notice is null)
        {
            if (isKnown)
            {
                await store.RefreshNowAsync(id).InTimeAsync(rules, cancel);
            }

            return refusal!;
        }

        var logger = loggers.CreateLogger(typeof(NoticeEndpoint));
        if (!notice.IsSignedWith(options.Merchants[merchant].Tokens))
        {
            oddities.Saw(Oddities.NotSigned);
            logger.LogWarning("A notice for {accountId} was not signed by Pockyt.", id);
            await store.RefreshNowAsync(id).InTimeAsync(rules, cancel);
            return TypedResults.Unauthorized();
        }

        await store.RecordNoticeAsync(
            new Notice
            {
                Merchant = merchant,
                Hash = HashOf(notice),
                AccountId = id,
                Text = notice.Kept,
                ReceivedAt = clock.GetUtcNow(),
            }).InTimeAsync(rules, cancel);
        logger.LogInformation("A notice came for {accountId}.", id);
        return Success();
    }

    /// <summary>Takes a signed notification that money was deposited: the balance is then asked for again, and what
    /// waits for it is looked at.</summary>
    /// <remarks>No member of it is believed. Answers <c>success</c> as plain text.</remarks>
    internal static async Task<IResult> ReceiveOfDepositAsync(
        string merchant,
        string capability,
        HttpContext context,
        NoticeAddress address,
        Oddities oddities,
        PockytOptions options,
        PayoutStore store,
        PayoutRules rules,
        ILoggerFactory loggers,
        CancellationToken cancel)
    {
        var isKnown = address.IsDepositCapability(merchant, capability);
        var (notice, refusal) = await ReadAsync(context, isKnown, cancel);
        if (isKnown)
        {
            // Only Pockyt knows this address, so something happened: Pockyt is asked what.
            await store.CheckBalanceNowAsync(merchant).InTimeAsync(rules, cancel);
        }

        if (notice is null)
        {
            return refusal!;
        }

        var logger = loggers.CreateLogger(typeof(NoticeEndpoint));
        if (!notice.IsSignedWith(options.Merchants[merchant].Tokens))
        {
            oddities.Saw(Oddities.NotSigned);
            logger.LogWarning("A notification of a deposit for {merchant} was not signed by Pockyt.", merchant);
            return TypedResults.Unauthorized();
        }

        logger.LogInformation("A notification of a deposit came for {merchant}.", merchant);
        return Success();
    }

    /// <summary>Reads a notice, or says why it is not read.</summary>
    /// <param name="context">The call.</param>
    /// <param name="isKnown">Whether the caller knows the address. It is settled before the body is read: who does not
    /// know the address is not listened to.</param>
    /// <param name="cancel">Gives up.</param>
    private static async Task<(NoticeBody? Notice, IResult? Refusal)> ReadAsync(
        HttpContext context, bool isKnown, CancellationToken cancel)
    {
        Plain(context);
        if (!isKnown)
        {
            return (null, TypedResults.NotFound());
        }

        return await ReadAsync(context.Request.Body, cancel) is not { } body
            ? (null, TypedResults.StatusCode(StatusCodes.Status413PayloadTooLarge))
            : !IsReadable(context.Request, body)
            ? (null, TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType))
            : NoticeBody.Parse(body) is { } notice ? (notice, null) : (null, TypedResults.BadRequest());
    }

    private static byte[] HashOf(NoticeBody notice) => SHA256.HashData(Encoding.UTF8.GetBytes(notice.SignedText));

    private static ContentHttpResult Success() => TypedResults.Text("success", "text/plain");

    /// <summary>Answers here are for a machine that wants a bare status.</summary>
    private static void Plain(HttpContext context)
    {
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }
    }

    /// <summary>Pockyt's documents show JSON and forms, and some senders say neither; the first byte decides. ASCII is
    /// the same in every charset they could name; other bytes are read as UTF-8 or not at all.</summary>
    private static bool IsReadable(HttpRequest request, byte[] body) =>
        request.Headers.ContentEncoding.Count == 0
        && (Ascii.IsValid(body)
            || request.GetTypedHeaders().ContentType?.Charset is not { HasValue: true } charset
            || charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static async Task<byte[]?> ReadAsync(Stream body, CancellationToken cancel)
    {
        var buffer = new byte[MaxBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return length <= MaxBytes ? buffer[..length] : null;
    }
}
