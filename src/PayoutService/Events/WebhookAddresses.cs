using System.Net;
using System.Net.Sockets;
using PayoutService.Storage.Events;

namespace PayoutService.Events;

/// <summary>Which addresses events may be posted to. A subscriber names an address, and our network would be asked for
/// it: private, local and reserved ranges are refused, unless an operator allowed the network.</summary>
internal static class WebhookAddresses
{
    /// <summary>Never allowed: clouds answer here with the secrets of the machine.</summary>
    private static readonly IPNetwork[] Never = Networks("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128");

    private static readonly IPNetwork[] Reserved = Networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
        "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fec0::/10", "ff00::/8");

    /// <summary>True when events may be posted to this address.</summary>
    public static bool IsAllowed(IPAddress address, EventRules rules)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !Never.Any(network => network.Contains(address))
            && (rules.AllowedNetworks.Any(network => IPNetwork.Parse(network).Contains(address))
                || !Reserved.Any(network => network.Contains(address)));
    }

    /// <summary>Connects to a host: its name is looked up once, every address is checked, and what is connected to is
    /// one of those that were checked.</summary>
    /// <exception cref="WebhookRefusedException">One of the addresses is not allowed.</exception>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, EventRules rules, CancellationToken cancel)
    {
        var addresses = await Dns.GetHostAddressesAsync(host.Host, cancel);
        if (Array.Find(addresses, address => !IsAllowed(address, rules)) is { } refused)
        {
            throw new WebhookRefusedException(
                $"{host.Host} has the address {refused}, which is private or reserved; Events:AllowedNetworks allows "
                + "networks.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(IPNetwork.Parse)];
}

/// <summary>An address to which nothing is posted.</summary>
internal sealed class WebhookRefusedException(string message) : Exception(message);
