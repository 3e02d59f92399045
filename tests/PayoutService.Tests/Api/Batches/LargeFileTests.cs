using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using PayoutService.Tests.Proofs;
using PayoutService.Tests.Support;
using Xunit.Abstractions;
using static PayoutService.Tests.Api.Batches.BatchStage;

namespace PayoutService.Tests.Api.Batches;

/// <summary>The memory that a large file takes. It is that of the process, so no other test runs meanwhile.</summary>
[Collection(nameof(Alone))]
[Trait("Run", "Long")]
public sealed class LargeFileTests(ServiceFixture stage, ITestOutputHelper output) : IClassFixture<ServiceFixture>
{
    private readonly BatchStage batches = new(stage);

    /// <summary>`./test proof` sends as many rows as a file may have.</summary>
    [Fact]
    public async Task However_many_rows_a_file_has_only_some_are_in_memory()
    {
        var count = Proof.Size(full: 100_000, usual: 5_000);
        await batches.PlanAsync(batches.File(stage.NewKey("warm"), 600));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var ended = new CancellationTokenSource();
        var most = MostMemory.UntilAsync(ended.Token);

        var watch = Stopwatch.StartNew();
        using var sent = new Rows(count, at => batches.Line(
            $"many-{at}", string.Create(CultureInfo.InvariantCulture, $"{(at + 1) / 100m:0.00}")));
        using var answer = await stage.Api.PostAsync("/v1/batches", sent);
        var uploaded = watch.Elapsed;
        var plan = await batches.PlannedAsync(answer);
        var planned = watch.Elapsed - uploaded;
        await ended.CancelAsync();

        var (heap, process) = await most;
        output.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"a file of {count:N0} rows, {sent.Bytes / 1048576.0:N1} MiB: stored in {uploaded.TotalSeconds:N1} s, "
            + $"planned in {planned.TotalSeconds:N1} s; heap at most {heap / 1048576:N0} MiB, {before / 1048576:N0} "
            + $"before; process at most {process / 1048576:N0} MiB"));
        Assert.Equal(
            ("planned", count, 0, 0),
            (Text(plan, "status"), Number(plan, "rows"), Number(plan, "errors"), Number(plan, "warnings")));
        Assert.True(heap - before < 200 * 1048576, $"The heap grew from {before:N0} to {heap:N0} bytes.");
    }

    /// <summary>A file that is made while it is sent.</summary>
    private sealed class Rows : HttpContent
    {
        private readonly int count;
        private readonly Func<int, string> line;

        public Rows(int count, Func<int, string> line)
        {
            (this.count, this.line) = (count, line);
            Headers.ContentType = new("text/csv");
        }

        public long Bytes { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await WriteAsync($"{Header}\n");
            foreach (var some in Enumerable.Range(0, count).Chunk(1_000))
            {
                await WriteAsync(string.Concat(some.Select(at => $"{line(at)}\n")));
            }

            async Task WriteAsync(string text)
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                Bytes += bytes.Length;
                await stream.WriteAsync(bytes);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
