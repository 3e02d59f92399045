using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "notices",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    invoice_id = table.Column<string>(type: "text", nullable: false),
                    payout_id = table.Column<Guid>(type: "uuid", nullable: true),
                    text = table.Column<string>(type: "text", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("one_row_per_notice", x => new { x.merchant, x.hash });
                });

            migrationBuilder.CreateTable(
                name: "payees",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    customer_code = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    profile_type = table.Column<string>(type: "text", nullable: false),
                    first_name = table.Column<string>(type: "text", nullable: false),
                    last_name = table.Column<string>(type: "text", nullable: false),
                    email = table.Column<string>(type: "text", nullable: false),
                    country_code = table.Column<string>(type: "text", nullable: false),
                    customer_no = table.Column<string>(type: "text", nullable: true),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    metadata = table.Column<string>(type: "jsonb", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payees_pkey", x => x.id);
                    table.CheckConstraint("payee_status_is_known", "status IN ('registering', 'active', 'pending', 'declined', 'deactivated', 'unknown')");
                    table.CheckConstraint("registered_payee_has_number", "status = 'registering' OR customer_no IS NOT NULL");
                });

            migrationBuilder.CreateTable(
                name: "accounts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    payee_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_tag = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    account_type = table.Column<string>(type: "text", nullable: false),
                    country = table.Column<string>(type: "text", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    last4 = table.Column<string>(type: "text", nullable: true),
                    account_token = table.Column<string>(type: "text", nullable: true),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("accounts_pkey", x => x.id);
                    table.CheckConstraint("account_status_is_known", "status IN ('registering', 'active', 'pending', 'invalid', 'removed')");
                    table.CheckConstraint("added_account_has_token", "status IN ('registering', 'removed') OR account_token IS NOT NULL");
                    table.ForeignKey(
                        name: "account_has_payee",
                        column: x => x.payee_id,
                        principalTable: "payees",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payouts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    invoice_id = table.Column<string>(type: "text", nullable: false),
                    payee_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account_id = table.Column<Guid>(type: "uuid", nullable: false),
                    customer_no = table.Column<string>(type: "text", nullable: false),
                    account_token = table.Column<string>(type: "text", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    description = table.Column<string>(type: "text", nullable: true),
                    note = table.Column<string>(type: "text", nullable: true),
                    subject = table.Column<string>(type: "text", nullable: true),
                    processing_channel = table.Column<string>(type: "text", nullable: true),
                    execute_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    metadata = table.Column<string>(type: "jsonb", nullable: false),
                    replaces = table.Column<Guid>(type: "uuid", nullable: true),
                    idempotency_key = table.Column<string>(type: "text", nullable: true),
                    api_key = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    status_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    status_source = table.Column<string>(type: "text", nullable: true),
                    confirmed_by = table.Column<string>(type: "text", nullable: true),
                    hold_reason = table.Column<string>(type: "text", nullable: true),
                    attention = table.Column<string>(type: "text", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    version = table.Column<int>(type: "integer", nullable: false),
                    claim = table.Column<int>(type: "integer", nullable: true),
                    claimed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    open_sends = table.Column<int[]>(type: "integer[]", nullable: false),
                    sends = table.Column<int>(type: "integer", nullable: false),
                    resends = table.Column<int>(type: "integer", nullable: false),
                    signed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    request_id = table.Column<Guid>(type: "uuid", nullable: true),
                    heard = table.Column<bool>(type: "boolean", nullable: false),
                    not_seen_count = table.Column<int>(type: "integer", nullable: false),
                    not_seen_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    asks = table.Column<int>(type: "integer", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    holds = table.Column<int>(type: "integer", nullable: false),
                    transaction_no = table.Column<string>(type: "text", nullable: true),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    provider_code = table.Column<string>(type: "text", nullable: true),
                    provider_message = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payouts_pkey", x => x.id);
                    table.CheckConstraint("amount_is_positive", "amount_minor > 0");
                    table.CheckConstraint("canceled_was_not_sent", "status <> 'canceled' OR cardinality(open_sends) = 0");
                    table.CheckConstraint("confirmed_by_who_can_know", "confirmed_by IS NULL OR confirmed_by IN ('inquiry', 'operator')");
                    table.CheckConstraint("held_has_reason", "(status = 'held') = (hold_reason IS NOT NULL)");
                    table.CheckConstraint("only_final_is_confirmed", "confirmed_by IS NULL OR status IN ('succeeded', 'failed', 'returned')");
                    table.CheckConstraint("somebody_will_look", "due_at IS NOT NULL OR status = 'canceled' OR confirmed_by IS NOT NULL");
                    table.CheckConstraint("status_is_known", "status IN ('queued', 'held', 'submitting', 'unconfirmed', 'processing', 'succeeded', 'failed', 'returned', 'canceled')");
                    table.CheckConstraint("submitting_has_lease", "status <> 'submitting' OR (claim IS NOT NULL AND lease_until IS NOT NULL AND due_at IS NOT NULL AND signed_at IS NOT NULL AND request_id IS NOT NULL AND claim = ANY (open_sends))");
                    table.CheckConstraint("unsent_has_no_open_send", "status NOT IN ('queued', 'held') OR cardinality(open_sends) = 0");
                    table.CheckConstraint("version_is_positive", "version > 0");
                    table.ForeignKey(
                        name: "payout_has_account",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "payout_has_payee",
                        column: x => x.payee_id,
                        principalTable: "payees",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payout_events",
                columns: table => new
                {
                    payout_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    from_status = table.Column<string>(type: "text", nullable: true),
                    to_status = table.Column<string>(type: "text", nullable: true),
                    detail = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payout_events_pkey", x => new { x.payout_id, x.version });
                    table.ForeignKey(
                        name: "event_has_payout",
                        column: x => x.payout_id,
                        principalTable: "payouts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_accounts_payee_id",
                table: "accounts",
                column: "payee_id");

            migrationBuilder.CreateIndex(
                name: "one_account_per_tag",
                table: "accounts",
                columns: new[] { "merchant", "payee_id", "account_tag" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_account_per_token",
                table: "accounts",
                columns: new[] { "merchant", "account_token" },
                unique: true,
                filter: "account_token IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "notices_by_payout",
                table: "notices",
                column: "payout_id");

            migrationBuilder.CreateIndex(
                name: "one_payee_per_customer_code",
                table: "payees",
                columns: new[] { "merchant", "customer_code" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_payee_per_customer_no",
                table: "payees",
                columns: new[] { "merchant", "customer_no" },
                unique: true,
                filter: "customer_no IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payees_by_age",
                table: "payees",
                columns: new[] { "merchant", "id" });

            migrationBuilder.CreateIndex(
                name: "one_payout_per_idempotency_key",
                table: "payouts",
                columns: new[] { "merchant", "api_key", "idempotency_key" },
                unique: true,
                filter: "idempotency_key IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "one_payout_per_invoice",
                table: "payouts",
                columns: new[] { "merchant", "invoice_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_payout_per_transaction",
                table: "payouts",
                columns: new[] { "merchant", "transaction_no" },
                unique: true,
                filter: "transaction_no IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "one_replacement_per_payout",
                table: "payouts",
                columns: new[] { "merchant", "replaces" },
                unique: true,
                filter: "replaces IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_by_account",
                table: "payouts",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "payouts_by_age",
                table: "payouts",
                columns: new[] { "merchant", "id" });

            migrationBuilder.CreateIndex(
                name: "payouts_by_batch",
                table: "payouts",
                column: "claimed_by",
                filter: "status = 'submitting'");

            migrationBuilder.CreateIndex(
                name: "payouts_by_payee",
                table: "payouts",
                column: "payee_id");

            migrationBuilder.CreateIndex(
                name: "payouts_to_look_at",
                table: "payouts",
                column: "due_at",
                filter: "status <> 'queued' AND due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_with_attention",
                table: "payouts",
                column: "attention",
                filter: "attention IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "notices");

            migrationBuilder.DropTable(
                name: "payout_events");

            migrationBuilder.DropTable(
                name: "payouts");

            migrationBuilder.DropTable(
                name: "accounts");

            migrationBuilder.DropTable(
                name: "payees");
        }
    }
}
