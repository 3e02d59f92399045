using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Pauses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "asks",
                table: "payouts");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "checked_at",
                table: "payees",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "checked_at",
                table: "accounts",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.CreateTable(
                name: "pauses",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("one_pause_per_merchant", x => x.merchant);
                });

            migrationBuilder.CreateIndex(
                name: "payouts_once_held",
                table: "payouts",
                columns: new[] { "merchant", "currency", "id" },
                filter: "holds > 0 AND status IN ('queued', 'held', 'submitting')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "pauses");

            migrationBuilder.DropIndex(
                name: "payouts_once_held",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "checked_at",
                table: "payees");

            migrationBuilder.DropColumn(
                name: "checked_at",
                table: "accounts");

            migrationBuilder.AddColumn<int>(
                name: "asks",
                table: "payouts",
                type: "integer",
                nullable: false,
                defaultValue: 0);
        }
    }
}
