using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PayoutService.Payouts;
using PayoutService.Storage.Batches;

namespace PayoutService.Storage;

/// <content>Batches and their rows.</content>
internal sealed partial class PayoutDb
{
    public DbSet<Batch> Batches => Set<Batch>();

    public DbSet<BatchRow> BatchRows => Set<BatchRow>();

    private static void MapBatches(ModelBuilder model)
    {
        model.Entity<Batch>(Batch);
        model.Entity<BatchRow>(BatchRow);
        model.Entity<Payout>().HasOne<Batch>().WithMany().HasForeignKey(row => row.BatchId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("payout_has_batch");
        model.Entity<Payout>().HasIndex(row => new { row.BatchId, row.Id }).HasFilter("batch_id IS NOT NULL")
            .HasDatabaseName("payouts_of_batch");
    }

    private static void Batch(EntityTypeBuilder<Batch> batch)
    {
        batch.ToTable("batches", table =>
        {
            table.HasCheckConstraint("batch_status_is_known", $"status IN ({Words<BatchStatus>()})");
            table.HasCheckConstraint(
                "running_batch_was_confirmed",
                "status NOT IN ('running', 'finished') OR (confirmed_at IS NOT NULL AND confirmed_by IS NOT NULL)");
            table.HasCheckConstraint("batch_version_is_positive", "version > 0");
        });
        batch.HasKey(row => row.Id).HasName("batches_pkey");
        batch.Property(row => row.Id).ValueGeneratedNever();
        batch.Property(row => row.Version).IsConcurrencyToken();
        batch.HasIndex(row => new { row.Merchant, row.Id }).HasDatabaseName("batches_by_age");
        batch.HasIndex(row => row.Id, "batches_open")
            .HasFilter("status IN ('planning', 'planned', 'running', 'canceling')");
    }

    private static void BatchRow(EntityTypeBuilder<BatchRow> row)
    {
        row.ToTable("batch_rows", table => table.HasCheckConstraint(
            "row_outcome_is_known", $"outcome IN ({Words<RowOutcome>()})"));
        row.HasKey(one => new { one.BatchId, one.No }).HasName("batch_rows_pkey");
        row.Property(one => one.No).ValueGeneratedNever();
        row.Property(one => one.Faults).HasColumnType("jsonb");
        row.HasIndex(one => new { one.BatchId, one.No }, "batch_rows_pending").HasFilter("outcome = 'pending'");
        row.HasIndex(one => new { one.BatchId, one.No }, "batch_rows_with_faults").HasFilter("faults <> '[]'");
        row.HasOne<Batch>().WithMany().HasForeignKey(one => one.BatchId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("row_has_batch");
    }
}
