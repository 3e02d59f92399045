using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Recoveries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "asked_again_at",
                table: "deliveries",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "failures",
                table: "deliveries",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "recoveries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    endpoint_id = table.Column<Guid>(type: "uuid", nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    first = table.Column<long>(type: "bigint", nullable: false),
                    @checked = table.Column<long>(name: "checked", type: "bigint", nullable: false),
                    last = table.Column<long>(type: "bigint", nullable: false),
                    scheduled = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("recoveries_pkey", x => x.id);
                    table.ForeignKey(
                        name: "recovery_has_endpoint",
                        column: x => x.endpoint_id,
                        principalTable: "webhook_endpoints",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "one_recovery_at_a_time",
                table: "recoveries",
                column: "endpoint_id",
                unique: true,
                filter: "finished_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "recoveries");

            migrationBuilder.DropColumn(
                name: "asked_again_at",
                table: "deliveries");

            migrationBuilder.DropColumn(
                name: "failures",
                table: "deliveries");
        }
    }
}
