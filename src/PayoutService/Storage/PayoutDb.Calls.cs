using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PayoutService.Storage.Calls;

namespace PayoutService.Storage;

/// <content>The calls to Pockyt.</content>
internal sealed partial class PayoutDb
{
    public DbSet<ProviderCall> ProviderCalls => Set<ProviderCall>();

    private static void ProviderCall(EntityTypeBuilder<ProviderCall> call)
    {
        call.ToTable("provider_calls", table => table.HasCheckConstraint(
            "call_outcome_is_known", $"outcome IN ({Words<CallOutcome>()})"));
        call.HasKey(row => row.Id).HasName("provider_calls_pkey");
        call.Property(row => row.Id).ValueGeneratedNever();
        call.HasIndex(row => new { row.PayoutId, row.Id }).HasFilter("payout_id IS NOT NULL")
            .HasDatabaseName("provider_calls_by_payout");
        call.HasIndex(row => row.RequestId).HasFilter("request_id IS NOT NULL")
            .HasDatabaseName("provider_calls_by_request");
    }
}
