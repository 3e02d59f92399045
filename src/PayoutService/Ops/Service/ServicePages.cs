using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using PayoutService.Ops.Sessions;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Operators;
using PayoutService.Storage.Payouts;
using PayoutService.UseCases;
using PayoutService.Views;
using PayoutService.Views.Csv;

namespace PayoutService.Ops.Service;

/// <summary>A notification from Pockyt whose signature is right.</summary>
/// <param name="At">When it came first.</param>
/// <param name="Subject">What it is about: an invoiceId, or an account.</param>
/// <param name="Link">The page of what it is about; null: we have no such payout.</param>
/// <param name="Hash">The beginning of its SHA-256.</param>
public sealed record NoticeLine(DateTimeOffset At, string Subject, string? Link, string Hash);

/// <summary>A process that reports.</summary>
public sealed record BeatLine(string Id, DateTimeOffset At);

/// <summary>The health page.</summary>
public sealed record HealthModel(
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Notes,
    IReadOnlyList<BeatLine> Beats,
    DateTimeOffset? PockytAwaySince,
    string? Calls,
    IReadOnlyList<(string Word, string Sentence, string Action)> Causes);

/// <summary>What an operator did.</summary>
public sealed record ActLine(
    DateTimeOffset At, string Actor, string What, string Merchant, string? Subject, string? Link, string? Reason);

/// <summary>Pages about the service and not one payout: notices, health, audit.</summary>
internal static class ServicePages
{
    private const int PageSize = 50;

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/notices", NoticesAsync).WithName("opsNotices");
        ops.MapGet("/notices.csv", DownloadNotices).WithName("opsNoticesCsv");
        ops.MapGet("/health", HealthAsync).WithName("opsHealth");
        ops.MapGet("/audit", AuditAsync).WithName("opsAudit");
        ops.MapGet("/audit.csv", DownloadAudit).WithName("opsAuditCsv");
    }

    private static async Task<IResult> NoticesAsync(
        Session session,
        HttpContext context,
        PayoutDb db,
        Searches searches,
        IPayoutGateway gateway,
        CancellationToken cancel,
        string? before = null)
    {
        var page = await searches.RunAsync(Notices(db, session, Cursor(before)).Take(PageSize + 1), cancel);
        return Pages.Show<NoticesPage>(
            session,
            context,
            ("Notices", page.Take(PageSize).Select(row => new NoticeLine(
                row.ReceivedAt,
                row.InvoiceId ?? PublicId.Of(PublicId.Account, row.AccountId) ?? "",
                row.PayoutId is { } payout ? $"/ops/payouts/{PublicId.Of(PublicId.Payout, payout)}" : null,
                Convert.ToHexStringLower(row.Hash)[..16])).ToList()),
            ("Oddities", gateway.Oddities),
            ("Next", page.Count > PageSize
                ? session.At($"/ops/notices?before={CursorOf(page[PageSize - 1])}") : null));
    }

    /// <summary>Sends all notifications of the merchant.</summary>
    private static IResult DownloadNotices(
        Session session, PayoutDb db, Searches searches, CancellationToken cancel)
    {
        var notices = searches.AllAsync<Notice>(
            last => searches.RunPartAsync(
                Notices(db, session, last is null ? null : (last.ReceivedAt, last.Hash)), cancel),
            cancel);
        return Downloads.Send(
            session, "notices", ListLines.NoticeHeader, ListLines.Of(notices, cancel), cancel);
    }

    /// <summary>Notifications of the merchant after one, the newest first; many may come in one instant.</summary>
    private static IQueryable<Notice> Notices(
        PayoutDb db, Session session, (DateTimeOffset ReceivedAt, byte[] Hash)? last)
    {
        var rows = db.Notices.AsNoTracking().Where(row => row.Merchant == session.Merchant);
        if (last is var (receivedAt, hash))
        {
            rows = rows.Where(row => EF.Functions.LessThan(
                ValueTuple.Create(row.ReceivedAt, row.Hash), ValueTuple.Create(receivedAt, hash)));
        }

        return rows.OrderByDescending(row => row.ReceivedAt).ThenByDescending(row => row.Hash);
    }

    private static string CursorOf(Notice notice) =>
        $"{notice.ReceivedAt.UtcTicks}-{Convert.ToHexStringLower(notice.Hash)}";

    /// <returns>Null: it is none, and the list begins anew.</returns>
    private static (DateTimeOffset ReceivedAt, byte[] Hash)? Cursor(string? text)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        return text?.Split('-') is [var ticks, var hex]
            && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && at <= DateTimeOffset.MaxValue.UtcTicks
            && Convert.FromHexString(hex, hash, out _, out var written) is OperationStatus.Done
            && written == hash.Length
            ? (new DateTimeOffset(at, TimeSpan.Zero), hash) : null;
    }

    private static async Task<IResult> HealthAsync(
        Session session, HttpContext context, ReadHealth health, CancellationToken cancel)
    {
        var service = await health.RunAsync(session.Merchants, cancel);
        return Pages.Show<HealthPage>(session, context, ("Model", new HealthModel(
            service.Problems,
            service.Notes,
            [.. service.Beats.Select(beat => new BeatLine($"{beat.Id:N}"[^8..], beat.At))],
            service.PockytAwaySince,
            service.Calls is { } calls ? Words.Of(calls) : null,
            [.. service.Causes.Select(cause => (cause.Word, cause.Sentence, cause.Action))])));
    }

    /// <summary>Shows what operators did on these pages.</summary>
    private static async Task<IResult> AuditAsync(
        Session session,
        HttpContext context,
        OperatorLog log,
        PayoutRules rules,
        CancellationToken cancel,
        string? before = null)
    {
        long? last = long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var no) ? no : null;
        var acts = await log.ReadAsync(SeenBy(session), last, PageSize + 1).InTimeAsync(rules, cancel);
        return Pages.Show<AuditPage>(
            session,
            context,
            ("Acts", acts.Take(PageSize).Select(act => new ActLine(
                act.At, act.Actor.Name, Words.Word(act.Action), act.Merchant, act.Subject, LinkOf(act.Subject),
                act.Reason)).ToList()),
            ("Next", acts.Count > PageSize ? session.At($"/ops/audit?before={acts[PageSize - 1].No}") : null));
    }

    /// <summary>Sends all that operators did.</summary>
    private static IResult DownloadAudit(
        Session session, OperatorLog log, Searches searches, CancellationToken cancel)
    {
        var acts = searches.AllAsync<OperatorAct>(
            last => log.ReadAsync(SeenBy(session), last?.No, Searches.PartSize), cancel);
        return Downloads.Send(session, "audit", ListLines.ActHeader, ListLines.Of(acts, cancel), cancel);
    }

    /// <summary>The merchants whose acts are shown; logins of a key for all merchants are about none of them.</summary>
    private static IReadOnlyList<string> SeenBy(Session session) =>
        session.Merchants.Count > 1 ? [.. session.Merchants, Caller.AllMerchants] : session.Merchants;

    private static string? LinkOf(string? subject) => subject switch
    {
        not null when subject.StartsWith(PublicId.Payout, StringComparison.Ordinal) => $"/ops/payouts/{subject}",
        not null when subject.StartsWith(PublicId.Payee, StringComparison.Ordinal) => $"/ops/payees/{subject}",
        _ => null,
    };
}
