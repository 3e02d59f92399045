using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class FairIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "payouts_to_look_at",
                table: "payouts");

            migrationBuilder.DropIndex(
                name: "payouts_to_send",
                table: "payouts");

            migrationBuilder.CreateIndex(
                name: "payouts_to_look_at",
                table: "payouts",
                columns: new[] { "merchant", "due_at", "id" },
                filter: "status <> 'queued' AND due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_to_send",
                table: "payouts",
                columns: new[] { "merchant", "due_at", "id" },
                filter: "status = 'queued'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "payouts_to_look_at",
                table: "payouts");

            migrationBuilder.DropIndex(
                name: "payouts_to_send",
                table: "payouts");

            migrationBuilder.CreateIndex(
                name: "payouts_to_look_at",
                table: "payouts",
                columns: new[] { "due_at", "id" },
                filter: "status <> 'queued' AND due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_to_send",
                table: "payouts",
                columns: new[] { "due_at", "id" },
                filter: "status = 'queued'");
        }
    }
}
