using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PayoutService.Storage.Operators;

namespace PayoutService.Storage;

/// <content>What the operator pages keep.</content>
internal sealed partial class PayoutDb : IDataProtectionKeyContext
{
    public DbSet<OperatorAct> OperatorActs => Set<OperatorAct>();

    /// <summary>Keys of operators' sessions: a session that one replica made holds on all. They are written by
    /// ASP.NET, encrypted.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    private static void MapOperators(ModelBuilder model)
    {
        model.Entity<OperatorAct>(OperatorAct);
        model.Entity<DataProtectionKey>(key =>
            key.ToTable("data_protection_keys").HasKey(row => row.Id).HasName("data_protection_keys_pkey"));
    }

    private static void OperatorAct(EntityTypeBuilder<OperatorAct> act)
    {
        act.ToTable("operator_acts", table => table.HasCheckConstraint(
            "operator_action_is_known", $"action IN ({Words<OperatorAction>()})"));
        act.HasKey(row => row.No).HasName("operator_acts_pkey");
        act.HasIndex(row => new { row.Merchant, row.No }).HasDatabaseName("operator_acts_by_merchant");
    }
}
