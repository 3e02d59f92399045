using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class ProviderCalls : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "operator_action_is_known",
                table: "operator_acts");

            migrationBuilder.CreateTable(
                name: "provider_calls",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    payout_id = table.Column<Guid>(type: "uuid", nullable: true),
                    request_id = table.Column<Guid>(type: "uuid", nullable: true),
                    operation = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    latency_ms = table.Column<int>(type: "integer", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    result = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("provider_calls_pkey", x => x.id);
                    table.CheckConstraint("call_outcome_is_known", "outcome IN ('answered', 'notSent', 'unclear')");
                });

            migrationBuilder.AddCheckConstraint(
                name: "operator_action_is_known",
                table: "operator_acts",
                sql: "action IN ('loggedIn', 'revealed', 'askedPockyt', 'canceled', 'resolved', 'resent', 'recovered', 'paused', 'resumed')");

            migrationBuilder.CreateIndex(
                name: "provider_calls_by_payout",
                table: "provider_calls",
                columns: new[] { "payout_id", "id" },
                filter: "payout_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "provider_calls_by_request",
                table: "provider_calls",
                column: "request_id",
                filter: "request_id IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "provider_calls");

            migrationBuilder.DropCheckConstraint(
                name: "operator_action_is_known",
                table: "operator_acts");

            migrationBuilder.AddCheckConstraint(
                name: "operator_action_is_known",
                table: "operator_acts",
                sql: "action IN ('loggedIn', 'revealed', 'askedPockyt', 'canceled', 'resolved', 'resent', 'paused', 'resumed')");
        }
    }
}
