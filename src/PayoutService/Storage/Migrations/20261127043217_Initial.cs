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

            migrationBuilder.CreateTable(
                name: "notices",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    invoice_id = table.Column<string>(type: "text", nullable: true),
                    payout_id = table.Column<Guid>(type: "uuid", nullable: true),
                    account_id = table.Column<Guid>(type: "uuid", nullable: true),
                    text = table.Column<string>(type: "text", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("one_row_per_notice", x => new { x.merchant, x.hash });
                    table.CheckConstraint("notice_is_about_something", "(invoice_id IS NULL) <> (account_id IS NULL)");
                });

            migrationBuilder.CreateTable(
                name: "pauses",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    caused_by = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("one_pause_per_kind", x => new { x.merchant, x.kind });
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
                    payor_no = table.Column<string>(type: "text", nullable: true),
                    customer_no = table.Column<string>(type: "text", nullable: true),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    metadata = table.Column<string>(type: "jsonb", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    attention = table.Column<string>(type: "text", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    looks = table.Column<int>(type: "integer", nullable: false),
                    checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
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
                name: "payors",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    payor_code = table.Column<string>(type: "text", nullable: false),
                    payor_no = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<string>(type: "text", nullable: false),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    status_heard_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payors_pkey", x => x.id);
                    table.CheckConstraint("payor_status_is_known", "status IN ('registering', 'unconfirmed', 'saved', 'submitted', 'approved', 'effective', 'declined', 'unknown')");
                    table.CheckConstraint("payor_version_is_positive", "version > 0");
                    table.CheckConstraint("registered_payor_has_number", "(status IN ('registering', 'unconfirmed')) = (payor_no IS NULL)");
                    table.CheckConstraint("registering_payor_has_lease", "(status = 'registering') = (lease_until IS NOT NULL)");
                });

            migrationBuilder.CreateTable(
                name: "refunds",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    refund_reference = table.Column<string>(type: "text", nullable: false),
                    transaction_no = table.Column<string>(type: "text", nullable: true),
                    reference = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<string>(type: "text", nullable: false),
                    attention = table.Column<string>(type: "text", nullable: true),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    settle_currency = table.Column<string>(type: "text", nullable: false),
                    refund_transaction_no = table.Column<string>(type: "text", nullable: true),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    provider_code = table.Column<string>(type: "text", nullable: true),
                    provider_message = table.Column<string>(type: "text", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    asks = table.Column<int>(type: "integer", nullable: false),
                    not_seen_count = table.Column<int>(type: "integer", nullable: false),
                    api_key = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("refunds_pkey", x => x.id);
                    table.CheckConstraint("refund_amount_is_positive", "amount_minor > 0");
                    table.CheckConstraint("refund_names_its_transaction", "transaction_no IS NOT NULL OR reference IS NOT NULL");
                    table.CheckConstraint("refund_status_is_known", "status IN ('submitting', 'unconfirmed', 'processing', 'succeeded', 'failed')");
                    table.CheckConstraint("refund_version_is_positive", "version > 0");
                    table.CheckConstraint("somebody_will_look_at_refund", "due_at IS NOT NULL OR status IN ('succeeded', 'failed')");
                });

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
                name: "restores",
                columns: table => new
                {
                    no = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    is_lossy = table.Column<bool>(type: "boolean", nullable: false),
                    marker = table.Column<string>(type: "text", nullable: false),
                    timeline = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("restores_pkey", x => x.no);
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
                    number_fingerprint = table.Column<string>(type: "text", nullable: true),
                    payor_no = table.Column<string>(type: "text", nullable: true),
                    account_token = table.Column<string>(type: "text", nullable: true),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
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
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    holds = table.Column<int>(type: "integer", nullable: false),
                    not_sent_count = table.Column<int>(type: "integer", nullable: false),
                    restore_no = table.Column<long>(type: "bigint", nullable: true),
                    cancel_requested_by = table.Column<string>(type: "text", nullable: true),
                    overruling = table.Column<string>(type: "text", nullable: true),
                    overruled_by = table.Column<string>(type: "text", nullable: true),
                    overruled_owner = table.Column<string>(type: "text", nullable: true),
                    overruled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    transaction_no = table.Column<string>(type: "text", nullable: true),
                    provider_status = table.Column<string>(type: "text", nullable: true),
                    fee_minor = table.Column<long>(type: "bigint", nullable: true),
                    payment_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    provider_code = table.Column<string>(type: "text", nullable: true),
                    provider_message = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    resend_granted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payouts_pkey", x => x.id);
                    table.CheckConstraint("amount_is_positive", "amount_minor > 0");
                    table.CheckConstraint("canceled_was_not_sent", "status <> 'canceled' OR cardinality(open_sends) = 0");
                    table.CheckConstraint("confirmed_by_who_can_know", "confirmed_by IS NULL OR confirmed_by IN ('inquiry', 'operator')");
                    table.CheckConstraint("fee_within_amount", "fee_minor BETWEEN 0 AND amount_minor");
                    table.CheckConstraint("held_has_reason", "(status = 'held') = (hold_reason IS NOT NULL)");
                    table.CheckConstraint("only_final_is_confirmed", "confirmed_by IS NULL OR status IN ('succeeded', 'failed', 'returned')");
                    table.CheckConstraint("overruling_is_whole", "(overruling IS NULL) = (overruled_by IS NULL) AND (overruling IS NULL) = (overruled_owner IS NULL) AND (overruling IS NULL) = (overruled_at IS NULL)");
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
                name: "idempotency_keys",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    api_key = table.Column<string>(type: "text", nullable: false),
                    key = table.Column<string>(type: "text", nullable: false),
                    payout_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("one_payout_per_idempotency_key", x => new { x.merchant, x.api_key, x.key });
                    table.ForeignKey(
                        name: "idempotency_key_has_payout",
                        column: x => x.payout_id,
                        principalTable: "payouts",
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
                name: "idempotency_keys_by_payout",
                table: "idempotency_keys",
                column: "payout_id");

            migrationBuilder.CreateIndex(
                name: "notices_by_account",
                table: "notices",
                column: "account_id",
                filter: "account_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "notices_by_payout",
                table: "notices",
                column: "payout_id");

            migrationBuilder.CreateIndex(
                name: "notices_without_payout",
                table: "notices",
                columns: new[] { "merchant", "invoice_id" },
                filter: "payout_id IS NULL AND invoice_id IS NOT NULL");

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
                name: "payees_to_look_at",
                table: "payees",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "one_payor_per_payor_code",
                table: "payors",
                columns: new[] { "merchant", "payor_code" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_payor_per_payor_no",
                table: "payors",
                columns: new[] { "merchant", "payor_no" },
                unique: true,
                filter: "payor_no IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payors_by_age",
                table: "payors",
                columns: new[] { "merchant", "id" });

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
                name: "payouts_not_paid",
                table: "payouts",
                columns: new[] { "merchant", "status", "id" },
                filter: "status IN ('failed', 'returned', 'canceled')");

            migrationBuilder.CreateIndex(
                name: "payouts_once_held",
                table: "payouts",
                columns: new[] { "merchant", "currency", "id" },
                filter: "holds > 0 AND status IN ('queued', 'held', 'submitting')");

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
                filter: "status <> 'submitting' AND (status <> 'queued' OR attention IN ('contradiction', 'mismatch')) AND due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_to_send",
                table: "payouts",
                columns: new[] { "merchant", "currency", "due_at", "id" },
                filter: "status = 'queued'");

            migrationBuilder.CreateIndex(
                name: "payouts_with_attention",
                table: "payouts",
                column: "attention",
                filter: "attention IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "one_refund_per_reference",
                table: "refunds",
                columns: new[] { "merchant", "refund_reference" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_refund_per_refund_transaction",
                table: "refunds",
                columns: new[] { "merchant", "refund_transaction_no" },
                unique: true,
                filter: "refund_transaction_no IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "refunds_by_age",
                table: "refunds",
                columns: new[] { "merchant", "id" });

            migrationBuilder.CreateIndex(
                name: "refunds_by_transaction",
                table: "refunds",
                columns: new[] { "merchant", "transaction_no" });

            migrationBuilder.CreateIndex(
                name: "refunds_to_look_at",
                table: "refunds",
                column: "due_at",
                filter: "due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "refunds_with_attention",
                table: "refunds",
                column: "attention",
                filter: "attention IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "history");

            migrationBuilder.DropTable(
                name: "idempotency_keys");

            migrationBuilder.DropTable(
                name: "notices");

            migrationBuilder.DropTable(
                name: "pauses");

            migrationBuilder.DropTable(
                name: "payors");

            migrationBuilder.DropTable(
                name: "payout_events");

            migrationBuilder.DropTable(
                name: "refunds");

            migrationBuilder.DropTable(
                name: "replicas");

            migrationBuilder.DropTable(
                name: "restore_clearances");

            migrationBuilder.DropTable(
                name: "payouts");

            migrationBuilder.DropTable(
                name: "restores");

            migrationBuilder.DropTable(
                name: "accounts");

            migrationBuilder.DropTable(
                name: "payees");
        }
    }
}
