using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Payors : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "payor_no",
                table: "payees",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "payor_no",
                table: "accounts",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "payors",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    payor_code = table.Column<string>(type: "text", nullable: false),
                    payor_no = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<string>(type: "text", nullable: false),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    status_heard_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payors_pkey", x => x.id);
                    table.CheckConstraint("payor_status_is_known", "status IN ('registering', 'unconfirmed', 'saved', 'submitted', 'approved', 'effective', 'declined', 'unknown')");
                    table.CheckConstraint("payor_version_is_positive", "version > 0");
                    table.CheckConstraint("registered_payor_has_number", "(status IN ('registering', 'unconfirmed')) = (payor_no IS NULL)");
                    table.CheckConstraint("registering_payor_has_lease", "(status = 'registering') = (lease_until IS NOT NULL)");
                });

            migrationBuilder.CreateIndex(
                name: "one_payor_per_payor_code",
                table: "payors",
                columns: new[] { "merchant", "payor_code" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_payor_per_payor_no",
                table: "payors",
                columns: new[] { "merchant", "payor_no" },
                unique: true,
                filter: "payor_no IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payors_by_age",
                table: "payors",
                columns: new[] { "merchant", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "payors");

            migrationBuilder.DropColumn(
                name: "payor_no",
                table: "payees");

            migrationBuilder.DropColumn(
                name: "payor_no",
                table: "accounts");
        }
    }
}
