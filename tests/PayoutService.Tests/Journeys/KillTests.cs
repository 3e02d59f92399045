using System.Globalization;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using PockytSimulator;
using PockytSimulator.Payouts;

namespace PayoutService.Tests.Journeys;

/// <summary>The service as a process of its own, killed while payouts of every kind are in flight.</summary>
[Trait("Run", "Long")]
public sealed class KillTests
{
    private static readonly string[] Cents = ["00", "01", "02", "03", "04", "05", "07", "08", "09", "10", "11"];

    [Fact]
    public async Task Killed_with_fifty_payouts_in_flight_and_started_again_every_payout_ends_as_the_book_says()
    {
        await using var simulator = Simulator.Build([], builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration["Simulator:NoticeDelay"] = "00:00:00.200";
        });
        await simulator.StartAsync();
        var book = simulator.Services.GetRequiredService<Ledger>();
        var database = await TestDatabase.CreateAsync();
        using var service = await ServiceProcess.StartAsync(database, simulator.Urls.First());
        var accountId = await service.RegisterAsync();
        var asked = Enumerable.Range(0, 50).Select(number =>
            (InvoiceId: $"kill-{number}", Amount: $"100.{Cents[number % Cents.Length]}")).ToList();

        var accepted = new List<string>();
        var asking = AskForAllAsync(service.Api, accountId, asked, accepted);
        for (var kill = 0; kill < Proof.Size(full: 3, usual: 1); kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System);
            await service.RestartAsync();
        }

        await asking;
        var rows = await SettledAsync(database);
        service.Kill();

        Assert.Equal(50, accepted.Distinct().Count());
        Assert.Superset(accepted.ToHashSet(), rows.Select(row => row.InvoiceId).ToHashSet());
        Assert.All(rows, row => Assert.True(
            row.Status.IsFinal() || row.DueAt is not null || row.Attention is not null,
            $"{row.InvoiceId} is forgotten."));
        Assert.Equal(
            book.Payouts.Select(paid => (paid.InvoiceId, Text(paid.Amount), Word(paid.Status))).Order(),
            rows.Select(row => (row.InvoiceId, row.Amount.ToString(), row.Status.ToString())).Order());
        Assert.All(book.Payouts.GroupBy(paid => paid.InvoiceId), paid => Assert.Single(paid));
    }

    private static string Word(string pockytStatus) => pockytStatus switch
    {
        "success" => nameof(PayoutStatus.Succeeded),
        "failed" => nameof(PayoutStatus.Failed),
        "returned" => nameof(PayoutStatus.Returned),
        _ => nameof(PayoutStatus.Processing),
    };

    private static bool IsKeptPending(Payout row) =>
        row.Status is PayoutStatus.Processing && row.AmountMinor % 100 == 4;

    private static bool IsToBeReturned(Payout row) =>
        row.Status is PayoutStatus.Succeeded && row.AmountMinor % 100 == 3;

    private static string Text(decimal amount) => amount.ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>Asks until it is answered: what a caller does whose call broke.</summary>
    private static async Task AskForAllAsync(
        HttpClient api, string accountId, List<(string InvoiceId, string Amount)> asked, List<string> accepted)
    {
        foreach (var (invoiceId, amount) in asked)
        {
            while (!accepted.Contains(invoiceId))
            {
                try
                {
                    var answer = await api.PostAsJsonAsync("/v1/payouts", Example.Payout(accountId, invoiceId, amount));
                    if (answer.IsSuccessStatusCode)
                    {
                        accepted.Add(invoiceId);
                    }
                }
                catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    /// <summary>The rows once all are final and confirmed, but for those Pockyt keeps pending; as they are after four
    /// minutes. One whose answer was lost in a kill waits for its lease before silence counts, and one that is then
    /// refused for the balance does so once more: a minute when nothing else is slow.</summary>
    private static async Task<List<Payout>> SettledAsync(string database)
    {
        await using var source = StorageSetup.Open(database);
        var options = new DbContextOptionsBuilder<PayoutDb>().UseNpgsql(source).Options;
        for (var tries = 0; ; tries++)
        {
            await using var db = new PayoutDb(options);
            var rows = await db.Payouts.AsNoTracking().ToListAsync();
            var settled = rows.All(
                row => IsKeptPending(row) || (row.ConfirmedBy is not null && !IsToBeReturned(row)));
            if (settled || tries > 960)
            {
                return rows;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System);
        }
    }
}
