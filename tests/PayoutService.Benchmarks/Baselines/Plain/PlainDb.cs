using Microsoft.EntityFrameworkCore;

namespace PayoutService.Benchmarks.Baselines.Plain;

internal sealed class PlainPayout
{
    public Guid Id { get; set; }

    public required string Merchant { get; set; }

    public required string InvoiceId { get; set; }

    public Guid PayeeId { get; set; }

    public Guid AccountId { get; set; }

    public required string CustomerNo { get; set; }

    public required string AccountToken { get; set; }

    public long AmountMinor { get; set; }

    public required string Currency { get; set; }

    public string Metadata { get; set; } = "{}";

    public string ApiKey { get; set; } = "benchmark";

    public required string Content { get; set; }

    public required string Status { get; set; }

    public DateTimeOffset StatusSince { get; set; }

    public DateTimeOffset? DueAt { get; set; }

    public int Version { get; set; }

    public int[] OpenSends { get; set; } = [];

    public int Sends { get; set; }

    public int Resends { get; set; }

    public bool Heard { get; set; }

    public int NotSeenCount { get; set; }

    public int NotSentCount { get; set; }

    public int Holds { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class PlainEvent
{
    public Guid PayoutId { get; set; }

    public int Version { get; set; }

    public DateTimeOffset At { get; set; }

    public required string Actor { get; set; }

    public required string Kind { get; set; }

    public string? ToStatus { get; set; }

    public string Detail { get; set; } = "{}";
}

internal sealed class PlainAccount
{
    public Guid Id { get; set; }

    public required string Merchant { get; set; }

    public Guid PayeeId { get; set; }

    public required string Status { get; set; }

    public required string Currency { get; set; }

    public string? AccountToken { get; set; }
}

internal sealed class PlainPayee
{
    public Guid Id { get; set; }

    public required string Status { get; set; }

    public string? CustomerNo { get; set; }
}

/// <summary>The service's tables, as far as accepting a payout touches them.</summary>
internal sealed class PlainDb(DbContextOptions<PlainDb> options) : DbContext(options)
{
    public DbSet<PlainPayout> Payouts => Set<PlainPayout>();

    public DbSet<PlainEvent> Events => Set<PlainEvent>();

    public DbSet<PlainAccount> Accounts => Set<PlainAccount>();

    public DbSet<PlainPayee> Payees => Set<PlainPayee>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<PlainPayout>(payout =>
        {
            payout.ToTable("payouts").Property(row => row.Id).ValueGeneratedNever();
            payout.Property(row => row.Metadata).HasColumnType("jsonb");
            payout.Property(row => row.Content).HasColumnType("jsonb");
        });
        modelBuilder.Entity<PlainEvent>(entry =>
        {
            entry.ToTable("payout_events").HasKey(row => new { row.PayoutId, row.Version });
            entry.Property(row => row.Version).ValueGeneratedNever();
            entry.HasOne<PlainPayout>().WithMany().HasForeignKey(row => row.PayoutId);
            entry.Property(row => row.Detail).HasColumnType("jsonb");
        });
        modelBuilder.Entity<PlainAccount>().ToTable("accounts");
        modelBuilder.Entity<PlainPayee>().ToTable("payees");
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(string.Concat(property.Name.Select((letter, at) =>
                char.IsUpper(letter) ? $"{(at > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}")));
        }
    }
}
