using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Feeds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateSequence(
                name: "line_numbers");

            migrationBuilder.AddColumn<Guid>(
                name: "replaced_by",
                table: "payouts",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "attention",
                table: "payout_events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "confirmed_by",
                table: "payout_events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "fee_minor",
                table: "payout_events",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "hold_reason",
                table: "payout_events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "line_no",
                table: "payout_events",
                type: "bigint",
                nullable: false,
                defaultValueSql: "CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('line_numbers') END");

            migrationBuilder.AddColumn<Guid>(
                name: "replaced_by",
                table: "payout_events",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "transaction_no",
                table: "payout_events",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "line_no",
                table: "history",
                type: "bigint",
                nullable: false,
                defaultValueSql: "CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('line_numbers') END");

            migrationBuilder.CreateTable(
                name: "feed_entries",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    line_no = table.Column<long>(type: "bigint", nullable: false),
                    part = table.Column<short>(type: "smallint", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feed_entries_pkey", x => new { x.merchant, x.sequence });
                });

            migrationBuilder.CreateTable(
                name: "feed_gaps",
                columns: table => new
                {
                    first = table.Column<long>(type: "bigint", nullable: false),
                    last = table.Column<long>(type: "bigint", nullable: false),
                    until = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feed_gaps_pkey", x => x.first);
                });

            migrationBuilder.CreateTable(
                name: "feed_progress",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    line_no = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feed_progress_pkey", x => x.id);
                    table.CheckConstraint("one_row_of_feed_progress", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "feeds",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    newest = table.Column<long>(type: "bigint", nullable: false),
                    oldest = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feeds_pkey", x => x.merchant);
                });

            migrationBuilder.InsertData(
                table: "feed_progress",
                columns: new[] { "id", "line_no" },
                values: new object[] { 1, 0L });

            migrationBuilder.CreateIndex(
                name: "payout_events_by_line",
                table: "payout_events",
                column: "line_no",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "history_by_line",
                table: "history",
                column: "line_no",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_feed_entry_per_part",
                table: "feed_entries",
                columns: new[] { "line_no", "part" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "feed_entries");

            migrationBuilder.DropTable(
                name: "feed_gaps");

            migrationBuilder.DropTable(
                name: "feed_progress");

            migrationBuilder.DropTable(
                name: "feeds");

            migrationBuilder.DropIndex(
                name: "payout_events_by_line",
                table: "payout_events");

            migrationBuilder.DropIndex(
                name: "history_by_line",
                table: "history");

            migrationBuilder.DropColumn(
                name: "replaced_by",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "attention",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "confirmed_by",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "fee_minor",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "hold_reason",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "line_no",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "replaced_by",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "transaction_no",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "line_no",
                table: "history");

            migrationBuilder.DropSequence(
                name: "line_numbers");
        }
    }
}
