using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.HttpOverrides;
using PayoutService.Api.Http;
using IPNetwork = System.Net.IPNetwork;

namespace PayoutService.Host;

/// <summary>
/// Where the service listens, and whose word on a caller's address it takes. With <c>Listen:Public</c> and
/// <c>Listen:Internal</c>, Pockyt reaches the first and finds nothing there but webhooks and <c>/health/live</c>;
/// callers and operators use the second, which has all the rest.
/// </summary>
internal sealed class Network
{
    private const string Public = "Public";
    private const string Internal = "Internal";
    private const string Metrics = "Metrics";
    private static readonly object IsPublic = new();

    private readonly string open;
    private readonly string closed;
    private readonly string[] trusted;
    private readonly int metricsPort;

    public Network(IConfigurationRoot configuration, int metricsPort)
    {
        this.metricsPort = metricsPort;
        (open, closed) = (configuration["Listen:Public"] ?? "", configuration["Listen:Internal"] ?? "");
        trusted = SettingLists.List<string>(configuration, "TrustedProxies") ?? [];
    }

    private bool IsSplit => open.Length > 0;

    private string MetricsAddress => $"http://*:{metricsPort}";

    /// <summary>Problems of these settings: sentences that name the setting.</summary>
    public IEnumerable<string> Problems()
    {
        if ((open.Length > 0) != (closed.Length > 0))
        {
            yield return "Listen:Public and Listen:Internal must both be set, or neither: "
                + "for example http://0.0.0.0:8081 and http://0.0.0.0:8080.";
        }
        else if (IsSplit && (!IsAddress(open) || !IsAddress(closed) || open == closed))
        {
            yield return "Listen:Public and Listen:Internal must be two addresses such as http://0.0.0.0:8081.";
        }

        foreach (var one in trusted.Where(one => !IPNetwork.TryParse(one, out _) && !IPAddress.TryParse(one, out _)))
        {
            yield return $"TrustedProxies has {one}, which is neither an IP address nor a network such as 10.0.0.0/8.";
        }
    }

    public void Add(WebApplicationBuilder builder)
    {
        if (IsSplit)
        {
            Dictionary<string, string?> endpoints = new()
            {
                [$"Endpoints:{Public}:Url"] = open,
                [$"Endpoints:{Internal}:Url"] = closed,
            };
            if (metricsPort > 0)
            {
                endpoints[$"Endpoints:{Metrics}:Url"] = MetricsAddress;
            }

            builder.WebHost.ConfigureKestrel(server => server
                .Configure(new ConfigurationBuilder().AddInMemoryCollection(endpoints).Build())
                .Endpoint(Public, endpoint => endpoint.ListenOptions.Use(next => connection =>
                {
                    connection.Items[IsPublic] = true;
                    return next(connection);
                })));
        }

        else if (metricsPort > 0)
        {
            builder.WebHost.UseUrls([.. AddressesOf(builder.Configuration), MetricsAddress]);
        }

        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;

            // As many as are trusted, one behind the other.
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var one in trusted)
            {
                if (IPAddress.TryParse(one, out var address))
                {
                    options.KnownProxies.Add(address);
                }
                else
                {
                    options.KnownIPNetworks.Add(IPNetwork.Parse(one));
                }
            }
        });
    }

    public void Use(WebApplication app)
    {
        if (trusted.Length > 0)
        {
            app.UseForwardedHeaders();
        }

        if (IsSplit)
        {
            app.Use(Part);
        }
    }

    /// <summary>The addresses that ASP.NET would listen at, were the metrics not there.</summary>
    private static string[] AddressesOf(ConfigurationManager configuration)
    {
        var urls = Split(configuration["urls"] ?? "");
        string[] ports =
        [
            .. Split(configuration["http_ports"] ?? "").Select(port => $"http://*:{port}"),
            .. Split(configuration["https_ports"] ?? "").Select(port => $"https://*:{port}"),
        ];
        return urls.Length > 0 ? urls : ports.Length > 0 ? ports : ["http://localhost:5000"];

        static string[] Split(string list) =>
            list.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool IsAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    /// <summary>Neither address shows what belongs to the other.</summary>
    private static Task Part(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        var isWebhook = path.StartsWithSegments(RequestRules.WebhookRoot);
        var isOpen = context.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(IsPublic) is true;
        if (isOpen == isWebhook || path == "/health/live")
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
