using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage.Holds;

namespace PayoutService.Storage;

/// <content>What holds of rules need.</content>
internal sealed partial class PayoutDb
{
    public DbSet<Approval> Approvals => Set<Approval>();

    public DbSet<Screening> Screenings => Set<Screening>();

    public DbSet<RuleSet> RuleSets => Set<RuleSet>();

    /// <summary>The words of the holds of rules, as SQL lists them.</summary>
    internal static readonly string RuleHolds =
        string.Join(", ", HoldReasons.OfRules.Select(reason => $"'{EnumText<HoldReason>.Word(reason)}'"));

    private static void MapHolds(ModelBuilder model)
    {
        model.Entity<Approval>(Approval);
        model.Entity<Screening>(Screening);
        model.Entity<RuleSet>(RuleSet);
    }

    private static void HoldsOf(EntityTypeBuilder<Payout> payout)
    {
        payout.Ignore(row => row.StandingHold).Ignore(row => row.AwaitsApproval).Ignore(row => row.HasReleasableHold)
            .Ignore(row => row.LacksApprover);
        payout.ToTable(table =>
        {
            // Whatever goes wrong elsewhere: what a rule holds is not claimed.
            table.HasCheckConstraint("no_finding_is_passed", "findings IS NULL OR status IN ('held', 'unconfirmed')");
            table.HasCheckConstraint(
                "rule_hold_has_finding", $"hold_reason IS NULL OR hold_reason NOT IN ({RuleHolds}) "
                    + "OR (findings IS NOT NULL AND jsonb_exists(findings, hold_reason))");
        });
        payout.HasIndex(row => new { row.Merchant, row.DueAt, row.Id }, "payouts_held_by_rules")
            .HasFilter("status = 'held' AND findings IS NOT NULL");
    }

    private static void Approval(EntityTypeBuilder<Approval> approval)
    {
        approval.ToTable("approvals", table =>
        {
            table.HasCheckConstraint("one_or_two_approvers", "approvers IN (1, 2)");
            table.HasCheckConstraint(
                "first_approval_is_whole",
                "(first_by IS NULL) = (first_owner IS NULL) AND (first_by IS NULL) = (first_at IS NULL)");
            table.HasCheckConstraint("nobody_approves_alone", "first_owner <> requested_owner");
        });
        approval.HasKey(row => row.PayoutId).HasName("approvals_pkey");
        approval.Property(row => row.PayoutId).ValueGeneratedNever();
        approval.HasOne<Payout>().WithMany().HasForeignKey(row => row.PayoutId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("approval_has_payout");
    }

    private static void RuleSet(EntityTypeBuilder<RuleSet> rules)
    {
        rules.ToTable("rule_sets");
        rules.HasKey(row => row.No).HasName("rule_sets_pkey");
        rules.HasIndex(row => new { row.Merchant, row.No }).HasDatabaseName("rule_sets_by_merchant");
    }

    private static void Screening(EntityTypeBuilder<Screening> screening)
    {
        screening.ToTable("screenings", table => table.HasCheckConstraint(
            "screening_answer_is_known", $"answer IN ({Words<ScreeningAnswer>()})"));
        screening.HasKey(row => row.AccountId).HasName("screenings_pkey");
        screening.Property(row => row.AccountId).ValueGeneratedNever();
        screening.HasOne<Account>().WithMany().HasForeignKey(row => row.AccountId)
            .OnDelete(DeleteBehavior.Cascade).HasConstraintName("screening_has_account");
    }
}
