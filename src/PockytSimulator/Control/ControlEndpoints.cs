using Microsoft.AspNetCore.Http.HttpResults;
using PockytSimulator.Calls;
using PockytSimulator.Notices;
using PockytSimulator.Payees;
using PockytSimulator.Payouts;
using PockytSimulator.Scheduling;
using PockytSimulator.State;

namespace PockytSimulator.Control;

/// <summary>What a test or an operator turns by hand: time, money, statuses, settings.</summary>
internal static class ControlEndpoints
{
    public static void MapControls(this IEndpointRouteBuilder control)
    {
        control.MapGet("/health", Health);
        control.MapGet("/magic-amounts", ListMagicAmounts);
        control.MapGet("/clock", ReadClock);
        control.MapPost("/clock", AdvanceClock);
        control.MapPost("/settings", ChangeSettings);
        control.MapPost("/balance", ChangeBalance);
        control.MapGet("/payees", ListPayees);
        control.MapPost("/payees/{customerNo}", ChangePayee);
        control.MapPost("/payees/{customerNo}/portal", AddPortalAccount);
        control.MapPost("/accounts/{accountToken}", ChangeAccount);
        control.MapPost("/payouts/{invoiceId}", MovePayout);
    }

    private static ContentHttpResult Health() => TypedResults.Text("ok");

    private static Ok<MagicAmountList> ListMagicAmounts() => TypedResults.Ok(new MagicAmountList(
        [.. MagicAmounts.All.Select(magic => new MagicAmountView(
            magic.Cents.ToString("'.'00", PockytFormat.Culture), magic.Meaning))]));

    private static Ok<ClockView> ReadClock(SimulatorClock clock) => TypedResults.Ok(new ClockView(clock.GetUtcNow()));

    private static Ok<ClockView> AdvanceClock(ClockOrder order, SimulatorClock clock)
    {
        clock.Advance(TimeSpan.FromSeconds(order.AdvanceSeconds));
        return ReadClock(clock);
    }

    private static Results<NoContent, BadRequest<ControlProblem>> ChangeSettings(
        SettingsOrder order, SimulatorSettings settings)
    {
        if (order.NoticeEncoding is not (null or "form" or "json"))
        {
            return TypedResults.BadRequest(new ControlProblem("noticeEncoding is form or json"));
        }

        settings.NoticeDelay = Span(order.NoticeDelayMs) ?? settings.NoticeDelay;
        settings.DelayBetweenStatuses = Span(order.DelayBetweenStatusesMs) ?? settings.DelayBetweenStatuses;
        settings.InquiryLag = Span(order.InquiryLagMs) ?? settings.InquiryLag;
        settings.NoticeEncoding = order.NoticeEncoding ?? settings.NoticeEncoding;
        settings.DuplicateRetCode = order.DuplicateRetCode ?? settings.DuplicateRetCode;
        settings.ErrorHttpStatus = order.ErrorHttpStatus ?? settings.ErrorHttpStatus;
        settings.WrapAnswers = order.WrapAnswers ?? settings.WrapAnswers;
        settings.NewPayeeStatus = order.NewPayeeStatus ?? settings.NewPayeeStatus;
        settings.NewAccountStatus = order.NewAccountStatus ?? settings.NewAccountStatus;
        return TypedResults.NoContent();
    }

    private static Results<Ok<BalanceView>, Accepted<PlannedView>, BadRequest<ControlProblem>> ChangeBalance(
        BalanceOrder order, Balances balances, MerchantRegistry merchants, ScheduledChanges timetable)
    {
        var merchantNo = merchants.NoOf(order.MerchantNo);
        if (merchants.Find(merchantNo) is null)
        {
            return TypedResults.BadRequest(new ControlProblem("no such merchant"));
        }

        switch (order)
        {
            case { Amount: { } amount, Change: null, AfterSeconds: null }:
                balances.Set(order.Currency, amount, merchantNo);
                return TypedResults.Ok(new BalanceView(order.Currency, amount));
            case { Amount: null, Change: { } by, AfterSeconds: null }:
                return TypedResults.Ok(new BalanceView(
                    order.Currency, balances.Change(order.Currency, by, merchantNo)));
            case { Amount: null, Change: { } by, AfterSeconds: { } seconds }:
                return Planned(timetable.Add(
                    TimeSpan.FromSeconds(seconds),
                    (no, dueAt) => new ScheduledChange.ChangeBalance(no, dueAt, order.Currency, by, merchantNo)));
            default:
                return TypedResults.BadRequest(
                    new ControlProblem("either amount, or change, and afterSeconds with change only"));
        }
    }

    private static Ok<PayeeList> ListPayees(PayeeRegistry payees) =>
        TypedResults.Ok(new PayeeList([.. payees.All.Select(ViewOf)]));

    private static PayeeView ViewOf(Payee payee) => new(
        payee.MerchantNo,
        payee.CustomerNo,
        payee["customerCode"],
        payee["email"],
        payee.Status,
        [.. payee.Accounts.Select(ViewOf)]);

    private static AccountView ViewOf(Account account) => new(
        account.Token, account.Tag, account.Type, account.Country, account.Currency, account.Status);

    private static Results<NoContent, Accepted<PlannedView>, NotFound> ChangePayee(
        string customerNo, StatusOrder order, PayeeRegistry payees, SimulatorClock clock, ScheduledChanges timetable)
    {
        if (payees.Find(customerNo) is not { } payee)
        {
            return TypedResults.NotFound();
        }

        if (order.AfterSeconds is { } seconds)
        {
            return Planned(timetable.Add(
                TimeSpan.FromSeconds(seconds),
                (no, dueAt) => new ScheduledChange.MovePayee(no, dueAt, customerNo, order.Status)));
        }

        payees.Move(payee, order.Status, clock.GetUtcNow());
        return TypedResults.NoContent();
    }

    // What a payee sets up in the portal, no call of the merchant's creates: it bears no tag of the merchant's.
    private static Results<Ok<AccountView>, NotFound> AddPortalAccount(
        string customerNo,
        PortalOrder order,
        PayeeRegistry payees,
        Ids ids,
        SimulatorClock clock,
        SimulatorSettings settings)
    {
        if (payees.Find(customerNo) is not { } payee)
        {
            return TypedResults.NotFound();
        }

        var account = new Account
        {
            Token = ids.AccountToken(),
            CustomerNo = customerNo,
            Tag = null,
            Type = order.AccountType,
            Country = order.Country,
            Currency = order.Currency,
            MaskedNumber = Account.Mask(order.Number),
            IpnUrl = order.IpnUrl?.ToString(),
            CreatedAt = clock.GetUtcNow(),
            Status = order.Status ?? settings.NewAccountStatus,
        };
        payees.Add(payee, account);
        if (order.PayeeStatus is { } status)
        {
            payees.Move(payee, status, account.CreatedAt);
        }

        return TypedResults.Ok(ViewOf(account));
    }

    private static async Task<Results<Ok<Moved>, Accepted<PlannedView>, NotFound>> ChangeAccount(
        string accountToken,
        StatusOrder order,
        PayeeRegistry payees,
        AccountReview compliance,
        ScheduledChanges timetable,
        IHostApplicationLifetime lifetime)
    {
        if (payees.FindAccount(accountToken) is not { } account)
        {
            return TypedResults.NotFound();
        }

        if (order.AfterSeconds is { } seconds)
        {
            return Planned(timetable.Add(
                TimeSpan.FromSeconds(seconds),
                (no, dueAt) => new ScheduledChange.MoveAccount(no, dueAt, accountToken, order.Status, order.Notify)));
        }

        var line = await compliance.MoveAsync(
            account, order.Status, order.Notify, planNo: null, lifetime.ApplicationStopping);
        return TypedResults.Ok(new Moved(order.Status, line));
    }

    private static async Task<Results<Ok<Moved>, NotFound>> MovePayout(
        string invoiceId,
        PayoutOrder order,
        Ledger book,
        NoticeFactory notices,
        NoticeSender sender,
        SimulatorClock clock,
        IHostApplicationLifetime lifetime,
        string? merchantNo = null)
    {
        if (book.Find(invoiceId, merchantNo) is not { } payout)
        {
            return TypedResults.NotFound();
        }

        var now = clock.GetUtcNow();
        var notice = order.Notify ? notices.Of(payout, order.Status, now) : null;
        book.Move(payout, order.Status, now, owed: notice is null ? [] : [notice]);
        return TypedResults.Ok(new Moved(order.Status, await TellAsync(notice, sender, lifetime)));
    }

    private static Accepted<PlannedView> Planned(ScheduledChange plan) =>
        TypedResults.Accepted((string?)null, new PlannedView(plan.DueAt));

    // The first attempt is waited for, so that a test knows what came of it; further ones follow by themselves.
    private static async Task<NoticeLine?> TellAsync(
        Notice? notice, NoticeSender sender, IHostApplicationLifetime lifetime) =>
        notice is null ? null : await sender.SendAsync(notice, lifetime.ApplicationStopping);

    private static TimeSpan? Span(int? milliseconds) =>
        milliseconds is { } count ? TimeSpan.FromMilliseconds(count) : null;

    private sealed record MagicAmountList(IReadOnlyList<MagicAmountView> MagicAmounts);

    private sealed record MagicAmountView(string Cents, string Meaning);

    private sealed record ClockView(DateTimeOffset Now);

    internal sealed record ClockOrder(double AdvanceSeconds);

    internal sealed record SettingsOrder(
        int? NoticeDelayMs = null,
        int? DelayBetweenStatusesMs = null,
        int? InquiryLagMs = null,
        string? NoticeEncoding = null,
        string? DuplicateRetCode = null,
        int? ErrorHttpStatus = null,
        bool? WrapAnswers = null,
        string? NewPayeeStatus = null,
        string? NewAccountStatus = null);

    internal sealed record BalanceOrder(
        string Currency,
        decimal? Amount = null,
        decimal? Change = null,
        double? AfterSeconds = null,
        string? MerchantNo = null);

    private sealed record BalanceView(string Currency, decimal Amount);

    internal sealed record StatusOrder(string Status, bool? Notify = null, double? AfterSeconds = null);

    /// <summary>The payee's own status can be moved in the same breath: the portal ends with both.</summary>
    internal sealed record PortalOrder(
        string AccountType,
        string Country,
        string Currency,
        string Number = "0000",
        string? Status = null,
        string? PayeeStatus = null,
        Uri? IpnUrl = null);

    internal sealed record PayoutOrder(string Status, bool Notify = false);

    private sealed record PlannedView(DateTimeOffset DueAt);

    private sealed record Moved(string Status, NoticeLine? Notice);

    private sealed record PayeeList(IReadOnlyList<PayeeView> Payees);

    private sealed record PayeeView(
        string MerchantNo,
        string CustomerNo,
        string? CustomerCode,
        string? Email,
        string Status,
        IReadOnlyList<AccountView> Accounts);

    private sealed record AccountView(
        string AccountToken, string? AccountTag, string AccountType, string Country, string Currency, string Status);
}
