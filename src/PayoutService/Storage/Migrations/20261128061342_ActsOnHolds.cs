using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class ActsOnHolds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "operator_action_is_known",
                table: "operator_acts");

            migrationBuilder.AddCheckConstraint(
                name: "operator_action_is_known",
                table: "operator_acts",
                sql: "action IN ('loggedIn', 'revealed', 'askedPockyt', 'canceled', 'resolved', 'resent', 'recovered', 'paused', 'resumed', 'released', 'approved', 'rejected', 'uploaded', 'confirmed')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "operator_action_is_known",
                table: "operator_acts");

            migrationBuilder.AddCheckConstraint(
                name: "operator_action_is_known",
                table: "operator_acts",
                sql: "action IN ('loggedIn', 'revealed', 'askedPockyt', 'canceled', 'resolved', 'resent', 'recovered', 'paused', 'resumed')");
        }
    }
}
