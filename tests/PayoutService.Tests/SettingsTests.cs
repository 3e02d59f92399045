using PayoutService.Tests.Support;

namespace PayoutService.Tests;

/// <summary>The service does not start with settings that are missing or unsafe, and says which.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Pockyt:Merchants:main:Token=", "Pockyt:Merchants:main:Token is missing")]
    [InlineData("Pockyt:Merchants:main:Token=   ", "Pockyt:Merchants:main:Token is missing")]
    [InlineData("Pockyt:Merchants:main:MerchantNo=", "Pockyt:Merchants:main:MerchantNo is missing")]
    [InlineData("Pockyt:Merchants:main:StoreNo=", "Pockyt:Merchants:main:StoreNo is missing")]
    [InlineData("Pockyt:Merchants:main:IpnSecrets:0=short", "Pockyt:Merchants:main:IpnSecrets needs")]
    [InlineData("Pockyt:Merchants:Main Street:Token=x", "Pockyt:Merchants:Main Street is no usable name")]
    [InlineData("Pockyt:BaseUrl=", "Pockyt:BaseUrl is missing")]
    [InlineData("Pockyt:BaseUrl=http://pockyt.example", "Pockyt:BaseUrl must be an https address")]
    [InlineData("Pockyt:PublicUrl=", "Pockyt:PublicUrl is missing")]
    [InlineData("Pockyt:PublicUrl=http://payouts.example", "Pockyt:PublicUrl must be an https address")]
    [InlineData(
        "Pockyt:Timeout=00:00:45",
        "Payouts:Lease (00:01:30) must be more than twice Pockyt:Timeout (00:00:45)")]
    [InlineData("Payouts:AtOnce=0", "Payouts:AtOnce and Pockyt:MaxConnections must be 1 or more")]
    [InlineData("Payouts:PollInterval=00:00:00", "Payouts:PollInterval, AskDelays")]
    [InlineData(
        "Pockyt:RefundQueryMember=amount",
        "Pockyt:RefundQueryMember must be reference, refundReference or empty")]
    [InlineData("ConnectionStrings:Payouts=", "ConnectionStrings:Payouts is missing")]
    [InlineData("FingerprintKey=short", "FingerprintKey is missing")]
    [InlineData("Roles=nothing", "Roles must be")]
    [InlineData("ApiKeys:0:Sha256=abc", "ApiKeys:0:Sha256 must be")]
    [InlineData("ApiKeys:0:Merchant=nobody", "ApiKeys:0:Merchant names no merchant")]
    [InlineData("ApiKeys:0:Scopes:0=root", "ApiKeys:0:Scopes has root")]
    public void An_unsafe_setting_is_named(string setting, string sentence)
    {
        var refusal = Assert.Throws<SettingsException>(() => Program.Build([.. Example.Production, $"--{setting}"]));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_development_key_is_refused_in_production()
    {
        string[] settings = [.. Example.Production, .. Example.Key(0, "main", "dev-key", "payouts:read")];

        var refusal = Assert.Throws<SettingsException>(() => Program.Build(settings));

        Assert.Contains("dev-key", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_every_setting_in_place_it_builds()
    {
        await using var service = Program.Build(Example.Production);

        Assert.NotNull(service);
    }

    [Fact]
    public void Without_any_setting_it_names_all_that_are_missing()
    {
        var refusal = Assert.Throws<SettingsException>(() => Program.Build(["--environment=Production"]));

        Assert.Equal(6, refusal.Message.Split('\n').Length);
    }
}
