using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using PayoutService.Payees;
using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Refunds;
using PayoutService.Storage.Batches;
using PayoutService.Storage.Calls;
using PayoutService.Storage.Events;
using PayoutService.Storage.Holds;
using PayoutService.Storage.Operators;
using PayoutService.Storage.Payouts;
using PayoutService.Storage.Reports;
using PayoutService.Storage.Sending;

namespace PayoutService.Storage;

/// <summary>The tables, and the constraints by which the database agrees with the code.</summary>
internal sealed partial class PayoutDb : DbContext
{
    // A savepoint of EF's own that cannot be released is only logged, and the COMMIT that follows is then a ROLLBACK
    // that nobody notices: we would answer for a payout that is not there. Whatever fails ends the whole transaction.
    public PayoutDb(DbContextOptions<PayoutDb> options)
        : base(options) => Database.AutoSavepointsEnabled = false;

    public DbSet<Payout> Payouts => Set<Payout>();

    public DbSet<PayoutEvent> PayoutEvents => Set<PayoutEvent>();

    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();

    public DbSet<Notice> Notices => Set<Notice>();

    public DbSet<Pause> Pauses => Set<Pause>();

    public DbSet<DatabaseEpoch> Restores => Set<DatabaseEpoch>();

    public DbSet<RestoreClearance> RestoreClearances => Set<RestoreClearance>();

    public DbSet<Replica> Replicas => Set<Replica>();

    public DbSet<HistoryEntry> History => Set<HistoryEntry>();

    public DbSet<Payee> Payees => Set<Payee>();

    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<Refund> Refunds => Set<Refund>();

    public DbSet<Payor> Payors => Set<Payor>();

    /// <summary>Saves payees, accounts, refunds and payors with the lines of their history. No token reaches it: what
    /// is written is committed or not, even when nobody waits for it any more.</summary>
    public Task SaveAsync(Actor actor, ChangeKind what, DateTimeOffset now)
    {
        History.AddRange(Storage.HistoryEntry.Of([.. ChangeTracker.Entries()], actor, what, now));
        return SaveChangesAsync();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configuration)
    {
        configuration.Properties<PayoutStatus>().HaveConversion<EnumText<PayoutStatus>>();
        configuration.Properties<HoldReason>().HaveConversion<EnumText<HoldReason>>();
        configuration.Properties<Attention>().HaveConversion<EnumText<Attention>>();
        configuration.Properties<Source>().HaveConversion<EnumText<Source>>();
        configuration.Properties<Ruling>().HaveConversion<EnumText<Ruling>>();
        configuration.Properties<PauseKind>().HaveConversion<EnumText<PauseKind>>();
        configuration.Properties<PayeeAttention>().HaveConversion<EnumText<PayeeAttention>>();
        configuration.Properties<PayeeStatus>().HaveConversion<EnumText<PayeeStatus>>();
        configuration.Properties<AccountStatus>().HaveConversion<EnumText<AccountStatus>>();
        configuration.Properties<RefundStatus>().HaveConversion<EnumText<RefundStatus>>();
        configuration.Properties<RefundAttention>().HaveConversion<EnumText<RefundAttention>>();
        configuration.Properties<EventKind>().HaveConversion<EnumText<EventKind>>();
        configuration.Properties<ChangeKind>().HaveConversion<EnumText<ChangeKind>>();
        configuration.Properties<FailureReason>().HaveConversion<EnumText<FailureReason>>();
        configuration.Properties<BatchStatus>().HaveConversion<EnumText<BatchStatus>>();
        configuration.Properties<BatchSource>().HaveConversion<EnumText<BatchSource>>();
        configuration.Properties<RowOutcome>().HaveConversion<EnumText<RowOutcome>>();
        configuration.Properties<Actor>().HaveConversion<ActorName>();
        configuration.Properties<HistoryKind>().HaveConversion<EnumText<HistoryKind>>();
        configuration.Properties<EndpointStatus>().HaveConversion<EnumText<EndpointStatus>>();
        configuration.Properties<DeliveryStatus>().HaveConversion<EnumText<DeliveryStatus>>();
        configuration.Properties<OperatorAction>().HaveConversion<EnumText<OperatorAction>>();
        configuration.Properties<CallOutcome>().HaveConversion<EnumText<CallOutcome>>();
        configuration.Properties<MoneyMoved>().HaveConversion<EnumText<MoneyMoved>>();
        configuration.Properties<DeliveryOutcome>().HaveConversion<EnumText<DeliveryOutcome>>();
        configuration.Properties<ScreeningAnswer>().HaveConversion<EnumText<ScreeningAnswer>>();
        configuration.Properties<PayorStatus>().HaveConversion<EnumText<PayorStatus>>();
        configuration.Properties<Dictionary<string, string>>()
            .HaveConversion<TextMap, TextMapComparer>().HaveColumnType("jsonb");
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Payout>(Payout);
        model.Entity<PayoutEvent>(PayoutEvent);
        model.Entity<IdempotencyKey>(IdempotencyKey);
        model.Entity<Notice>(Notice);
        model.Entity<Pause>(Pause);
        model.Entity<DatabaseEpoch>(Restore);
        model.Entity<RestoreClearance>(RestoreClearance);
        model.Entity<Replica>(Replica);
        model.Entity<HistoryEntry>(HistoryEntry);
        MapFeeds(model);
        MapOperators(model);
        model.Entity<ProviderCall>(ProviderCall);
        MapReports(model);
        MapBatches(model);
        MapHolds(model);
        model.Entity<Payee>(Payee);
        model.Entity<Account>(Account);
        model.Entity<Refund>(Refund);
        model.Entity<Payor>(Payor);

        foreach (var property in model.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(SnakeCase(property.Name));
        }
    }

    private static void Payout(EntityTypeBuilder<Payout> payout)
    {
        payout.ToTable("payouts", table =>
        {
            table.HasCheckConstraint("amount_is_positive", "amount_minor > 0");
            table.HasCheckConstraint("status_is_known", $"status IN ({Words<PayoutStatus>()})");
            table.HasCheckConstraint(
                "submitting_has_lease",
                "status <> 'submitting' OR (claim IS NOT NULL AND lease_until IS NOT NULL AND due_at IS NOT NULL "
                + "AND signed_at IS NOT NULL AND request_id IS NOT NULL AND claim = ANY (open_sends))");
            table.HasCheckConstraint("held_has_reason", "(status = 'held') = (hold_reason IS NOT NULL)");
            table.HasCheckConstraint(
                "only_final_is_confirmed",
                "confirmed_by IS NULL OR status IN ('succeeded', 'failed', 'returned')");
            table.HasCheckConstraint(
                "confirmed_by_who_can_know",
                "confirmed_by IS NULL OR confirmed_by IN ('inquiry', 'operator')");
            table.HasCheckConstraint(
                "somebody_will_look",
                "due_at IS NOT NULL OR status = 'canceled' OR confirmed_by IS NOT NULL");
            table.HasCheckConstraint("canceled_was_not_sent", "status <> 'canceled' OR cardinality(open_sends) = 0");
            table.HasCheckConstraint(
                "unsent_has_no_open_send",
                "status NOT IN ('queued', 'held') OR cardinality(open_sends) = 0");
            table.HasCheckConstraint(
                "only_unpaid_has_failure", "failure_reason IS NULL OR status IN ('failed', 'returned')");
            table.HasCheckConstraint("version_is_positive", "version > 0");
            table.HasCheckConstraint(
                "overruling_is_whole",
                "(overruling IS NULL) = (overruled_by IS NULL) AND (overruling IS NULL) = (overruled_owner IS NULL) "
                + "AND (overruling IS NULL) = (overruled_at IS NULL)");
        });
        payout.HasKey(row => row.Id).HasName("payouts_pkey");
        payout.Property(row => row.Id).ValueGeneratedNever();
        payout.ToTable(table => table.HasCheckConstraint(
            "fee_within_amount", "fee_minor BETWEEN 0 AND amount_minor"));
        payout.Property(row => row.Version).IsConcurrencyToken();
        payout.Ignore(row => row.IsDisputed).Ignore(row => row.IsPast).Ignore(row => row.IsOnlyPerhapsLost);
        payout.Ignore(row => row.Amount).Ignore(row => row.MoneyMoved).Ignore(row => row.MayBeReplaced);
        payout.HasIndex(row => new { row.Merchant, row.InvoiceId }).IsUnique()
            .HasDatabaseName("one_payout_per_invoice");
        payout.HasIndex(row => new { row.Merchant, row.TransactionNo }).IsUnique()
            .HasFilter("transaction_no IS NOT NULL").HasDatabaseName("one_payout_per_transaction");
        payout.HasIndex(row => new { row.Merchant, row.Replaces }).IsUnique()
            .HasFilter("replaces IS NOT NULL").HasDatabaseName("one_replacement_per_payout");
        payout.HasIndex(row => new { row.Merchant, row.Id }).HasDatabaseName("payouts_by_age");

        // In the order in which they are claimed: many may be due at one instant. By name, because to EF two indexes of
        // the same columns are one.
        payout.HasIndex(row => new { row.Merchant, row.Currency, row.DueAt, row.Id }, "payouts_to_send")
            .HasFilter("status = 'queued'");
        payout.HasIndex(row => new { row.Merchant, row.DueAt, row.Id }, "payouts_to_look_at")
            .HasFilter(
                "status <> 'submitting' AND (status <> 'queued' OR attention IN ('contradiction', 'mismatch')) "
                + "AND due_at IS NOT NULL");
        payout.HasIndex(row => new { row.Merchant, row.DueAt }, "payouts_submitting")
            .HasFilter("status = 'submitting'");

        // What is open, or final and not confirmed: small, however long the history is.
        payout.HasIndex(row => new { row.Merchant, row.Status, row.Id })
            .HasFilter("status <> 'canceled' AND confirmed_by IS NULL").HasDatabaseName("payouts_open");

        // What is looked for among many that were paid.
        payout.HasIndex(row => new { row.Merchant, row.Status, row.Id }, "payouts_not_paid")
            .HasFilter("status IN ('failed', 'returned', 'canceled')");
        payout.HasIndex(row => new { row.PayeeId, row.Id }).HasDatabaseName("payouts_by_payee");
        payout.HasIndex(row => new { row.AccountId, row.Id }).HasDatabaseName("payouts_by_account");
        HoldsOf(payout);
        payout.HasIndex(row => row.Attention).HasFilter("attention IS NOT NULL")
            .HasDatabaseName("payouts_with_attention");
        payout.HasIndex(row => row.ClaimedBy).HasFilter("status = 'submitting'").HasDatabaseName("payouts_by_batch");
        payout.HasIndex(row => new { row.Merchant, row.Currency, row.Id })
            .HasFilter("holds > 0 AND status IN ('queued', 'held', 'submitting')")
            .HasDatabaseName("payouts_once_held");
        payout.HasOne<Payee>().WithMany().HasForeignKey(row => row.PayeeId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("payout_has_payee");
        payout.HasOne<Account>().WithMany().HasForeignKey(row => row.AccountId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("payout_has_account");
    }

    private static void PayoutEvent(EntityTypeBuilder<PayoutEvent> entry)
    {
        entry.ToTable("payout_events");
        entry.HasKey(row => new { row.PayoutId, row.Version }).HasName("payout_events_pkey");
        entry.Property(row => row.Version).ValueGeneratedNever();
        entry.HasOne<Payout>().WithMany().HasForeignKey(row => row.PayoutId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("event_has_payout");
        entry.HasIndex(row => row.TraceId).HasFilter("trace_id IS NOT NULL").HasDatabaseName("payout_events_by_trace");
        NumberLines(entry, "payout_events_by_line");
    }

    private static void IdempotencyKey(EntityTypeBuilder<IdempotencyKey> key)
    {
        key.ToTable("idempotency_keys");
        key.HasKey(row => new { row.Merchant, row.ApiKey, row.Key }).HasName("one_payout_per_idempotency_key");
        key.HasIndex(row => row.PayoutId).HasDatabaseName("idempotency_keys_by_payout");
        key.HasOne<Payout>().WithMany().HasForeignKey(row => row.PayoutId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("idempotency_key_has_payout");
    }

    private static void Notice(EntityTypeBuilder<Notice> notice)
    {
        notice.ToTable("notices", table => table.HasCheckConstraint(
            "notice_is_about_something", "(invoice_id IS NULL) <> (account_id IS NULL)"));
        notice.HasKey(row => new { row.Merchant, row.Hash }).HasName("one_row_per_notice");
        notice.HasIndex(row => row.PayoutId).HasDatabaseName("notices_by_payout");
        notice.HasIndex(row => new { row.Merchant, row.InvoiceId })
            .HasFilter("payout_id IS NULL AND invoice_id IS NOT NULL").HasDatabaseName("notices_without_payout");
        notice.HasIndex(row => new { row.Merchant, row.ReceivedAt }).HasDatabaseName("notices_by_age");
        notice.HasIndex(row => row.AccountId).HasFilter("account_id IS NOT NULL").HasDatabaseName("notices_by_account");
    }

    private static void Pause(EntityTypeBuilder<Pause> pause)
    {
        pause.ToTable("pauses");
        pause.HasKey(row => new { row.Merchant, row.Kind }).HasName("one_pause_per_kind");
    }

    private static void Restore(EntityTypeBuilder<DatabaseEpoch> restore)
    {
        restore.ToTable("restores");
        restore.HasKey(row => row.No).HasName("restores_pkey");
        restore.Property(row => row.No).ValueGeneratedNever();
    }

    private static void RestoreClearance(EntityTypeBuilder<RestoreClearance> clearance)
    {
        clearance.ToTable("restore_clearances");
        clearance.HasKey(row => new { row.RestoreNo, row.Merchant }).HasName("restore_clearances_pkey");
        clearance.HasOne<DatabaseEpoch>().WithMany().HasForeignKey(row => row.RestoreNo)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("clearance_has_restore");
    }

    private static void Replica(EntityTypeBuilder<Replica> replica)
    {
        replica.ToTable("replicas");
        replica.HasKey(row => row.Id).HasName("replicas_pkey");
        replica.Property(row => row.Id).ValueGeneratedNever();
    }

    private static void HistoryEntry(EntityTypeBuilder<HistoryEntry> entry)
    {
        entry.ToTable("history");
        entry.HasKey(row => new { row.Merchant, row.Kind, row.Id, row.Version }).HasName("history_pkey");
        entry.Property(row => row.Version).ValueGeneratedNever();
        NumberLines(entry, "history_by_line");
    }

    private static void Payee(EntityTypeBuilder<Payee> payee)
    {
        payee.ToTable("payees", table =>
        {
            table.HasCheckConstraint("payee_status_is_known", $"status IN ({Words<PayeeStatus>()})");
            table.HasCheckConstraint(
                "registered_payee_has_number",
                "status = 'registering' OR customer_no IS NOT NULL");
        });
        payee.Ignore(row => row.IsRegistering);
        payee.HasKey(row => row.Id).HasName("payees_pkey");
        payee.Property(row => row.Id).ValueGeneratedNever();
        payee.Property(row => row.Version).IsConcurrencyToken();
        payee.HasIndex(row => new { row.Merchant, row.CustomerCode }).IsUnique()
            .HasDatabaseName("one_payee_per_customer_code");
        payee.HasIndex(row => new { row.Merchant, row.CustomerNo }).IsUnique()
            .HasFilter("customer_no IS NOT NULL").HasDatabaseName("one_payee_per_customer_no");
        payee.HasIndex(row => new { row.Merchant, row.Id }).HasDatabaseName("payees_by_age");
        payee.HasIndex(row => new { row.Merchant, row.Email }).HasDatabaseName("payees_by_email");
        payee.HasIndex(row => row.DueAt).HasDatabaseName("payees_to_look_at");
    }

    private static void Account(EntityTypeBuilder<Account> account)
    {
        account.ToTable("accounts", table =>
        {
            table.HasCheckConstraint("account_status_is_known", $"status IN ({Words<AccountStatus>()})");
            table.HasCheckConstraint(
                "added_account_has_token", "status IN ('registering', 'removed') OR account_token IS NOT NULL");
        });
        account.Ignore(row => row.IsRegistering);
        account.HasKey(row => row.Id).HasName("accounts_pkey");
        account.Property(row => row.Id).ValueGeneratedNever();
        account.Property(row => row.Version).IsConcurrencyToken();
        account.HasIndex(row => new { row.Merchant, row.PayeeId, row.AccountTag }).IsUnique()
            .HasDatabaseName("one_account_per_tag");
        account.HasIndex(row => new { row.Merchant, row.AccountToken }).IsUnique()
            .HasFilter("account_token IS NOT NULL").HasDatabaseName("one_account_per_token");
        account.HasIndex(row => new { row.Merchant, row.NumberFingerprint })
            .HasFilter("number_fingerprint IS NOT NULL").HasDatabaseName("accounts_by_number");
        account.HasOne<Payee>().WithMany().HasForeignKey(row => row.PayeeId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("account_has_payee");
    }

    private static void Refund(EntityTypeBuilder<Refund> refund)
    {
        refund.ToTable("refunds", table =>
        {
            table.HasCheckConstraint("refund_amount_is_positive", "amount_minor > 0");
            table.HasCheckConstraint("refund_status_is_known", $"status IN ({Words<RefundStatus>()})");
            table.HasCheckConstraint(
                "refund_names_its_transaction", "transaction_no IS NOT NULL OR reference IS NOT NULL");
            table.HasCheckConstraint(
                "somebody_will_look_at_refund", "due_at IS NOT NULL OR status IN ('succeeded', 'failed')");
            table.HasCheckConstraint("refund_version_is_positive", "version > 0");
        });
        refund.Ignore(row => row.IsOpen).Ignore(row => row.IsUnanswered);
        refund.HasKey(row => row.Id).HasName("refunds_pkey");
        refund.Property(row => row.Id).ValueGeneratedNever();
        refund.Property(row => row.Version).IsConcurrencyToken();
        refund.HasIndex(row => new { row.Merchant, row.RefundReference }).IsUnique()
            .HasDatabaseName("one_refund_per_reference");
        refund.HasIndex(row => new { row.Merchant, row.RefundTransactionNo }).IsUnique()
            .HasFilter("refund_transaction_no IS NOT NULL").HasDatabaseName("one_refund_per_refund_transaction");
        refund.HasIndex(row => new { row.Merchant, row.TransactionNo }).HasDatabaseName("refunds_by_transaction");
        refund.HasIndex(row => new { row.Merchant, row.Id }).HasDatabaseName("refunds_by_age");
        refund.HasIndex(row => row.DueAt).HasFilter("due_at IS NOT NULL").HasDatabaseName("refunds_to_look_at");
        refund.HasIndex(row => row.Attention).HasFilter("attention IS NOT NULL")
            .HasDatabaseName("refunds_with_attention");
    }

    private static void Payor(EntityTypeBuilder<Payor> payor)
    {
        payor.ToTable("payors", table =>
        {
            table.HasCheckConstraint("payor_status_is_known", $"status IN ({Words<PayorStatus>()})");
            table.HasCheckConstraint(
                "registered_payor_has_number", "(status IN ('registering', 'unconfirmed')) = (payor_no IS NULL)");
            table.HasCheckConstraint(
                "registering_payor_has_lease", "(status = 'registering') = (lease_until IS NOT NULL)");
            table.HasCheckConstraint("payor_version_is_positive", "version > 0");
        });
        payor.HasKey(row => row.Id).HasName("payors_pkey");
        payor.Property(row => row.Id).ValueGeneratedNever();
        payor.Property(row => row.Version).IsConcurrencyToken();
        payor.HasIndex(row => new { row.Merchant, row.PayorCode }).IsUnique()
            .HasDatabaseName("one_payor_per_payor_code");
        payor.HasIndex(row => new { row.Merchant, row.PayorNo }).IsUnique()
            .HasFilter("payor_no IS NOT NULL").HasDatabaseName("one_payor_per_payor_no");
        payor.HasIndex(row => new { row.Merchant, row.Id }).HasDatabaseName("payors_by_age");
    }

    private static string Words<T>()
        where T : struct, Enum =>
            string.Join(", ", Enum.GetValues<T>().Select(value => $"'{EnumText<T>.Word(value)}'"));

    private static string SnakeCase(string name) => name switch
    {
        // FROM and TO are words of SQL.
        "From" => "from_status",
        "To" => "to_status",

        // The columns keep the names that statements written by hand have for them.
        "KnownToProvider" => "heard",
        "HoldCount" => "holds",
        "SendCount" => "sends",
        "ResendCount" => "resends",
        "RefreshCount" => "looks",
        "InquiryCount" => "asks",
        _ => string.Concat(name.Select((letter, at) =>
            char.IsUpper(letter) && at > 0 ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}")),
    };

    /// <summary>An enum as the camelCase word that JSON shows too.</summary>
    internal sealed class EnumText<T>()
        : ValueConverter<T, string>(value => Word(value), word => Enum.Parse<T>(word, true))
        where T : struct, Enum
    {
        public static string Word(T value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
    }

    internal sealed class ActorName() : ValueConverter<Actor, string>(actor => actor.Name, name => Actor.Named(name));

    internal sealed class TextMap() : ValueConverter<Dictionary<string, string>, string>(
        map => JsonSerializer.Serialize(map, JsonSerializerOptions.Default),
        json => JsonSerializer.Deserialize<Dictionary<string, string>>(json, JsonSerializerOptions.Default)!);

    internal sealed class TextMapComparer() : ValueComparer<Dictionary<string, string>>(
        (left, right) => ReferenceEquals(left, right),
        map => map.Count,
        map => map);
}
