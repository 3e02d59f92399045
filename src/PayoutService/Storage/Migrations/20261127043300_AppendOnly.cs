using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace PayoutService.Storage.Migrations;

/// <summary>Functions and triggers: history and notices are only ever added to, whoever is connected, and every change
/// of a payee, account, refund or payor has its line of history.</summary>
[DbContext(typeof(PayoutDb))]
[Migration("20261127043300_AppendOnly")]
internal sealed class AppendOnly : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("""
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE FUNCTION refuse_change_but_adoption() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF OLD.payout_id IS NULL AND NEW.payout_id IS NOT NULL
                    AND to_jsonb(OLD) - 'payout_id' = to_jsonb(NEW) - 'payout_id' THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER payout_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_events
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER restores_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON restores
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER operator_acts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_acts
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER notices_append_only BEFORE DELETE OR TRUNCATE ON notices
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER notices_are_only_adopted BEFORE UPDATE ON notices
                FOR EACH ROW EXECUTE FUNCTION refuse_change_but_adoption();
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

        // Sending has no row that could count its versions.
        migrationBuilder.Sql("CREATE SEQUENCE sending_versions;");

        migrationBuilder.Sql("""
            CREATE FUNCTION is_present(present_marker text) RETURNS boolean LANGUAGE sql STABLE AS $$
                SELECT CASE WHEN pg_is_in_recovery() THEN false
                    ELSE marker = present_marker AND timeline = left(pg_walfile_name(pg_current_wal_lsn()), 8) END
                FROM restores ORDER BY no DESC LIMIT 1
            $$;
            """);

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
}
