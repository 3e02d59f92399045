using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using PockytSimulator.Calls;
using PockytSimulator.Notices;
using PockytSimulator.Payouts;

namespace PockytSimulator.Control;

internal static class NoticeEndpoints
{
    public static void MapNotices(this IEndpointRouteBuilder control)
    {
        control.MapGet("/notices", List);
        control.MapPost("/notices", SendAsync);
    }

    private static Ok<NoticeList> List(NoticeLog log, string? invoiceId = null) =>
        TypedResults.Ok(new NoticeList(log.Lines(invoiceId)));

    private static async Task<Results<Ok<NoticeAnswer>, BadRequest<ControlProblem>>> SendAsync(
        NoticeOrder order,
        Ledger book,
        NoticeFactory notices,
        NoticeSender sender,
        MerchantRegistry merchants,
        CancellationToken gone)
    {
        var payout = book.Find(order.InvoiceId, order.MerchantNo);
        var status = order.Status ?? payout?.Status ?? "success";
        if (Written(order, payout, status, notices, merchants) is not { } notice)
        {
            return TypedResults.BadRequest(new ControlProblem("no ipnUrl: neither here nor in the book"));
        }

        var line = await sender.SendOnceAsync(Shaped(notice, order), gone);
        return TypedResults.Ok(new NoticeAnswer(line.HttpStatus, line.Body));
    }

    // A notice about a payout the simulator never saw is a forger's; it needs an address.
    private static Notice? Written(
        NoticeOrder order, BookedPayout? payout, string status, NoticeFactory notices, MerchantRegistry merchants)
    {
        if (payout is not null)
        {
            return notices.Of(payout, status, payout.Since(status), order.IpnUrl);
        }

        var members = new Dictionary<string, string> { ["invoiceId"] = order.InvoiceId, ["status"] = status };
        return order.IpnUrl is null ? null : new Notice(order.InvoiceId, status, order.IpnUrl, members)
        {
            MerchantNo = merchants.NoOf(order.MerchantNo),
        };
    }

    private static Notice Shaped(Notice notice, NoticeOrder order)
    {
        var members = new Dictionary<string, string>(notice.Members);
        foreach (var (name, value) in order.Members ?? [])
        {
            if (value is null)
            {
                members.Remove(name);
            }
            else
            {
                members[name] = PockytFormat.Text(value);
            }
        }

        return notice with { Members = members, Encoding = order.Encoding, Signature = order.Signature };
    }

    private sealed record NoticeList(IReadOnlyList<NoticeLine> Notices);

    private sealed record NoticeAnswer(int? HttpStatus, string Body);

    internal sealed record NoticeOrder(
        string InvoiceId,
        string? Status = null,
        string? Encoding = null,
        JsonObject? Members = null,
        NoticeSignature Signature = NoticeSignature.Right,
        Uri? IpnUrl = null,
        string? MerchantNo = null);
}
