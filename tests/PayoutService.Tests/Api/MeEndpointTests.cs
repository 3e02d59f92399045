using PayoutService.Pockyt;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api;

/// <summary>A caller asks who it is, and where its payouts go.</summary>
public sealed class MeEndpointTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Fact]
    public async Task A_key_is_told_its_name_owner_merchant_scopes_and_environment()
    {
        using var reader = stage.Client("reader-key");

        var me = await ServiceFixture.Answer(await reader.GetAsync("/v1/me"));

        Assert.Equal(
            """{"key":"reader-key","owner":"reader-key","merchant":"main","scopes":["payouts:read"],"""
                + "\"environment\":\"simulator\"}",
            me.GetRawText());
    }

    [Theory]
    [InlineData("https://mapi.pockyt.io", null, "production")]
    [InlineData("https://MAPI.yuansfer.com.", null, "production")]
    [InlineData("https://mapi.yuansferdev.com", null, "sandbox")]
    [InlineData("https://elsewhere.example", "sandbox", "sandbox")]
    [InlineData("https://elsewhere.example", "production", "production")]
    [InlineData("https://elsewhere.example", null, "production")]
    [InlineData("http://127.0.0.1:5090", "sandbox", "simulator")]
    public void The_environment_is_the_hosts_and_production_when_nobody_said(
        string host, string? said, string environment)
    {
        var options = new PockytOptions { BaseUrl = new Uri(host) };
        options.Merchants["main"] = new PockytMerchant { Environment = said ?? "" };

        Assert.Equal(environment, options.Environment);
    }
}
