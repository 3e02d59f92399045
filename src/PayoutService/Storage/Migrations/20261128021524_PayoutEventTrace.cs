using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class PayoutEventTrace : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "trace_id",
                table: "payout_events",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "payout_events_by_trace",
                table: "payout_events",
                column: "trace_id",
                filter: "trace_id IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "payout_events_by_trace",
                table: "payout_events");

            migrationBuilder.DropColumn(
                name: "trace_id",
                table: "payout_events");
        }
    }
}
