using System.Diagnostics;
using System.Globalization;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using Xunit.Abstractions;

namespace PayoutService.Tests.Ops;

/// <summary>The memory that a long list takes. It is that of the process, so no other test runs meanwhile.</summary>
[Collection(nameof(Alone))]
[Trait("Run", "Long")]
public sealed class DownloadMemoryTests(ITestOutputHelper output) : OpsTests
{
    [Fact]
    public async Task However_many_payouts_are_sent_only_a_few_are_in_memory()
    {
        var count = Proof.IsFull ? 1_000_000 : 50_000;
        await ManyPayouts.FillAsync(Stage, count, "succeeded");
        await CountLinesAsync("/ops/payouts.csv?q=since:2100-01-01");
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var ended = new CancellationTokenSource();
        var most = MostMemory.UntilAsync(ended.Token);

        var watch = Stopwatch.StartNew();
        var (lines, last, bytes) = await CountLinesAsync("/ops/payouts.csv");
        watch.Stop();
        await ended.CancelAsync();

        var (heap, process) = await most;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{lines:N0} lines, {bytes / 1048576:N0} MiB in {watch.Elapsed.TotalSeconds:N1} s; heap at most "
            + $"{heap / 1048576:N0} MiB, {before / 1048576:N0} before; process at most {process / 1048576:N0} MiB"));
        Assert.Equal(count + 3, lines);
        Assert.Equal($"total,,,,,,,,{500 * (count + 1)}.00,USD,0.00,,,,,,,,{count + 1}", last);
        Assert.True(heap - before < 100 * 1048576, $"The heap grew from {before:N0} to {heap:N0} bytes.");
    }

    private async Task<(long Lines, string Last, long Bytes)> CountLinesAsync(string path)
    {
        using var answer = await Browser.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var (lines, last, bytes) = (0L, "", 0L);
        while (await reader.ReadLineAsync() is { } line)
        {
            (lines, last, bytes) = (lines + 1, line, bytes + line.Length + 2);
        }

        return (lines, last, bytes);
    }
}
