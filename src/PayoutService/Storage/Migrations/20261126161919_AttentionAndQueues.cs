using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class AttentionAndQueues : Migration
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
                name: "payouts_not_paid",
                table: "payouts",
                columns: new[] { "merchant", "status", "id" },
                filter: "status IN ('failed', 'returned', 'canceled')");

            migrationBuilder.CreateIndex(
                name: "payouts_to_look_at",
                table: "payouts",
                columns: new[] { "merchant", "due_at", "id" },
                filter: "status <> 'submitting' AND (status <> 'queued' OR attention IN ('contradiction', 'mismatch')) AND due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_to_send",
                table: "payouts",
                columns: new[] { "merchant", "currency", "due_at", "id" },
                filter: "status = 'queued'");

            // Both jump from one value to the next in an index, where SELECT DISTINCT would read every row.
            migrationBuilder.Sql("""
                CREATE FUNCTION queued_currencies(of_merchant text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
                    WITH RECURSIVE found AS (
                        (SELECT currency FROM payouts WHERE status = 'queued' AND merchant = of_merchant
                         ORDER BY currency LIMIT 1)
                        UNION ALL
                        SELECT (SELECT next.currency FROM payouts AS next
                                WHERE next.status = 'queued' AND next.merchant = of_merchant
                                  AND next.currency > found.currency
                                ORDER BY next.currency LIMIT 1)
                        FROM found WHERE currency IS NOT NULL)
                    SELECT currency FROM found WHERE currency IS NOT NULL
                $$;
                CREATE FUNCTION known_merchants() RETURNS SETOF text LANGUAGE sql STABLE AS $$
                    WITH RECURSIVE found AS (
                        (SELECT merchant FROM payees ORDER BY merchant LIMIT 1)
                        UNION ALL
                        SELECT (SELECT next.merchant FROM payees AS next WHERE next.merchant > found.merchant
                                ORDER BY next.merchant LIMIT 1)
                        FROM found WHERE merchant IS NOT NULL)
                    SELECT merchant FROM found WHERE merchant IS NOT NULL
                $$;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP FUNCTION queued_currencies(text); DROP FUNCTION known_merchants();");

            migrationBuilder.DropIndex(
                name: "payouts_not_paid",
                table: "payouts");

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
                filter: "status <> 'submitting' AND (status <> 'queued' OR attention IS NOT NULL) AND due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_to_send",
                table: "payouts",
                columns: new[] { "merchant", "due_at", "id" },
                filter: "status = 'queued'");
        }
    }
}
