using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class PresentAndReplicas : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "restores_pkey",
                table: "restores");

            migrationBuilder.DropIndex(
                name: "payouts_to_look_at",
                table: "payouts");

            migrationBuilder.DropPrimaryKey(
                name: "one_pause_per_merchant",
                table: "pauses");

            migrationBuilder.AddColumn<long>(
                name: "no",
                table: "restores",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "is_lossy",
                table: "restores",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "cancel_requested_by",
                table: "payouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "not_sent_count",
                table: "payouts",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "overruled_at",
                table: "payouts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "overruled_by",
                table: "payouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "overruled_owner",
                table: "payouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "overruling",
                table: "payouts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "restore_no",
                table: "payouts",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "attention",
                table: "payees",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "kind",
                table: "pauses",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<Guid>(
                name: "caused_by",
                table: "pauses",
                type: "uuid",
                nullable: true);

            migrationBuilder.Sql("""
                ALTER TABLE restores DISABLE TRIGGER restores_append_only;
                UPDATE restores SET no = counted.no
                FROM (SELECT at, row_number() OVER (ORDER BY at) AS no FROM restores) AS counted
                WHERE counted.at = restores.at;
                ALTER TABLE restores ENABLE TRIGGER restores_append_only;
                UPDATE pauses SET kind = CASE WHEN actor IN ('pockyt', 'restore') THEN actor ELSE 'operator' END;
                """);

            migrationBuilder.AddPrimaryKey(
                name: "restores_pkey",
                table: "restores",
                column: "no");

            migrationBuilder.AddPrimaryKey(
                name: "one_pause_per_kind",
                table: "pauses",
                columns: new[] { "merchant", "kind" });

            migrationBuilder.CreateTable(
                name: "replicas",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    beat = table.Column<long>(type: "bigint", nullable: false),
                    beat_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    timeline = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("replicas_pkey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "restore_clearances",
                columns: table => new
                {
                    restore_no = table.Column<long>(type: "bigint", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("restore_clearances_pkey", x => new { x.restore_no, x.merchant });
                    table.ForeignKey(
                        name: "clearance_has_restore",
                        column: x => x.restore_no,
                        principalTable: "restores",
                        principalColumn: "no",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "payouts_open",
                table: "payouts",
                columns: new[] { "merchant", "status", "id" },
                filter: "status <> 'canceled' AND confirmed_by IS NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_submitting",
                table: "payouts",
                columns: new[] { "merchant", "due_at" },
                filter: "status = 'submitting'");

            migrationBuilder.CreateIndex(
                name: "payouts_to_look_at",
                table: "payouts",
                columns: new[] { "merchant", "due_at", "id" },
                filter: "status <> 'submitting' AND (status <> 'queued' OR attention IS NOT NULL) AND due_at IS NOT NULL");

            migrationBuilder.AddCheckConstraint(
                name: "overruling_is_whole",
                table: "payouts",
                sql: "(overruling IS NULL) = (overruled_by IS NULL) AND (overruling IS NULL) = (overruled_owner IS NULL) AND (overruling IS NULL) = (overruled_at IS NULL)");

            migrationBuilder.CreateIndex(
                name: "notices_without_payout",
                table: "notices",
                columns: new[] { "merchant", "invoice_id" },
                filter: "payout_id IS NULL AND invoice_id IS NOT NULL");

            migrationBuilder.Sql("""
                CREATE FUNCTION is_present(present_marker text) RETURNS boolean LANGUAGE sql STABLE AS $$
                    SELECT CASE WHEN pg_is_in_recovery() THEN false
                        ELSE marker = present_marker AND timeline = left(pg_walfile_name(pg_current_wal_lsn()), 8) END
                    FROM restores ORDER BY no DESC LIMIT 1
                $$;
                CREATE FUNCTION refuse_change_but_adoption() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF OLD.payout_id IS NULL AND NEW.payout_id IS NOT NULL
                        AND to_jsonb(OLD) - 'payout_id' = to_jsonb(NEW) - 'payout_id' THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
                END $$;
                DROP TRIGGER notices_append_only ON notices;
                CREATE TRIGGER notices_append_only BEFORE DELETE OR TRUNCATE ON notices
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
                CREATE TRIGGER notices_are_only_adopted BEFORE UPDATE ON notices
                    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_adoption();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                DROP TRIGGER notices_are_only_adopted ON notices;
                DROP TRIGGER notices_append_only ON notices;
                DROP FUNCTION refuse_change_but_adoption();
                CREATE TRIGGER notices_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notices
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
                DROP FUNCTION is_present(text);
                """);

            migrationBuilder.DropTable(
                name: "replicas");

            migrationBuilder.DropTable(
                name: "restore_clearances");

            migrationBuilder.DropPrimaryKey(
                name: "restores_pkey",
                table: "restores");

            migrationBuilder.DropIndex(
                name: "payouts_open",
                table: "payouts");

            migrationBuilder.DropIndex(
                name: "payouts_submitting",
                table: "payouts");

            migrationBuilder.DropIndex(
                name: "payouts_to_look_at",
                table: "payouts");

            migrationBuilder.DropCheckConstraint(
                name: "overruling_is_whole",
                table: "payouts");

            migrationBuilder.DropPrimaryKey(
                name: "one_pause_per_kind",
                table: "pauses");

            migrationBuilder.DropIndex(
                name: "notices_without_payout",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "no",
                table: "restores");

            migrationBuilder.DropColumn(
                name: "is_lossy",
                table: "restores");

            migrationBuilder.DropColumn(
                name: "cancel_requested_by",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "not_sent_count",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "overruled_at",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "overruled_by",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "overruled_owner",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "overruling",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "restore_no",
                table: "payouts");

            migrationBuilder.DropColumn(
                name: "attention",
                table: "payees");

            migrationBuilder.DropColumn(
                name: "kind",
                table: "pauses");

            migrationBuilder.DropColumn(
                name: "caused_by",
                table: "pauses");

            migrationBuilder.AddPrimaryKey(
                name: "restores_pkey",
                table: "restores",
                column: "at");

            migrationBuilder.AddPrimaryKey(
                name: "one_pause_per_merchant",
                table: "pauses",
                column: "merchant");

            migrationBuilder.CreateIndex(
                name: "payouts_to_look_at",
                table: "payouts",
                columns: new[] { "merchant", "due_at", "id" },
                filter: "status <> 'queued' AND due_at IS NOT NULL");
        }
    }
}
