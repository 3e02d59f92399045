using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Storage;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Storage;

/// <summary>How the model's contexts write.</summary>
public sealed class PayoutDbTests
{
    [Fact]
    public async Task No_context_of_the_pool_makes_savepoints_because_one_that_is_not_released_loses_the_commit()
    {
        await using var services = Services(await TestDatabase.CreateAsync());
        var databases = services.GetRequiredService<IDbContextFactory<PayoutDb>>();

        var saved = new List<bool>();
        for (var lease = 0; lease < 2; lease++)
        {
            await using var db = await databases.CreateDbContextAsync();
            saved.Add(db.Database.AutoSavepointsEnabled);
        }

        Assert.Equal([false, false], saved);
    }

    private static ServiceProvider Services(string connectionString)
    {
        var services = new ServiceCollection();
        StorageSetup.Add(services, new ConnectionStrings(connectionString, connectionString), [1, 2, 3]);
        return services.BuildServiceProvider();
    }
}
