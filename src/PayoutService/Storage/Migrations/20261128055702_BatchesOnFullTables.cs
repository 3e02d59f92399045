using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace PayoutService.Storage.Migrations;

/// <summary>What batches need of tables that are full.</summary>
[DbContext(typeof(PayoutDb))]
[Migration("20261128055702_BatchesOnFullTables")]
public sealed class BatchesOnFullTables : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Validate("payouts", "only_unpaid_has_failure");
        migrationBuilder.Validate("payouts", "payout_has_batch");
        migrationBuilder.BuildIndex("payouts_of_batch", "payouts (batch_id, id) WHERE batch_id IS NOT NULL");
    }
}
