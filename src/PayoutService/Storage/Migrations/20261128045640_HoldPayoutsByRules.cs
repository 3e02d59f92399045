using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class HoldPayoutsByRules : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "findings",
                table: "payouts",
                type: "jsonb",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "approvals",
                columns: table => new
                {
                    payout_id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    requested_by = table.Column<string>(type: "text", nullable: false),
                    requested_owner = table.Column<string>(type: "text", nullable: false),
                    approvers = table.Column<int>(type: "integer", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    first_by = table.Column<string>(type: "text", nullable: true),
                    first_owner = table.Column<string>(type: "text", nullable: true),
                    first_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("approvals_pkey", x => x.payout_id);
                    table.CheckConstraint("first_approval_is_whole", "(first_by IS NULL) = (first_owner IS NULL) AND (first_by IS NULL) = (first_at IS NULL)");
                    table.CheckConstraint("nobody_approves_alone", "first_owner <> requested_owner");
                    table.CheckConstraint("one_or_two_approvers", "approvers IN (1, 2)");
                    table.ForeignKey(
                        name: "approval_has_payout",
                        column: x => x.payout_id,
                        principalTable: "payouts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "rule_sets",
                columns: table => new
                {
                    no = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    rules = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("rule_sets_pkey", x => x.no);
                });

            migrationBuilder.CreateTable(
                name: "screenings",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    payee_version = table.Column<int>(type: "integer", nullable: false),
                    account_version = table.Column<int>(type: "integer", nullable: false),
                    answer = table.Column<string>(type: "text", nullable: false),
                    said = table.Column<string>(type: "text", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("screenings_pkey", x => x.account_id);
                    table.CheckConstraint("screening_answer_is_known", "answer IN ('clean', 'hit', 'error')");
                    table.ForeignKey(
                        name: "screening_has_account",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.Sql("ALTER TABLE payouts ADD CONSTRAINT no_finding_is_passed CHECK (findings IS NULL OR status IN ('held', 'unconfirmed')) NOT VALID");

            migrationBuilder.Sql("ALTER TABLE payouts ADD CONSTRAINT rule_hold_has_finding CHECK (hold_reason IS NULL OR hold_reason NOT IN ('screening', 'limit', 'duplicateSuspect', 'newAccount', 'firstPayout', 'velocity', 'sharedAccount', 'approval') OR (findings IS NOT NULL AND jsonb_exists(findings, hold_reason))) NOT VALID");

            migrationBuilder.CreateIndex(
                name: "rule_sets_by_merchant",
                table: "rule_sets",
                columns: new[] { "merchant", "no" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "approvals");

            migrationBuilder.DropTable(
                name: "rule_sets");

            migrationBuilder.DropTable(
                name: "screenings");

            migrationBuilder.DropCheckConstraint(
                name: "no_finding_is_passed",
                table: "payouts");

            migrationBuilder.DropCheckConstraint(
                name: "rule_hold_has_finding",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "findings",
                table: "payouts");

        }
    }
}
