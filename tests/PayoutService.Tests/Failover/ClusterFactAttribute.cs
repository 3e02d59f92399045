namespace PayoutService.Tests.Failover;

/// <summary>A test on the cluster of deploy/postgres-ha, which runs when PAYOUTS_FAILOVER says so: ./test failover.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterFactAttribute : FactAttribute
{
    /// <param name="inShort">It belongs to the short form, too.</param>
    public ClusterFactAttribute(bool inShort = false)
    {
        if (Extent is not "full" && !(inShort && Extent is "short"))
        {
            Skip = "./test failover runs it.";
        }
    }

    /// <summary>How much is to run: full, short, or nothing.</summary>
    public static string? Extent => Environment.GetEnvironmentVariable("PAYOUTS_FAILOVER");
}
