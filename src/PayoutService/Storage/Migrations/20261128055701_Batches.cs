using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Batches : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "batch_id",
                table: "payouts",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "failure_code",
                table: "payouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "failure_reason",
                table: "payouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "failure_text",
                table: "payouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "failure_reason",
                table: "payout_events",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "batches",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    api_key = table.Column<string>(type: "text", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    row_count = table.Column<int>(type: "integer", nullable: false),
                    error_count = table.Column<int>(type: "integer", nullable: false),
                    warning_count = table.Column<int>(type: "integer", nullable: false),
                    done_count = table.Column<int>(type: "integer", nullable: false),
                    totals = table.Column<string>(type: "jsonb", nullable: false),
                    balances = table.Column<string>(type: "jsonb", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: true),
                    planned_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    confirmed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    confirmed_by = table.Column<string>(type: "text", nullable: true),
                    canceled_by = table.Column<string>(type: "text", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    leased_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("batches_pkey", x => x.id);
                    table.CheckConstraint("batch_status_is_known", "status IN ('planning', 'planned', 'running', 'finished', 'canceling', 'canceled')");
                    table.CheckConstraint("batch_version_is_positive", "version > 0");
                    table.CheckConstraint("running_batch_was_confirmed", "status NOT IN ('running', 'finished') OR (confirmed_at IS NOT NULL AND confirmed_by IS NOT NULL)");
                });

            migrationBuilder.CreateTable(
                name: "batch_rows",
                columns: table => new
                {
                    batch_id = table.Column<Guid>(type: "uuid", nullable: false),
                    no = table.Column<int>(type: "integer", nullable: false),
                    cells = table.Column<string>(type: "jsonb", nullable: false),
                    faults = table.Column<string>(type: "jsonb", nullable: false),
                    has_error = table.Column<bool>(type: "boolean", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    payout_id = table.Column<Guid>(type: "uuid", nullable: true),
                    code = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("batch_rows_pkey", x => new { x.batch_id, x.no });
                    table.CheckConstraint("row_outcome_is_known", "outcome IN ('pending', 'created', 'replayed', 'refused', 'skipped', 'canceled')");
                    table.ForeignKey(
                        name: "row_has_batch",
                        column: x => x.batch_id,
                        principalTable: "batches",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.Sql("""
                ALTER TABLE payouts ADD CONSTRAINT only_unpaid_has_failure
                    CHECK (failure_reason IS NULL OR status IN ('failed', 'returned')) NOT VALID;
                """);

            migrationBuilder.CreateIndex(
                name: "batch_rows_pending",
                table: "batch_rows",
                columns: new[] { "batch_id", "no" },
                filter: "outcome = 'pending'");

            migrationBuilder.CreateIndex(
                name: "batch_rows_with_faults",
                table: "batch_rows",
                columns: new[] { "batch_id", "no" },
                filter: "faults <> '[]'");

            migrationBuilder.CreateIndex(
                name: "batches_by_age",
                table: "batches",
                columns: new[] { "merchant", "id" });

            migrationBuilder.CreateIndex(
                name: "batches_open",
                table: "batches",
                column: "id",
                filter: "status IN ('planning', 'planned', 'running', 'canceling')");

            migrationBuilder.Sql("""
                ALTER TABLE payouts ADD CONSTRAINT payout_has_batch
                    FOREIGN KEY (batch_id) REFERENCES batches (id) ON DELETE RESTRICT NOT VALID;
                """);
            migrationBuilder.Sql("""
                CREATE CONSTRAINT TRIGGER batch_has_history AFTER INSERT OR UPDATE OF version OR DELETE ON batches
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_history('batch');
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "payout_has_batch",
                table: "payouts");

            migrationBuilder.DropTable(
                name: "batch_rows");

            migrationBuilder.DropTable(
                name: "batches");

            migrationBuilder.DropCheckConstraint(
                name: "only_unpaid_has_failure",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "batch_id",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "failure_code",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "failure_reason",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "failure_text",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "failure_reason",
                table: "payout_events");
        }
    }
}
