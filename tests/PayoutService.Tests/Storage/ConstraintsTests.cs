using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>The database refuses by itself what the code would never write.</summary>
public sealed class ConstraintsTests(ConstraintsTests.OnePayout given) : IClassFixture<ConstraintsTests.OnePayout>
{
    [Theory]
    [InlineData("amount_is_positive", "UPDATE payouts SET amount_minor = 0")]
    [InlineData("status_is_known", "UPDATE payouts SET status = 'paid'")]
    [InlineData("submitting_has_lease", "UPDATE payouts SET status = 'submitting'")]
    [InlineData("held_has_reason", "UPDATE payouts SET status = 'held'")]
    [InlineData("only_final_is_confirmed", "UPDATE payouts SET confirmed_by = 'inquiry'")]
    [InlineData("confirmed_by_who_can_know", "UPDATE payouts SET status = 'succeeded', confirmed_by = 'notice'")]
    [InlineData("somebody_will_look", "UPDATE payouts SET due_at = NULL")]
    [InlineData("canceled_was_not_sent", "UPDATE payouts SET status = 'canceled', open_sends = '{2}'")]
    [InlineData("unsent_has_no_open_send", "UPDATE payouts SET open_sends = '{2}'")]
    [InlineData("version_is_positive", "UPDATE payouts SET version = 0")]
    [InlineData("payout_has_account", "UPDATE payouts SET account_id = gen_random_uuid()")]
    [InlineData("payout_has_payee", "UPDATE payouts SET payee_id = gen_random_uuid()")]
    [InlineData("payee_status_is_known", "UPDATE payees SET status = 'fine'")]
    [InlineData("registered_payee_has_number", "UPDATE payees SET customer_no = NULL")]
    [InlineData("account_status_is_known", "UPDATE accounts SET status = 'fine'")]
    [InlineData("added_account_has_token", "UPDATE accounts SET account_token = NULL")]
    [InlineData("event_has_payout", "INSERT INTO payout_events (payout_id, version, at, actor, kind, detail) "
        + "VALUES (gen_random_uuid(), 1, now(), 'x', 'x', '{}')")]
    [InlineData("payout_events_pkey", "INSERT INTO payout_events SELECT * FROM payout_events")]
    [InlineData("one_payout_per_invoice", "SELECT copy_payout(gen_random_uuid(), '{}')")]
    [InlineData(
        "one_payout_per_transaction",
        "SELECT copy_payout(gen_random_uuid(), '{\"invoice_id\": \"a\", \"transaction_no\": \"1\"}'), "
        + "copy_payout(gen_random_uuid(), '{\"invoice_id\": \"b\", \"transaction_no\": \"1\"}')")]
    [InlineData(
        "one_replacement_per_payout",
        "SELECT copy_payout(gen_random_uuid(), jsonb_build_object('invoice_id', 'a', 'replaces', id)), "
        + "copy_payout(gen_random_uuid(), jsonb_build_object('invoice_id', 'b', 'replaces', id)) FROM payouts")]
    [InlineData(
        "one_payout_per_idempotency_key",
        "INSERT INTO idempotency_keys (merchant, api_key, key, payout_id) "
        + "SELECT 'main', 'dev', 'k', id FROM payouts, generate_series(1, 2)")]
    [InlineData(
        "idempotency_key_has_payout",
        "INSERT INTO idempotency_keys (merchant, api_key, key, payout_id) "
        + "VALUES ('main', 'dev', 'k', gen_random_uuid())")]
    [InlineData("one_row_per_notice", "INSERT INTO notices (merchant, hash, invoice_id, text, received_at) VALUES "
        + "('main', '1', 'a', '', now()), ('main', '1', 'b', '', now())")]
    [InlineData("one_payee_per_customer_code", "INSERT INTO payees SELECT (jsonb_populate_record(payees, "
        + "jsonb_build_object('id', gen_random_uuid(), 'customer_no', 'other'))).* FROM payees")]
    [InlineData("one_payee_per_customer_no", "INSERT INTO payees SELECT (jsonb_populate_record(payees, "
        + "jsonb_build_object('id', gen_random_uuid(), 'customer_code', 'other'))).* FROM payees")]
    [InlineData("one_account_per_tag", "INSERT INTO accounts SELECT (jsonb_populate_record(accounts, "
        + "jsonb_build_object('id', gen_random_uuid(), 'account_token', 'other'))).* FROM accounts")]
    [InlineData("one_account_per_token", "INSERT INTO accounts SELECT (jsonb_populate_record(accounts, "
        + "jsonb_build_object('id', gen_random_uuid(), 'account_tag', 'other'))).* FROM accounts")]
    [InlineData("refund_amount_is_positive", "UPDATE refunds SET amount_minor = 0")]
    [InlineData("refund_status_is_known", "UPDATE refunds SET status = 'refunded'")]
    [InlineData("refund_names_its_transaction", "UPDATE refunds SET transaction_no = NULL, reference = NULL")]
    [InlineData("somebody_will_look_at_refund", "UPDATE refunds SET status = 'unconfirmed'")]
    [InlineData("refund_version_is_positive", "UPDATE refunds SET version = 0")]
    [InlineData("one_refund_per_reference", "INSERT INTO refunds SELECT (jsonb_populate_record(refunds, "
        + "jsonb_build_object('id', gen_random_uuid(), 'refund_transaction_no', 'other'))).* FROM refunds")]
    [InlineData("one_refund_per_refund_transaction", "INSERT INTO refunds SELECT (jsonb_populate_record(refunds, "
        + "jsonb_build_object('id', gen_random_uuid(), 'refund_reference', 'other'))).* FROM refunds")]
    [InlineData("payor_status_is_known", "UPDATE payors SET status = 'fine'")]
    [InlineData("registered_payor_has_number", "UPDATE payors SET payor_no = NULL")]
    [InlineData("registering_payor_has_lease", "UPDATE payors SET status = 'registering', payor_no = NULL")]
    [InlineData("payor_version_is_positive", "UPDATE payors SET version = 0")]
    [InlineData("one_payor_per_payor_code", "INSERT INTO payors SELECT (jsonb_populate_record(payors, "
        + "jsonb_build_object('id', gen_random_uuid(), 'payor_no', 'other'))).* FROM payors")]
    [InlineData("one_payor_per_payor_no", "INSERT INTO payors SELECT (jsonb_populate_record(payors, "
        + "jsonb_build_object('id', gen_random_uuid(), 'payor_code', 'other'))).* FROM payors")]
    public async Task The_database_refuses(string constraint, string statement)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => TestDatabase.ExecuteAsync(
            given.Stage.ConnectionString, statement));

        Assert.Equal(constraint, refusal.ConstraintName);
    }

    [Theory]
    [InlineData("UPDATE payout_events SET actor = 'nobody'")]
    [InlineData("DELETE FROM payout_events")]
    [InlineData("TRUNCATE payout_events")]
    [InlineData("DELETE FROM notices")]
    public async Task History_is_only_ever_added_to(string statement)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => TestDatabase.ExecuteAsync(
            given.Stage.ConnectionString, statement));

        Assert.Equal(PostgresErrorCodes.RestrictViolation, refusal.SqlState);
    }

    [Theory]
    [InlineData("text = ''")]
    [InlineData("payout_id = NULL")]
    [InlineData("payout_id = gen_random_uuid(), text = ''")]
    public async Task A_kept_notice_changes_only_by_the_payout_that_comes_later(string change)
    {
        await TestDatabase.ExecuteAsync(given.Stage.ConnectionString, """
            INSERT INTO notices (merchant, hash, invoice_id, text, received_at)
            VALUES ('main', sha256(random()::text::bytea), 'later', 'kept', now());
            UPDATE notices SET payout_id = gen_random_uuid() WHERE payout_id IS NULL
            """);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => TestDatabase.ExecuteAsync(
            given.Stage.ConnectionString, $"UPDATE notices SET {change}"));

        Assert.Equal(PostgresErrorCodes.RestrictViolation, refusal.SqlState);
    }

    [Fact]
    public async Task The_migrations_are_the_model()
    {
        await using var db = await given.Stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();

        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task The_compiled_model_is_the_model()
    {
        await using var db = await given.Stage.Get<IDbContextFactory<PayoutDb>>().CreateDbContextAsync();
        var model = db.GetService<IModelRuntimeInitializer>().Initialize(
            db.GetService<IDesignTimeModel>().Model, designTime: false);

        Assert.NotSame(model, db.Model);
        Assert.Equal(Described(model), Described(db.Model));
    }

    /// <summary>What queries and writes go by.</summary>
    private static IEnumerable<string> Described(IModel model) =>
        from entity in model.GetEntityTypes()
        from property in entity.GetProperties()
        let mapping = property.GetRelationalTypeMapping()
        orderby entity.Name, property.Name
        select $"{entity.GetTableName()}.{property.GetColumnName()} {mapping.StoreType} {mapping.Converter?.GetType()} "
            + $"of {entity.Name}.{property.Name} {property.ClrType}, null {property.IsNullable}, "
            + $"key {property.IsKey()}, token {property.IsConcurrencyToken}";

    /// <summary>A database with one payout, one refund and one payor, and a way to make copies of the payout
    /// that differ in what the test says.</summary>
    public sealed class OnePayout : IAsyncLifetime
    {
        public ServiceFixture Stage { get; } = new();

        public async Task InitializeAsync()
        {
            await Stage.InitializeAsync();
            await Stage.PayAsync();
            await Stage.Api.PostAsJsonAsync("/v1/refunds", Example.Refund("refund", await Stage.ReceiveAsync()));
            await Stage.Api.PostAsJsonAsync("/v1/payors", Example.Payor("payor"));
            await TestDatabase.ExecuteAsync(Stage.ConnectionString, """
                CREATE FUNCTION copy_payout(new_id uuid, changes jsonb) RETURNS void LANGUAGE sql AS $$
                    INSERT INTO payouts
                    SELECT (jsonb_populate_record(payouts, changes || jsonb_build_object('id', new_id))).*
                    FROM payouts ORDER BY created_at LIMIT 1
                $$
                """);
        }

        public Task DisposeAsync() => Stage.DisposeAsync();
    }
}
