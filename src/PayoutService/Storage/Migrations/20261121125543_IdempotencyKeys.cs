using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class IdempotencyKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "one_payout_per_idempotency_key",
                table: "payouts");

            migrationBuilder.CreateTable(
                name: "idempotency_keys",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    api_key = table.Column<string>(type: "text", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false),
                    payout_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("one_payout_per_idempotency_key", x => new { x.merchant, x.api_key, x.key });
                    table.ForeignKey(
                        name: "idempotency_key_has_payout",
                        column: x => x.payout_id,
                        principalTable: "payouts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "idempotency_keys_by_payout",
                table: "idempotency_keys",
                column: "payout_id");

            // The column stays, because replicas of the version before still write it while this one starts.
            migrationBuilder.Sql(
                """
                INSERT INTO idempotency_keys (merchant, api_key, key, payout_id)
                SELECT merchant, api_key, idempotency_key, id FROM payouts WHERE idempotency_key IS NOT NULL;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "idempotency_keys");

            migrationBuilder.CreateIndex(
                name: "one_payout_per_idempotency_key",
                table: "payouts",
                columns: new[] { "merchant", "api_key", "idempotency_key" },
                unique: true,
                filter: "idempotency_key IS NOT NULL");
        }
    }
}
