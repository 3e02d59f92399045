using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PayoutService.Benchmarks.Measures;
using PayoutService.Benchmarks.World;

namespace PayoutService.Benchmarks.Load;

/// <summary>Batches as large as they may be, one after the other, from one caller.</summary>
internal static class Batches
{
    public const int Size = 10_000;

    /// <summary>Answers how many payouts were created, and how long each call took.</summary>
    public static async Task<LoadResult> PostAsync(Bench bench, int port, TimeSpan time)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Service.Key);
        var seconds = 0.0;
        List<double> latencies = [];
        while (seconds < time.TotalSeconds)
        {
            using var body = new StringContent(Orders.Batch(bench, Size), Encoding.UTF8, "application/json");
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsync(new Uri("/v1/payout-batches", UriKind.Relative), body);
            var told = await answer.Content.ReadAsByteArrayAsync();
            var took = Stopwatch.GetElapsedTime(began);
            using var result = JsonDocument.Parse(told);
            if (!answer.IsSuccessStatusCode || result.RootElement.GetProperty("created").GetInt32() != Size)
            {
                throw new InvalidOperationException($"A batch was answered {answer.StatusCode}.");
            }

            seconds += took.TotalSeconds;
            latencies.Add(took.TotalMilliseconds);
        }

        latencies.Sort();
        var total = (long)latencies.Count * Size;
        return new LoadResult(seconds, total, new Dictionary<int, long> { [200] = total }, [.. latencies]);
    }
}
