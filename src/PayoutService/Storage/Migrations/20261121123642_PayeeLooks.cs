using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class PayeeLooks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "due_at",
                table: "payees",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<int>(
                name: "looks",
                table: "payees",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AlterColumn<string>(
                name: "invoice_id",
                table: "notices",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AddColumn<Guid>(
                name: "account_id",
                table: "notices",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "payees_to_look_at",
                table: "payees",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "notices_by_account",
                table: "notices",
                column: "account_id",
                filter: "account_id IS NOT NULL");

            migrationBuilder.AddCheckConstraint(
                name: "notice_is_about_something",
                table: "notices",
                sql: "(invoice_id IS NULL) <> (account_id IS NULL)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "payees_to_look_at",
                table: "payees");

            migrationBuilder.DropIndex(
                name: "notices_by_account",
                table: "notices");

            migrationBuilder.DropCheckConstraint(
                name: "notice_is_about_something",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "due_at",
                table: "payees");

            migrationBuilder.DropColumn(
                name: "looks",
                table: "payees");

            migrationBuilder.DropColumn(
                name: "account_id",
                table: "notices");

            migrationBuilder.AlterColumn<string>(
                name: "invoice_id",
                table: "notices",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);
        }
    }
}
