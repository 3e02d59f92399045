namespace PayoutService.Host;

/// <summary>Where metrics and traces go.</summary>
internal sealed class TelemetrySettings
{
    /// <summary>The port at which Prometheus finds <c>/metrics</c>, and nothing else; 0: there is none. Development has
    /// it at the API's port too.</summary>
    public int MetricsPort { get; set; }

    /// <summary>The address of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318.</summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>The share of requests that are traced, with all that follows from them, between 0 and 1.</summary>
    public double TraceRatio { get; set; } = 0.05;

    public IEnumerable<string> Problems()
    {
        if (MetricsPort is < 0 or > 65_535)
        {
            yield return "Telemetry:MetricsPort must be a port, or 0 for none.";
        }

        if (OtlpEndpoint is { } address
            && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")))
        {
            yield return "Telemetry:OtlpEndpoint must be an address such as http://127.0.0.1:4318.";
        }

        if (TraceRatio is not (>= 0 and <= 1))
        {
            yield return "Telemetry:TraceRatio must be between 0 and 1.";
        }
    }
}
