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
                    table.CheckConstraint("operator_action_is_known", "action IN ('loggedIn', 'revealed', 'askedPockyt', 'canceled', 'resolved', 'resent', 'paused', 'resumed')");
                });

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
                name: "operator_acts");

            migrationBuilder.DropIndex(
                name: "payees_by_email",
                table: "payees");

            migrationBuilder.DropIndex(
                name: "notices_by_age",
                table: "notices");
        }
    }
}
