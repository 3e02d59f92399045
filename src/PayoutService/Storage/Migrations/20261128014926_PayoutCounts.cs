using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class PayoutCounts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "counted_no",
                table: "feed_progress",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

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

            migrationBuilder.UpdateData(
                table: "feed_progress",
                keyColumn: "id",
                keyValue: 1,
                column: "counted_no",
                value: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "delivery_counts");

            migrationBuilder.DropTable(
                name: "payout_counts");

            migrationBuilder.DropTable(
                name: "payout_times");

            migrationBuilder.DropColumn(
                name: "counted_no",
                table: "feed_progress");
        }
    }
}
