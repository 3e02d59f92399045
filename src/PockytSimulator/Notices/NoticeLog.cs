using System.Collections.Concurrent;

namespace PockytSimulator.Notices;

/// <summary>One attempt to deliver a notice and what the receiver said; no HttpStatus when it said nothing.</summary>
internal sealed record NoticeLine(
    string? InvoiceId,
    string Status,
    int Attempt,
    DateTimeOffset At,
    string Url,
    int? HttpStatus,
    string Body,
    bool Delivered);

/// <summary>Every attempt to deliver a notice.</summary>
internal sealed class NoticeLog
{
    private readonly ConcurrentQueue<NoticeLine> _lines = new();

    public void Add(NoticeLine line) => _lines.Enqueue(line);

    public IReadOnlyList<NoticeLine> Lines(string? invoiceId = null) =>
        [.. _lines.Where(line => invoiceId is null || line.InvoiceId == invoiceId)];
}
