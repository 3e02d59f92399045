using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>What is in the database is still there, and still means the same, after the schema has changed.</summary>
public sealed class MigrationTests(Stage stage) : IClassFixture<Stage>
{
    [Fact]
    public async Task An_idempotency_key_that_was_kept_with_its_payout_goes_on_meaning_it()
    {
        stage.Api.DefaultRequestHeaders.Add("Idempotency-Key", "kept");
        await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "kept-invoice"));
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        await db.GetService<IMigrator>().MigrateAsync("Refunds");
        await db.Database.MigrateAsync();

        var answer = await stage.Api.PostAsJsonAsync("/v1/payouts", Example.Payout(stage.AccountId, "another"));

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    [Theory]
    [InlineData("payouts_to_send", "WHERE (status = 'queued'::text)")]
    [InlineData("payouts_to_look_at",
        "WHERE ((status <> 'submitting'::text) AND ((status <> 'queued'::text) OR (attention IS NOT NULL)) "
        + "AND (due_at IS NOT NULL))")]
    public async Task What_is_due_is_found_by_an_index_of_its_own(string index, string rows)
    {
        await using var db = await stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();

        var definition = await db.Database.SqlQuery<string>($"""
            SELECT indexdef AS "Value" FROM pg_indexes WHERE indexname = {index}
            """).SingleOrDefaultAsync();

        Assert.EndsWith($"(merchant, due_at, id) {rows}", definition, StringComparison.Ordinal);
    }
}
