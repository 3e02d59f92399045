using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace PayoutService.Storage;

/// <summary>Lets <c>dotnet ef</c> see the model without settings and without a database.</summary>
internal sealed class PayoutDbDesign : IDesignTimeDbContextFactory<PayoutDb>
{
    public PayoutDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PayoutDb>().UseNpgsql("Host=unused").Options);
}
