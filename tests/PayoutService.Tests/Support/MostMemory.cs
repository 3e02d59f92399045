using System.Diagnostics;

namespace PayoutService.Tests.Support;

/// <summary>Watches how much memory this process takes.</summary>
internal static class MostMemory
{
    /// <returns>The most bytes of the heap and of the process, looked at twenty times a second.</returns>
    public static async Task<(long Heap, long Process)> UntilAsync(CancellationToken ended)
    {
        var (heap, process) = (0L, 0L);
        while (!ended.IsCancellationRequested)
        {
            using var self = Process.GetCurrentProcess();
            (heap, process) = (Math.Max(heap, GC.GetTotalMemory(false)), Math.Max(process, self.WorkingSet64));
            await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ended));
        }

        return (heap, process);
    }
}
