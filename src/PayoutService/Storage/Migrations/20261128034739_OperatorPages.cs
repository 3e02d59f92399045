using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class OperatorPages : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "traceparent",
                table: "payouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "trace_id",
                table: "payout_events",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "counted_no",
                table: "feed_progress",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    friendly_name = table.Column<string>(type: "text", nullable: true),
                    xml = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("data_protection_keys_pkey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "delivery_counts",
                columns: table => new
                {
                    endpoint_id = table.Column<Guid>(type: "uuid", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("delivery_counts_pkey", x => new { x.endpoint_id, x.day, x.outcome });
                    table.ForeignKey(
                        name: "delivery_count_has_endpoint",
                        column: x => x.endpoint_id,
                        principalTable: "webhook_endpoints",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "operator_acts",
                columns: table => new
                {
                    no = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("operator_acts_pkey", x => x.no);
                    table.CheckConstraint("operator_action_is_known", "action IN ('loggedIn', 'revealed', 'askedPockyt', 'canceled', 'resolved', 'resent', 'recovered', 'paused', 'resumed')");
                });

            migrationBuilder.CreateTable(
                name: "payout_counts",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    rail = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    money_moved = table.Column<string>(type: "text", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false),
                    amount_minor = table.Column<decimal>(type: "numeric", nullable: false),
                    fee_count = table.Column<long>(type: "bigint", nullable: false),
                    fee_minor = table.Column<decimal>(type: "numeric", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payout_counts_pkey", x => new { x.merchant, x.day, x.currency, x.rail, x.status, x.money_moved });
                });

            migrationBuilder.CreateTable(
                name: "payout_times",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    rail = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payout_times_pkey", x => new { x.merchant, x.day, x.currency, x.rail, x.status, x.bucket });
                });

            migrationBuilder.CreateTable(
                name: "provider_calls",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    payout_id = table.Column<Guid>(type: "uuid", nullable: true),
                    request_id = table.Column<Guid>(type: "uuid", nullable: true),
                    operation = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    latency_ms = table.Column<int>(type: "integer", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    result = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("provider_calls_pkey", x => x.id);
                    table.CheckConstraint("call_outcome_is_known", "outcome IN ('answered', 'notSent', 'unclear')");
                });

            migrationBuilder.UpdateData(
                table: "feed_progress",
                keyColumn: "id",
                keyValue: 1,
                column: "counted_no",
                value: 0L);

            migrationBuilder.CreateIndex(
                name: "payout_events_by_trace",
                table: "payout_events",
                column: "trace_id",
                filter: "trace_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payees_by_email",
                table: "payees",
                columns: new[] { "merchant", "email" });

            migrationBuilder.CreateIndex(
                name: "notices_by_age",
                table: "notices",
                columns: new[] { "merchant", "received_at" });

            migrationBuilder.CreateIndex(
                name: "operator_acts_by_merchant",
                table: "operator_acts",
                columns: new[] { "merchant", "no" });

            migrationBuilder.CreateIndex(
                name: "provider_calls_by_payout",
                table: "provider_calls",
                columns: new[] { "payout_id", "id" },
                filter: "payout_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "provider_calls_by_request",
                table: "provider_calls",
                column: "request_id",
                filter: "request_id IS NOT NULL");

            migrationBuilder.Sql("""
                CREATE TRIGGER operator_acts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_acts
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "data_protection_keys");

            migrationBuilder.DropTable(
                name: "delivery_counts");

            migrationBuilder.DropTable(
                name: "operator_acts");

            migrationBuilder.DropTable(
                name: "payout_counts");

            migrationBuilder.DropTable(
                name: "payout_times");

            migrationBuilder.DropTable(
                name: "provider_calls");

            migrationBuilder.DropIndex(
                name: "payout_events_by_trace",
                table: "payout_events");

            migrationBuilder.DropIndex(
                name: "payees_by_email",
                table: "payees");

            migrationBuilder.DropIndex(
                name: "notices_by_age",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "traceparent",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "trace_id",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "counted_no",
                table: "feed_progress");
        }
    }
}
