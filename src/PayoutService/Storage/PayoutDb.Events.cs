using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PayoutService.Storage.Events;

namespace PayoutService.Storage;

/// <content>The feeds of events.</content>
internal sealed partial class PayoutDb
{
    /// <summary>The number that the database gives a line of history.</summary>
    public const string LineNo = "LineNo";

    public DbSet<FeedEntry> FeedEntries => Set<FeedEntry>();

    public DbSet<Feed> Feeds => Set<Feed>();

    public DbSet<FeedBalance> FeedBalances => Set<FeedBalance>();

    public DbSet<FeedProgress> FeedProgress => Set<FeedProgress>();

    public DbSet<FeedGap> FeedGaps => Set<FeedGap>();

    public DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();

    public DbSet<Delivery> Deliveries => Set<Delivery>();

    public DbSet<Recovery> Recoveries => Set<Recovery>();

    public DbSet<DeliveryAttempt> DeliveryAttempts => Set<DeliveryAttempt>();

    private static void MapFeeds(ModelBuilder model)
    {
        model.HasSequence("line_numbers");
        model.Entity<FeedEntry>(FeedEntry);
        model.Entity<Feed>(feed => feed.ToTable("feeds").HasKey(row => row.Merchant).HasName("feeds_pkey"));
        model.Entity<FeedBalance>(balance =>
            balance.ToTable("feed_balances").HasKey(row => new { row.Merchant, row.Currency })
                .HasName("feed_balances_pkey"));
        model.Entity<FeedProgress>(FeedProgressRow);
        model.Entity<FeedGap>(FeedGap);
        model.Entity<WebhookEndpoint>(WebhookEndpoint);
        model.Entity<Delivery>(Delivery);
        model.Entity<DeliveryAttempt>(DeliveryAttempt);
        model.Entity<Recovery>(Recovery);
    }

    private static void WebhookEndpoint(EntityTypeBuilder<WebhookEndpoint> endpoint)
    {
        endpoint.ToTable("webhook_endpoints", table => table.HasCheckConstraint(
            "endpoint_status_is_known", $"status IN ({Words<EndpointStatus>()})"));
        endpoint.HasKey(row => row.Id).HasName("webhook_endpoints_pkey");
        endpoint.Property(row => row.Id).ValueGeneratedNever();
        endpoint.Property(row => row.Version).IsConcurrencyToken();
        endpoint.HasIndex(row => new { row.Merchant, row.Url }).IsUnique().HasDatabaseName("one_endpoint_per_url");
    }

    private static void Delivery(EntityTypeBuilder<Delivery> delivery)
    {
        delivery.ToTable("deliveries", table => table.HasCheckConstraint(
            "delivery_status_is_known", $"status IN ({Words<DeliveryStatus>()})"));
        delivery.HasKey(row => row.Id).HasName("deliveries_pkey");
        delivery.Property(row => row.Id).ValueGeneratedNever();
        delivery.HasIndex(row => new { row.EndpointId, row.Sequence }).IsUnique()
            .HasDatabaseName("one_delivery_per_event");
        delivery.HasIndex(row => new { row.EndpointId, row.ObjectId, row.Sequence }, "deliveries_in_line")
            .HasFilter("status = 'pending'");
        delivery.HasIndex(row => new { row.EndpointId, row.DueAt }, "deliveries_due").HasFilter("status = 'pending'");
        delivery.HasOne<WebhookEndpoint>().WithMany().HasForeignKey(row => row.EndpointId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("delivery_has_endpoint");
    }

    private static void DeliveryAttempt(EntityTypeBuilder<DeliveryAttempt> attempt)
    {
        attempt.ToTable("delivery_attempts");
        attempt.HasKey(row => new { row.DeliveryId, row.No }).HasName("delivery_attempts_pkey");
        attempt.Property(row => row.No).ValueGeneratedNever();
        attempt.HasOne<Delivery>().WithMany().HasForeignKey(row => row.DeliveryId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("attempt_has_delivery");
    }

    private static void Recovery(EntityTypeBuilder<Recovery> recovery)
    {
        recovery.ToTable("recoveries");
        recovery.HasKey(row => row.Id).HasName("recoveries_pkey");
        recovery.Property(row => row.Id).ValueGeneratedNever();
        recovery.HasIndex(row => row.EndpointId, "one_recovery_at_a_time").IsUnique()
            .HasFilter("finished_at IS NULL");
        recovery.HasOne<WebhookEndpoint>().WithMany().HasForeignKey(row => row.EndpointId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("recovery_has_endpoint");
    }

    /// <summary>Numbers the lines of both histories, for the feeds. A transaction has its id before it takes a number:
    /// who sees a number missing can wait for all transactions that were begun by then.</summary>
    private static void NumberLines<T>(EntityTypeBuilder<T> entry, string index)
        where T : class
    {
        entry.Property<long>(LineNo).ValueGeneratedOnAdd()
            .HasDefaultValueSql("CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('line_numbers') END");
        entry.HasIndex(LineNo).IsUnique().HasDatabaseName(index);
    }

    private static void FeedEntry(EntityTypeBuilder<FeedEntry> entry)
    {
        entry.ToTable("feed_entries");
        entry.HasKey(row => new { row.Merchant, row.Sequence }).HasName("feed_entries_pkey");
        entry.HasIndex(row => new { row.LineNo, row.Part }).IsUnique().HasDatabaseName("one_feed_entry_per_part");
    }

    private static void FeedProgressRow(EntityTypeBuilder<FeedProgress> progress)
    {
        progress.ToTable("feed_progress", table => table.HasCheckConstraint("one_row_of_feed_progress", "id = 1"));
        progress.HasKey(row => row.Id).HasName("feed_progress_pkey");
        progress.Property(row => row.Id).ValueGeneratedNever();
        progress.HasData(new FeedProgress());
    }

    private static void FeedGap(EntityTypeBuilder<FeedGap> gap)
    {
        gap.ToTable("feed_gaps");
        gap.HasKey(row => row.First).HasName("feed_gaps_pkey");
        gap.Property(row => row.First).ValueGeneratedNever();
    }
}
