using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PayoutService.Benchmarks.Baselines.Plain;

/// <summary>A payout as the plain handler takes it.</summary>
internal sealed record PlainOrder(Guid AccountId, string Amount, string Currency, string InvoiceId);

/// <summary>
/// What one writes first: a minimal API and EF Core, the same reads and writes as accepting a payout, with none of the
/// service's keys, validation, fingerprints and request log. It is no straw man: pooled contexts, no tracking where
/// nothing changes, as many connections as the service has, no log of SQL.
/// </summary>
internal static class PlainHandler
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddDbContextPool<PlainDb>(options =>
            options.UseNpgsql(builder.Configuration.GetConnectionString("Payouts")));
        var app = builder.Build();
        app.MapPost("/payouts", AcceptAsync);
        await app.RunAsync();
    }

    private static async Task<Results<Created<PlainPayout>, Conflict, NotFound>> AcceptAsync(
        PlainOrder order, PlainDb db, TimeProvider clock, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var known = await db.Payouts.AsNoTracking().SingleOrDefaultAsync(
            row => row.Merchant == "main" && row.InvoiceId == order.InvoiceId, cancel);
        if (known is not null)
        {
            return TypedResults.Conflict();
        }

        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(
            row => row.Merchant == "main" && row.Id == order.AccountId, cancel);
        if (account is not { Status: "active", AccountToken: not null } || account.Currency != order.Currency)
        {
            return TypedResults.NotFound();
        }

        var payee = await db.Payees.AsNoTracking().SingleAsync(row => row.Id == account.PayeeId, cancel);
        if (payee is not { Status: "active", CustomerNo: not null })
        {
            return TypedResults.NotFound();
        }

        var now = clock.GetUtcNow();
        var payout = new PlainPayout
        {
            Id = Guid.CreateVersion7(now),
            Merchant = account.Merchant,
            InvoiceId = order.InvoiceId,
            PayeeId = payee.Id,
            AccountId = account.Id,
            CustomerNo = payee.CustomerNo,
            AccountToken = account.AccountToken,
            AmountMinor = (long)(decimal.Parse(order.Amount, CultureInfo.InvariantCulture) * 100),
            Currency = order.Currency,
            Content = """{"amount": "oSi2CJvRi7Hy", "currency": "B+eAZYyE9R0v", "accountId": "6rFnV/ZyI1Xe"}""",
            Status = "queued",
            StatusSince = now,
            DueAt = now,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        db.Add(payout);
        db.Add(new PlainEvent
        {
            PayoutId = payout.Id,
            Version = 1,
            At = now,
            Actor = "benchmark",
            Kind = "accepted",
            ToStatus = "queued",
        });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return TypedResults.Created($"/payouts/{payout.Id}", payout);
    }
}
