using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class FeesAndAccountNumbers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "fee_minor",
                table: "payouts",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "payment_time",
                table: "payouts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "number_fingerprint",
                table: "accounts",
                type: "text",
                nullable: true);

            migrationBuilder.AddCheckConstraint(
                name: "fee_within_amount",
                table: "payouts",
                sql: "fee_minor BETWEEN 0 AND amount_minor");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "fee_within_amount",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "fee_minor",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "payment_time",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "number_fingerprint",
                table: "accounts");
        }
    }
}
