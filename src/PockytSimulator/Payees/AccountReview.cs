using PockytSimulator.Notices;

namespace PockytSimulator.Payees;

/// <summary>Moves accounts through the statuses of a review, and tells the merchant who asked for it.</summary>
internal sealed class AccountReview(PayeeRegistry payees, NoticeFactory notices, NoticeSender sender)
{
    /// <summary>
    /// Moves the account. A notice is sent when the status differs from the one before, or as notify says; its first
    /// attempt is waited for.
    /// </summary>
    public async Task<NoticeLine?> MoveAsync(
        Account account, string status, bool? notify, string? planNo, CancellationToken stopping)
    {
        var told = notify ?? !account.Status.Equals(status, StringComparison.OrdinalIgnoreCase);
        var notice = told ? notices.Of(account, payees.Find(account.CustomerNo)!, status) : null;
        payees.Move(account, status, notice, planNo);
        return notice is null ? null : await sender.SendAsync(notice, stopping);
    }
}
