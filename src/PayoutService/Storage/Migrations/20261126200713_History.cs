using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class History : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "history",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    what = table.Column<string>(type: "text", nullable: false),
                    from_status = table.Column<string>(type: "text", nullable: true),
                    to_status = table.Column<string>(type: "text", nullable: true),
                    members = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("history_pkey", x => new { x.merchant, x.kind, x.id, x.version });
                });

            // Of sending there is no row that could count its versions.
            migrationBuilder.Sql("CREATE SEQUENCE sending_versions;");
            migrationBuilder.Sql("""
                CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
                """);

            // At the end of the transaction, because a row and its line are written by two statements.
            migrationBuilder.Sql("""
                CREATE FUNCTION require_history() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    changed record := coalesce(NEW, OLD);
                    wanted bigint := changed.version + (TG_OP = 'DELETE')::int;
                BEGIN
                    IF NOT EXISTS (
                        SELECT FROM history
                        WHERE merchant = changed.merchant AND kind = TG_ARGV[0] AND id = changed.id AND version = wanted)
                    THEN
                        RAISE EXCEPTION '% % of % has no line in history', TG_ARGV[0], changed.id, TG_OP
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NULL;
                END $$;
                """);
            foreach (var (table, kind) in new[]
            {
                ("payees", "payee"), ("accounts", "account"), ("refunds", "refund"), ("payors", "payor"),
            })
            {
                migrationBuilder.Sql($"""
                    CREATE CONSTRAINT TRIGGER {kind}_has_history AFTER INSERT OR UPDATE OF version OR DELETE ON {table}
                        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_history('{kind}');
                    """);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var (table, kind) in new[]
            {
                ("payees", "payee"), ("accounts", "account"), ("refunds", "refund"), ("payors", "payor"),
            })
            {
                migrationBuilder.Sql($"DROP TRIGGER {kind}_has_history ON {table};");
            }

            migrationBuilder.Sql("DROP FUNCTION require_history(); DROP SEQUENCE sending_versions;");
            migrationBuilder.DropTable(
                name: "history");
        }
    }
}
