using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace PayoutService.Storage.Migrations;

/// <summary>History and notices are only ever added to, whoever is connected.</summary>
[DbContext(typeof(PayoutDb))]
[Migration("20261121120000_AppendOnly")]
internal sealed class AppendOnly : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER payout_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_events
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        CREATE TRIGGER notices_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notices
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        """);
}
