using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace PayoutService.Storage.Migrations;

/// <summary>What the holds need of tables that are full.</summary>
[DbContext(typeof(PayoutDb))]
[Migration("20261128045641_HoldsOnFullTables")]
public sealed class HoldsOnFullTables : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Validate("payouts", "no_finding_is_passed");
        migrationBuilder.Validate("payouts", "rule_hold_has_finding");
        migrationBuilder.BuildIndex(
            "payouts_held_by_rules",
            "payouts (merchant, due_at, id) WHERE status = 'held' AND findings IS NOT NULL");
        migrationBuilder.BuildIndex(
            "accounts_by_number", "accounts (merchant, number_fingerprint) WHERE number_fingerprint IS NOT NULL");
    }
}
