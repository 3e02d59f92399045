using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Refunds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "refunds",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    refund_reference = table.Column<string>(type: "text", nullable: false),
                    transaction_no = table.Column<string>(type: "text", nullable: true),
                    reference = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<string>(type: "text", nullable: false),
                    attention = table.Column<string>(type: "text", nullable: true),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    settle_currency = table.Column<string>(type: "text", nullable: false),
                    refund_transaction_no = table.Column<string>(type: "text", nullable: true),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    provider_code = table.Column<string>(type: "text", nullable: true),
                    provider_message = table.Column<string>(type: "text", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    asks = table.Column<int>(type: "integer", nullable: false),
                    not_seen_count = table.Column<int>(type: "integer", nullable: false),
                    api_key = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("refunds_pkey", x => x.id);
                    table.CheckConstraint("refund_amount_is_positive", "amount_minor > 0");
                    table.CheckConstraint("refund_names_its_transaction", "transaction_no IS NOT NULL OR reference IS NOT NULL");
                    table.CheckConstraint("refund_status_is_known", "status IN ('submitting', 'unconfirmed', 'processing', 'succeeded', 'failed')");
                    table.CheckConstraint("refund_version_is_positive", "version > 0");
                    table.CheckConstraint("somebody_will_look_at_refund", "due_at IS NOT NULL OR status IN ('succeeded', 'failed')");
                });

            migrationBuilder.CreateIndex(
                name: "one_refund_per_reference",
                table: "refunds",
                columns: new[] { "merchant", "refund_reference" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_refund_per_refund_transaction",
                table: "refunds",
                columns: new[] { "merchant", "refund_transaction_no" },
                unique: true,
                filter: "refund_transaction_no IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "refunds_by_age",
                table: "refunds",
                columns: new[] { "merchant", "id" });

            migrationBuilder.CreateIndex(
                name: "refunds_by_transaction",
                table: "refunds",
                columns: new[] { "merchant", "transaction_no" });

            migrationBuilder.CreateIndex(
                name: "refunds_to_look_at",
                table: "refunds",
                column: "due_at",
                filter: "due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "refunds_with_attention",
                table: "refunds",
                column: "attention",
                filter: "attention IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "refunds");
        }
    }
}
