using System.Diagnostics;
using OpenTelemetry.Trace;
using PayoutService.Host;
using PayoutService.Telemetry;

namespace PayoutService.Tests.Telemetry;

/// <summary>Trace ids are in the order of their times, so that new rows go to the end of their index, and still a part
/// of them, and not all of one time, is sampled.</summary>
public sealed class TraceIdTests
{
    private const int MillisecondDigits = 12;

    [Fact]
    public void Ids_of_traces_that_begin_here_are_in_the_order_of_their_times()
    {
        var times = NewIds(count: 2_000).Select(id => id.ToString()[..MillisecondDigits]).ToList();

        Assert.Equal(times.Order(StringComparer.Ordinal), times);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    public void The_share_that_the_setting_names_is_sampled(double ratio)
    {
        var sampler = new TelemetrySetup.LinkedSampler(ratio);

        var sampled = NewIds(count: 20_000).Count(id => sampler.ShouldSample(new SamplingParameters(
            default, id, "request", ActivityKind.Server)).Decision is SamplingDecision.RecordAndSample);

        Assert.InRange(sampled / 20_000.0, 0.85 * ratio, 1.15 * ratio);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1_000)]
    public void None_is_sampled_at_0_and_all_are_at_1(double ratio, int expected)
    {
        var sampler = new TelemetrySetup.LinkedSampler(ratio);

        Assert.Equal(expected, NewIds(count: 1_000).Count(id => sampler.ShouldSample(new SamplingParameters(
            default, id, "request", ActivityKind.Server)).Decision is SamplingDecision.RecordAndSample));
    }

    private static List<ActivityTraceId> NewIds(int count)
    {
        Traces.OrderIds();
        Activity.Current = null;
        List<ActivityTraceId> ids = [];
        for (var at = 0; at < count; at++)
        {
            using var span = new Activity("request").Start();
            ids.Add(span.TraceId);
        }

        return ids;
    }
}
