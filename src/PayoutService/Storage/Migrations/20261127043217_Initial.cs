using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace PayoutService.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateSequence(
                name: "line_numbers");

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    friendly_name = table.Column<string>(type: "text", nullable: true),
                    xml = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("data_protection_keys_pkey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "feed_balances",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    waiting = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feed_balances_pkey", x => new { x.merchant, x.currency });
                });

            migrationBuilder.CreateTable(
                name: "feed_entries",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    line_no = table.Column<long>(type: "bigint", nullable: false),
                    part = table.Column<short>(type: "smallint", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feed_entries_pkey", x => new { x.merchant, x.sequence });
                });

            migrationBuilder.CreateTable(
                name: "feed_gaps",
                columns: table => new
                {
                    first = table.Column<long>(type: "bigint", nullable: false),
                    last = table.Column<long>(type: "bigint", nullable: false),
                    until = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feed_gaps_pkey", x => x.first);
                });

            migrationBuilder.CreateTable(
                name: "feed_progress",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    line_no = table.Column<long>(type: "bigint", nullable: false),
                    counted_no = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feed_progress_pkey", x => x.id);
                    table.CheckConstraint("one_row_of_feed_progress", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "feeds",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    newest = table.Column<long>(type: "bigint", nullable: false),
                    oldest = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("feeds_pkey", x => x.merchant);
                });

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
                    members = table.Column<string>(type: "jsonb", nullable: false),
                    line_no = table.Column<long>(type: "bigint", nullable: false, defaultValueSql: "CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('line_numbers') END")
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
                name: "operator_acts",
                columns: table => new
                {
                    no = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("operator_acts_pkey", x => x.no);
                    table.CheckConstraint("operator_action_is_known", "action IN ('loggedIn', 'revealed', 'askedPockyt', 'canceled', 'resolved', 'resent', 'recovered', 'paused', 'resumed')");
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
                name: "payout_counts",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    rail = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    money_moved = table.Column<string>(type: "text", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false),
                    amount_minor = table.Column<decimal>(type: "numeric", nullable: false),
                    fee_count = table.Column<long>(type: "bigint", nullable: false),
                    fee_minor = table.Column<decimal>(type: "numeric", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payout_counts_pkey", x => new { x.merchant, x.day, x.currency, x.rail, x.status, x.money_moved });
                });

            migrationBuilder.CreateTable(
                name: "payout_times",
                columns: table => new
                {
                    merchant = table.Column<string>(type: "text", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    rail = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("payout_times_pkey", x => new { x.merchant, x.day, x.currency, x.rail, x.status, x.bucket });
                });

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
                name: "webhook_endpoints",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant = table.Column<string>(type: "text", nullable: false),
                    url = table.Column<string>(type: "text", nullable: false),
                    event_types = table.Column<string[]>(type: "text[]", nullable: true),
                    description = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<string>(type: "text", nullable: false),
                    generation = table.Column<int>(type: "integer", nullable: false),
                    rotated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    cursor = table.Column<long>(type: "bigint", nullable: false),
                    failing_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    leased_by = table.Column<Guid>(type: "uuid", nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("webhook_endpoints_pkey", x => x.id);
                    table.CheckConstraint("endpoint_status_is_known", "status IN ('enabled', 'disabled')");
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
                name: "deliveries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    endpoint_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    object_id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    asked_again_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("deliveries_pkey", x => x.id);
                    table.CheckConstraint("delivery_status_is_known", "status IN ('pending', 'delivered', 'exhausted')");
                    table.ForeignKey(
                        name: "delivery_has_endpoint",
                        column: x => x.endpoint_id,
                        principalTable: "webhook_endpoints",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "delivery_counts",
                columns: table => new
                {
                    endpoint_id = table.Column<Guid>(type: "uuid", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("delivery_counts_pkey", x => new { x.endpoint_id, x.day, x.outcome });
                    table.ForeignKey(
                        name: "delivery_count_has_endpoint",
                        column: x => x.endpoint_id,
                        principalTable: "webhook_endpoints",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "recoveries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    endpoint_id = table.Column<Guid>(type: "uuid", nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    first = table.Column<long>(type: "bigint", nullable: false),
                    @checked = table.Column<long>(name: "checked", type: "bigint", nullable: false),
                    last = table.Column<long>(type: "bigint", nullable: false),
                    scheduled = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("recoveries_pkey", x => x.id);
                    table.ForeignKey(
                        name: "recovery_has_endpoint",
                        column: x => x.endpoint_id,
                        principalTable: "webhook_endpoints",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
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
                    replaced_by = table.Column<Guid>(type: "uuid", nullable: true),
                    api_key = table.Column<string>(type: "text", nullable: false),
                    content = table.Column<string>(type: "jsonb", nullable: false),
                    traceparent = table.Column<string>(type: "text", nullable: true),
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
                name: "delivery_attempts",
                columns: table => new
                {
                    delivery_id = table.Column<Guid>(type: "uuid", nullable: false),
                    no = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    latency_ms = table.Column<int>(type: "integer", nullable: false),
                    status_code = table.Column<int>(type: "integer", nullable: true),
                    error = table.Column<string>(type: "text", nullable: true),
                    answer = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("delivery_attempts_pkey", x => new { x.delivery_id, x.no });
                    table.ForeignKey(
                        name: "attempt_has_delivery",
                        column: x => x.delivery_id,
                        principalTable: "deliveries",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
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
                    hold_reason = table.Column<string>(type: "text", nullable: true),
                    attention = table.Column<string>(type: "text", nullable: true),
                    confirmed_by = table.Column<string>(type: "text", nullable: true),
                    transaction_no = table.Column<string>(type: "text", nullable: true),
                    fee_minor = table.Column<long>(type: "bigint", nullable: true),
                    replaced_by = table.Column<Guid>(type: "uuid", nullable: true),
                    trace_id = table.Column<Guid>(type: "uuid", nullable: true),
                    detail = table.Column<string>(type: "jsonb", nullable: false),
                    line_no = table.Column<long>(type: "bigint", nullable: false, defaultValueSql: "CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('line_numbers') END")
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

            migrationBuilder.InsertData(
                table: "feed_progress",
                columns: new[] { "id", "counted_no", "line_no" },
                values: new object[] { 1, 0L, 0L });

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
                name: "deliveries_due",
                table: "deliveries",
                columns: new[] { "endpoint_id", "due_at" },
                filter: "status = 'pending'");

            migrationBuilder.CreateIndex(
                name: "deliveries_in_line",
                table: "deliveries",
                columns: new[] { "endpoint_id", "object_id", "sequence" },
                filter: "status = 'pending'");

            migrationBuilder.CreateIndex(
                name: "one_delivery_per_event",
                table: "deliveries",
                columns: new[] { "endpoint_id", "sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_feed_entry_per_part",
                table: "feed_entries",
                columns: new[] { "line_no", "part" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "history_by_line",
                table: "history",
                column: "line_no",
                unique: true);

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
                name: "notices_by_age",
                table: "notices",
                columns: new[] { "merchant", "received_at" });

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
                name: "operator_acts_by_merchant",
                table: "operator_acts",
                columns: new[] { "merchant", "no" });

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
                name: "payees_by_email",
                table: "payees",
                columns: new[] { "merchant", "email" });

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
                name: "payout_events_by_line",
                table: "payout_events",
                column: "line_no",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "payout_events_by_trace",
                table: "payout_events",
                column: "trace_id",
                filter: "trace_id IS NOT NULL");

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
                columns: new[] { "account_id", "id" });

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
                columns: new[] { "payee_id", "id" });

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
                name: "provider_calls_by_payout",
                table: "provider_calls",
                columns: new[] { "payout_id", "id" },
                filter: "payout_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "provider_calls_by_request",
                table: "provider_calls",
                column: "request_id",
                filter: "request_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "one_recovery_at_a_time",
                table: "recoveries",
                column: "endpoint_id",
                unique: true,
                filter: "finished_at IS NULL");

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

            migrationBuilder.CreateIndex(
                name: "one_endpoint_per_url",
                table: "webhook_endpoints",
                columns: new[] { "merchant", "url" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "data_protection_keys");

            migrationBuilder.DropTable(
                name: "delivery_attempts");

            migrationBuilder.DropTable(
                name: "delivery_counts");

            migrationBuilder.DropTable(
                name: "feed_balances");

            migrationBuilder.DropTable(
                name: "feed_entries");

            migrationBuilder.DropTable(
                name: "feed_gaps");

            migrationBuilder.DropTable(
                name: "feed_progress");

            migrationBuilder.DropTable(
                name: "feeds");

            migrationBuilder.DropTable(
                name: "history");

            migrationBuilder.DropTable(
                name: "idempotency_keys");

            migrationBuilder.DropTable(
                name: "notices");

            migrationBuilder.DropTable(
                name: "operator_acts");

            migrationBuilder.DropTable(
                name: "pauses");

            migrationBuilder.DropTable(
                name: "payors");

            migrationBuilder.DropTable(
                name: "payout_counts");

            migrationBuilder.DropTable(
                name: "payout_events");

            migrationBuilder.DropTable(
                name: "payout_times");

            migrationBuilder.DropTable(
                name: "provider_calls");

            migrationBuilder.DropTable(
                name: "recoveries");

            migrationBuilder.DropTable(
                name: "refunds");

            migrationBuilder.DropTable(
                name: "replicas");

            migrationBuilder.DropTable(
                name: "restore_clearances");

            migrationBuilder.DropTable(
                name: "deliveries");

            migrationBuilder.DropTable(
                name: "payouts");

            migrationBuilder.DropTable(
                name: "restores");

            migrationBuilder.DropTable(
                name: "webhook_endpoints");

            migrationBuilder.DropTable(
                name: "accounts");

            migrationBuilder.DropTable(
                name: "payees");

            migrationBuilder.DropSequence(
                name: "line_numbers");
        }
    }
}
