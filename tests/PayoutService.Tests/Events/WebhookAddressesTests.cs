using System.Net;
using PayoutService.Events;
using PayoutService.Storage.Events;

namespace PayoutService.Tests.Events;

/// <summary>Which addresses events may be posted to.</summary>
public sealed class WebhookAddressesTests
{
    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.255.255.254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("::7f00:1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    public void Private_local_and_reserved_addresses_are_refused(string address, bool isAllowed) =>
        Assert.Equal(isAllowed, WebhookAddresses.IsAllowed(IPAddress.Parse(address), new EventRules()));

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("10.2.0.1", false)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("169.254.169.254", false)]
    [InlineData("fe80::1", false)]
    public void A_network_that_an_operator_allows_is_taken_but_never_a_link_local_address(
        string address, bool isAllowed)
    {
        var rules = new EventRules { AllowedNetworks = ["10.1.0.0/16", "169.254.0.0/16", "fe80::/10"] };

        Assert.Equal(isAllowed, WebhookAddresses.IsAllowed(IPAddress.Parse(address), rules));
    }
}
