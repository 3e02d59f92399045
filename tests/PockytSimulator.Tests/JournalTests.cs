using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using PayoutService.Tests.Support;
using PockytSimulator.Notices;
using PockytSimulator.PayIns;
using PockytSimulator.Payouts;
using PockytSimulator.State;

namespace PockytSimulator.Tests;

/// <summary>What a simulator with a state file still knows after it was killed and started again.</summary>
public sealed class JournalTests : IDisposable
{
    private static readonly (string, string) NeverByItself = ("NoticeDelay", "01:00:00");
    private readonly StateFolder state = new();
    private Process? process;

    public void Dispose()
    {
        process?.Kill();
        process?.Dispose();
        state.Dispose();
    }

    [Fact]
    public async Task The_book_and_the_payees_are_the_same_after_a_kill()
    {
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "paid", "500.00", "key-1");
        await first.Merchant.PayAsync(payee, "paid", "500.00", "key-1");
        await first.Merchant.PayAsync(payee, "paid", "500.00", "key-2");
        await first.Merchant.PayAsync(payee, "failed", "500.01");
        await first.Merchant.PayAsync(payee, "returned", "500.03");
        await first.Merchant.PayAsync(payee, "refused", "500.08");
        await first.Merchant.PayAsync(payee, "by-hand", "500.04");
        await first.Merchant.ControlAsync("/simulator/payouts/by-hand", new { status = "onhold" });
        await UntilAsync(() => first.Book.Find("returned")!.Status == "returned"
            && first.Book.Find("failed")!.Status == "failed" && first.Book.Find("paid")!.Status == "success");

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());

        foreach (var path in new[] { "/simulator/book", "/simulator/payees" })
        {
            Assert.Equal(await first.Merchant.ReadAsync(path), await second.Merchant.ReadAsync(path));
        }

        Assert.Equal(4, second.Book.PayoutCount);
        Assert.Equal(["accepted", "replayed", "duplicate"], second.Book.ArrivalsOf("paid").Select(a => a.Outcome));
    }

    [Fact]
    public async Task A_repeated_request_id_gets_the_same_bytes_after_a_kill_and_no_second_payout()
    {
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync();
        var answer = await first.Merchant.PayAsync(payee, "inv-1", "500.00", "key-1");

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        var replay = await second.Merchant.PayAsync(payee, "inv-1", "500.00", "key-1");
        var duplicate = await second.Merchant.PayAsync(payee, "inv-1", "500.00", "key-2");

        Assert.Equal(answer, replay);
        Assert.Contains("Duplicate request error", duplicate, StringComparison.Ordinal);
        Assert.Single(second.Book.Payouts);
    }

    [Fact]
    public async Task What_came_in_and_went_back_is_the_same_after_a_kill()
    {
        await using var first = await Provider.StartAsync(state.File);
        await first.Merchant.ControlAsync(
            "/simulator/transactions", new { reference = "order-1", amount = 10.00m, currency = "USD" });
        var answer = await first.Merchant.RefundAsync("order-1", "refund-1", "6.00", "key-1");
        await first.Merchant.RefundAsync("order-1", "refund-2", "5.00", "key-2");

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        var book = await second.Merchant.ReadAsync("/simulator/refunds");
        var replay = await second.Merchant.RefundAsync("order-1", "refund-1", "6.00", "key-1");
        var duplicate = await second.Merchant.RefundAsync("order-1", "refund-1", "6.00", "key-3");
        var rest = await second.Merchant.RefundAsync("order-1", "refund-3", "4.00", "key-4");
        var more = await second.Merchant.RefundAsync("order-1", "refund-4", "0.01", "key-5");

        Assert.Equal(await first.Merchant.ReadAsync("/simulator/refunds"), book);
        Assert.Equal(answer, replay);
        Assert.Contains("Duplicate request error", duplicate, StringComparison.Ordinal);
        Assert.Contains("000100", rest, StringComparison.Ordinal);
        Assert.Contains("000040", more, StringComparison.Ordinal);
        Assert.Equal(["6.00", "4.00"], second.Get<Transactions>().Refunds.Select(refund => Text(refund.Amount)));
    }

    [Fact]
    public async Task A_payout_that_was_due_settles_after_a_kill_at_its_time_and_its_notices_are_delivered()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var first = await Provider.StartAsync(state.File, NeverByItself);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "inv-1", "500.03", ipnUrl: receiver.Url);
        first.Advance(TimeSpan.FromMinutes(40));

        await using var second = await Provider.StartAsync(state.AsIfKilledNow(), NeverByItself);
        var before = second.Book.Find("inv-1")!.Status;
        second.Advance(TimeSpan.FromMinutes(20));
        await UntilAsync(() => receiver.Notices.Count == 1);
        second.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => receiver.Notices.Count == 2);

        Assert.Equal("pending", before);
        Assert.Equal(["success", "returned"], receiver.StatusesOf("inv-1"));
    }

    [Fact]
    public async Task A_payout_between_two_statuses_goes_on_to_the_second_after_a_kill()
    {
        await using var receiver = await Receiver.StartAsync();
        var hourBetween = ("DelayBetweenStatuses", "01:00:00");
        await using var first = await Provider.StartAsync(state.File, hourBetween);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "inv-1", "500.03", ipnUrl: receiver.Url);
        var file = await state.KilledAfterAsync("noticeTried", times: 1);

        await using var second = await Provider.StartAsync(file, hourBetween);
        second.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => receiver.Notices.Count == 2);

        Assert.Equal(["success", "returned"], receiver.StatusesOf("inv-1"));
        Assert.Equal(
            ["pending", "success", "returned"], second.Book.Find("inv-1")!.History.Select(change => change.Status));
    }

    [Fact]
    public async Task A_payout_moved_by_hand_stays_where_it_was_put_after_a_kill()
    {
        await using var first = await Provider.StartAsync(state.File, NeverByItself);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "by-hand", "500.00");
        await first.Merchant.PayAsync(payee, "by-itself", "500.00");
        await first.Merchant.ControlAsync("/simulator/payouts/by-hand", new { status = "onhold" });

        await using var second = await Provider.StartAsync(state.AsIfKilledNow(), NeverByItself);
        second.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => second.Book.Find("by-itself")!.Status == "success");

        Assert.Equal("onhold", second.Book.Find("by-hand")!.Status);
    }

    [Fact]
    public async Task A_notice_nobody_acknowledged_is_tried_again_after_a_kill_and_its_attempts_go_on_counting()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Acknowledges = false;
        var spacing = ("RetryMinutes:0", "60");
        var andThen = ("RetryMinutes:1", "60");
        await using var first = await Provider.StartAsync(state.File, spacing, andThen);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "inv-1", "500.00", ipnUrl: receiver.Url);
        await state.KilledAfterAsync("noticeTried", times: 1);
        first.Advance(TimeSpan.FromHours(1));
        var file = await state.KilledAfterAsync("noticeTried", times: 2);

        await using var second = await Provider.StartAsync(file, spacing, andThen);
        second.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => second.Get<NoticeLog>().Lines().Count == 1);

        Assert.Equal(3, second.Get<NoticeLog>().Lines().Single().Attempt);
        Assert.Single(receiver.Notices.Distinct());
    }

    [Fact]
    public async Task A_notice_not_even_tried_before_a_kill_is_sent_before_the_next_status()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "inv-1", "500.03", ipnUrl: receiver.Url);
        var file = await state.KilledAfterAsync("noticeTried", times: 2);
        var lines = await File.ReadAllLinesAsync(file);
        var untried = lines.TakeWhile(line => !line.Contains("noticeTried", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(file, untried);

        await using var second = await Provider.StartAsync(file);
        await UntilAsync(() => receiver.Notices.Count == 4);

        Assert.Equal(["success", "returned", "success", "returned"], receiver.StatusesOf("inv-1"));
        Assert.Equal(receiver.Notices[0], receiver.Notices[2]);
    }

    [Fact]
    public async Task A_delivered_notice_is_not_sent_again_after_a_kill()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync(receiver.Url);
        await first.Merchant.PayAsync(payee, "inv-1", "500.09", ipnUrl: receiver.Url);
        await first.Merchant.ControlAsync(
            $"/simulator/accounts/{payee.AccountToken}", new { status = "ACTIVATED", notify = true });
        var file = await state.KilledAfterAsync("noticeTried", times: 5);

        await using var second = await Provider.StartAsync(file);
        second.Advance(TimeSpan.FromHours(3));
        await second.Merchant.PayAsync(payee, "inv-2", "500.00", ipnUrl: receiver.Url);
        await UntilAsync(() => receiver.StatusesOf("inv-2").Count == 1);

        Assert.Equal(["success", "success", "pending", "success"], receiver.StatusesOf("inv-1"));
        Assert.Equal(6, receiver.Notices.Count);
    }

    [Fact]
    public async Task An_account_s_notice_nobody_acknowledged_is_tried_again_after_a_kill()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Acknowledges = false;
        await using var first = await Provider.StartAsync(state.File, ("NewAccountStatus", "PENDING"));
        var payee = await first.Merchant.RegisterAsync(receiver.Url);
        await first.Merchant.ControlAsync(
            $"/simulator/accounts/{payee.AccountToken}", new { status = "ACTIVATED", notify = true });

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        receiver.Acknowledges = true;
        second.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(() => second.Get<NoticeLog>().Lines().Count == 1);

        var line = second.Get<NoticeLog>().Lines().Single();
        Assert.Equal(("ACTIVATED", 2, true), (line.Status, line.Attempt, line.Delivered));
        Assert.Single(receiver.Notices.Distinct());
    }

    [Fact]
    public async Task Statuses_of_payees_and_accounts_still_count_after_a_kill()
    {
        await using var first = await Provider.StartAsync(state.File);
        var good = await first.Merchant.RegisterAsync();
        var declined = await first.Merchant.RegisterAsync();
        var invalid = await first.Merchant.RegisterAsync();
        var deleted = await first.Merchant.RegisterAsync();
        await first.Merchant.ControlAsync($"/simulator/payees/{declined.CustomerNo}", new { status = "Declined" });
        await first.Merchant.ControlAsync($"/simulator/accounts/{invalid.AccountToken}", new { status = "INVALID" });
        await first.Merchant.CallAsync("/v3/payee/account/delete", new()
        {
            ["customerNo"] = deleted.CustomerNo,
            ["accountToken"] = deleted.AccountToken,
        });

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());

        Assert.Contains("000100", await second.Merchant.PayAsync(good, "inv-1", "1.00"), StringComparison.Ordinal);
        Assert.Contains("000030", await second.Merchant.PayAsync(declined, "inv-2", "1.00"), StringComparison.Ordinal);
        Assert.Contains("000030", await second.Merchant.PayAsync(invalid, "inv-3", "1.00"), StringComparison.Ordinal);
        Assert.Contains("000021", await second.Merchant.PayAsync(deleted, "inv-4", "1.00"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_balance_is_right_after_a_kill_whatever_a_new_currency_would_start_with()
    {
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "untouched", "3.00", currency: "EUR");
        await first.Merchant.PayAsync(payee, "before", "100.00");
        await first.Merchant.ControlAsync("/simulator/balance", new { currency = "USD", amount = 1000.00m });
        await first.Merchant.PayAsync(payee, "paid", "300.00");
        await first.Merchant.PayAsync(payee, "failed", "200.01");
        await first.Merchant.PayAsync(payee, "returned", "200.03");
        await first.Merchant.PayAsync(payee, "too-much", "900.00");
        await UntilAsync(() => first.Book.Find("failed")!.Status == "failed"
            && first.Book.Find("returned")!.Status == "returned");

        await using var second = await Provider.StartAsync(state.AsIfKilledNow(), ("StartingBalance", "5"));

        Assert.Equal(700.00m, second.Get<Balances>().Of("USD", Provider.MerchantNo));
        Assert.Equal(9_999_997.00m, second.Get<Balances>().Of("EUR", Provider.MerchantNo));
        Assert.Equal(5m, second.Get<Balances>().Of("CAD", Provider.MerchantNo));
    }

    [Fact]
    public async Task Refused_sends_are_still_counted_after_a_kill()
    {
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "inv-1", "500.08");

        await using var second = await Provider.StartAsync(state.AsIfKilledNow());
        var again = await second.Merchant.PayAsync(payee, "inv-1", "500.08");
        var third = await second.Merchant.PayAsync(payee, "inv-1", "500.08");

        Assert.Contains("000040", again, StringComparison.Ordinal);
        Assert.Contains("000100", third, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("customerNo")]
    [InlineData("accountToken")]
    [InlineData("transactionNo")]
    public async Task No_id_is_given_out_twice_even_when_the_machine_s_clock_was_set_back(string name)
    {
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "inv-1", "500.04");
        var given = name switch
        {
            "customerNo" => payee.CustomerNo,
            "accountToken" => payee.AccountToken,
            _ => first.Book.Find("inv-1")!.TransactionNo,
        };

        // An id of a day to come in the file is as good as a clock that was set back.
        var file = state.AsIfKilledNow();
        var later = given[..^18] + "900000000000000000";
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, text.Replace(given, later, StringComparison.Ordinal));
        await using var second = await Provider.StartAsync(file);

        Assert.Equal("900000000000000001", second.Get<Ids>().TransactionNo());
    }

    [Fact]
    public async Task A_line_torn_by_a_kill_is_ignored_and_the_file_is_whole_again()
    {
        await using var first = await Provider.StartAsync(state.File);
        var payee = await first.Merchant.RegisterAsync();
        await first.Merchant.PayAsync(payee, "inv-1", "500.04");
        var file = state.AsIfKilledNow();
        var torn = (await File.ReadAllLinesAsync(file)).Last(line => line.Contains("inv-1", StringComparison.Ordinal));
        await File.AppendAllTextAsync(file, torn[..^1]);

        await using (var second = await Provider.StartAsync(file))
        {
            Assert.Single(second.Book.Payouts);
            Assert.Single(second.Book.Arrivals);
            await second.Merchant.PayAsync(payee, "inv-2", "500.04");
        }

        await using var third = await Provider.StartAsync(file);
        Assert.Equal(["inv-1", "inv-2"], third.Book.Payouts.Select(payout => payout.InvoiceId));
    }

    [Theory]
    [InlineData("{\"kind\":\"payCallArr")]
    [InlineData("{\"kind\":\"unheardOf\"}")]
    [InlineData("{\"kind\":\"sendRefused\"}")]
    [InlineData("{\"kind\":\"accountMoved\",\"token\":\"2010\",\"status\":\"INVALID\",\"owed\":null}")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Any_other_unreadable_line_stops_the_start_with_its_file_and_number(string broken)
    {
        await using (var first = await Provider.StartAsync(state.File))
        {
            await first.Merchant.RegisterAsync();
        }

        var lines = await File.ReadAllLinesAsync(state.File);
        await File.WriteAllLinesAsync(state.File, [lines[0], broken, .. lines[1..]]);
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => Provider.StartAsync(state.File));

        Assert.StartsWith($"Line 2 of the state file {state.File} ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);

        // A start that was stopped holds nothing.
        await File.WriteAllLinesAsync(state.File, lines);
        await using var repaired = await Provider.StartAsync(state.File);
        Assert.Contains("payee-1", await repaired.Merchant.ReadAsync("/simulator/payees"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_simulator_does_not_start_on_the_state_file_of_one_that_runs()
    {
        await using var first = await Provider.StartAsync(state.File);

        var failure = await Assert.ThrowsAsync<IOException>(() => Provider.StartAsync(state.File));

        Assert.Contains(state.File, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_was_answered_before_the_process_is_killed_under_load_is_known_afterwards()
    {
        var url = FreeUrl();
        process = StartProcess(url);
        using var merchant = new Merchant(url);
        await UntilAnsweredAsync(merchant, process);
        var payee = await merchant.RegisterAsync();
        var answered = new ConcurrentDictionary<string, string>();
        var calls = Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            try
            {
                for (var call = 0; ; call++)
                {
                    var invoiceId = string.Create(CultureInfo.InvariantCulture, $"inv-{caller}-{call}");
                    answered[invoiceId] = await merchant.PayAsync(payee, invoiceId, "1.00", "key-" + invoiceId);
                }
            }
            catch (Exception killed) when (killed is HttpRequestException or IOException)
            {
            }
        })).ToList();
        await UntilAsync(() => answered.Count > 500 || process.HasExited);
        process.Kill();
        await Task.WhenAll(calls);

        await using var second = await Provider.StartAsync(state.File);
        await UntilAsync(() => second.Book.Payouts.All(payout => payout.Status == "success"));
        foreach (var (invoiceId, answer) in answered)
        {
            Assert.Equal(answer, await second.Merchant.PayAsync(payee, invoiceId, "1.00", "key-" + invoiceId));
        }

        Assert.Equal(10_000_000m - second.Book.PayoutCount, second.Get<Balances>().Of("USD", Provider.MerchantNo));
        Assert.InRange(second.Book.PayoutCount, answered.Count, answered.Count + 8);
    }

    private static string Text(decimal amount) => amount.ToString("F2", CultureInfo.InvariantCulture);

    private static Uri FreeUrl() => new($"http://127.0.0.1:{Ports.Take()}");

    private Process StartProcess(Uri url) => Process.Start(
        Path.Combine(AppContext.BaseDirectory, "PockytSimulator"),
        [$"--urls={url}", $"--Simulator:StateFile={state.File}", "--Simulator:NoticeDelay=00:00:00"]);

    private static async Task UntilAnsweredAsync(Merchant merchant, Process process)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await merchant.ReadAsync("/simulator/health");
                return;
            }
            catch (HttpRequestException) when (tries < 400 && !process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    private static Task UntilAsync(Func<bool> condition) => StateFolder.UntilAsync(condition);
}
