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

    public DbSet<FeedProgress> FeedProgress => Set<FeedProgress>();

    public DbSet<FeedGap> FeedGaps => Set<FeedGap>();

    private static void MapFeeds(ModelBuilder model)
    {
        model.HasSequence("line_numbers");
        model.Entity<FeedEntry>(FeedEntry);
        model.Entity<Feed>(feed => feed.ToTable("feeds").HasKey(row => row.Merchant).HasName("feeds_pkey"));
        model.Entity<FeedProgress>(FeedProgressRow);
        model.Entity<FeedGap>(FeedGap);
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
