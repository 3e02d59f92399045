using System.Diagnostics;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PayoutService.Telemetry;

namespace PayoutService.Host;

/// <summary>Metrics for Prometheus and for a collector of OTLP, and traces for the latter.</summary>
internal static class TelemetrySetup
{
    private const string MetricsPath = "/metrics";

    public static void Add(WebApplicationBuilder builder, TelemetrySettings settings)
    {
        // Else OpenTelemetry would continue the trace of anybody, where CallerTraces asks for a known key.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("payout-service"));
        var isShown = settings.MetricsPort > 0 || builder.Environment.IsDevelopment();
        if (isShown || settings.OtlpEndpoint is not null)
        {
            telemetry.WithMetrics(metrics => AddMetrics(metrics, isShown, settings.OtlpEndpoint));
        }

        Traces.OrderIds();
        if (settings.OtlpEndpoint is { } collector)
        {
            telemetry.WithTracing(traces => AddTraces(traces, collector, settings.TraceRatio));
        }
    }

    /// <summary>Shows metrics at a port that has nothing else, and in Development beside the API.</summary>
    public static void Use(WebApplication app, TelemetrySettings settings)
    {
        if (settings.MetricsPort > 0)
        {
            app.UseWhen(
                context => context.Connection.LocalPort == settings.MetricsPort,
                metrics =>
                {
                    metrics.UseOpenTelemetryPrometheusScrapingEndpoint(MetricsPath);
                    metrics.Run(context =>
                    {
                        context.Response.StatusCode = StatusCodes.Status404NotFound;
                        return Task.CompletedTask;
                    });
                });
        }

        if (app.Environment.IsDevelopment())
        {
            app.UseOpenTelemetryPrometheusScrapingEndpoint(MetricsPath);
        }
    }

    private static void AddMetrics(MeterProviderBuilder metrics, bool isShown, Uri? collector)
    {
        metrics.AddMeter(Metrics.Name).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation()
            .AddRuntimeInstrumentation().AddNpgsqlInstrumentation();

        // Without the hosts of subscribers, of which there may be any number.
        metrics.AddView("http.client.*", new MetricStreamConfiguration
        {
            TagKeys = ["http.request.method", "http.response.status_code", "error.type", "http.connection.state"],
        });
        if (isShown)
        {
            metrics.AddPrometheusExporter();
        }

        if (collector is not null)
        {
            metrics.AddOtlpExporter(options => Configure(options, collector, "v1/metrics"));
        }
    }

    private static void AddTraces(TracerProviderBuilder traces, Uri collector, double ratio)
    {
        traces.SetSampler(new ParentBasedSampler(new LinkedSampler(ratio)))
            .AddSource(Traces.Name)
            .AddProcessor(new WithoutAddresses())
            .AddAspNetCoreInstrumentation(options => options.Filter = context =>
                !context.Request.Path.StartsWithSegments("/health")
                && !context.Request.Path.StartsWithSegments(MetricsPath))
            .AddHttpClientInstrumentation()
            .AddNpgsql()
            .AddOtlpExporter(options => Configure(options, collector, "v1/traces"));
    }

    private static void Configure(OtlpExporterOptions options, Uri collector, string path)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri($"{collector.ToString().TrimEnd('/')}/{path}");
    }

    /// <summary>What follows from a request is traced when the request is.</summary>
    internal sealed class LinkedSampler(double ratio) : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => new(
            samplingParameters.Links?.Any() is true || Traces.RandomPartOf(samplingParameters.TraceId) < ratio);
    }

    /// <summary>Paths carry capabilities: ours those of notifications, those of subscribers may carry theirs.</summary>
    private sealed class WithoutAddresses : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => data
            .SetTag("url.full", null).SetTag("url.query", null).SetTag("url.path", data.GetTagItem("http.route"));
    }
}
