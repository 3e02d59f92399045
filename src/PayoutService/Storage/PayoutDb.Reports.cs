using Microsoft.EntityFrameworkCore;
using PayoutService.Storage.Events;
using PayoutService.Storage.Reports;

namespace PayoutService.Storage;

/// <content>What reports and charts are made of.</content>
internal sealed partial class PayoutDb
{
    public DbSet<PayoutCount> PayoutCounts => Set<PayoutCount>();

    public DbSet<PayoutTime> PayoutTimes => Set<PayoutTime>();

    public DbSet<CallCount> CallCounts => Set<CallCount>();

    public DbSet<DeliveryCount> DeliveryCounts => Set<DeliveryCount>();

    private static void MapReports(ModelBuilder model)
    {
        model.Entity<PayoutCount>(count =>
        {
            count.ToTable("payout_counts");
            count.HasKey(row => new { row.Merchant, row.Day, row.Currency, row.Rail, row.Status, row.MoneyMoved })
                .HasName("payout_counts_pkey");
        });
        model.Entity<PayoutTime>(time =>
        {
            time.ToTable("payout_times");
            time.HasKey(row => new { row.Merchant, row.Day, row.Currency, row.Rail, row.Status, row.Bucket })
                .HasName("payout_times_pkey");
        });
        model.Entity<CallCount>(count =>
        {
            count.ToTable("call_counts");
            count.HasKey(row => new { row.Merchant, row.Day, row.Outcome, row.Bucket }).HasName("call_counts_pkey");
        });
        model.Entity<DeliveryCount>(count =>
        {
            count.ToTable("delivery_counts");
            count.HasKey(row => new { row.EndpointId, row.Day, row.Outcome }).HasName("delivery_counts_pkey");
            count.HasOne<WebhookEndpoint>().WithMany().HasForeignKey(row => row.EndpointId)
                .OnDelete(DeleteBehavior.Cascade).HasConstraintName("delivery_count_has_endpoint");
        });
    }
}
