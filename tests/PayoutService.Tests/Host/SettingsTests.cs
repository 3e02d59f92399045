using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PayoutService.Api.Http;
using PayoutService.Host;
using PayoutService.Pockyt;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>The service does not start with settings that are missing or unsafe, and says which.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Pockyt:Merchants:main:Tokens:0=", "Pockyt:Merchants:main:Tokens needs at least one")]
    [InlineData("Pockyt:Merchants:main:Tokens:0=   ", "Pockyt:Merchants:main:Tokens needs at least one")]
    [InlineData("Pockyt:Merchants:main:MerchantNo=", "Pockyt:Merchants:main:MerchantNo is missing")]
    [InlineData("Pockyt:Merchants:main:StoreNo=", "Pockyt:Merchants:main:StoreNo is missing")]
    [InlineData("Pockyt:Merchants:main:IpnSecrets:0=short", "Pockyt:Merchants:main:IpnSecrets has one that must have")]
    [InlineData("Pockyt:Merchants:Main Street:Tokens:0=x", "Pockyt:Merchants:Main Street is no usable name")]
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
    [InlineData("Pockyt:PayorFileMember=", "Pockyt:PayorFileMember must be the name of a form's part")]
    [InlineData("Pockyt:PayorFileMember=a\"b", "Pockyt:PayorFileMember must be the name of a form's part")]
    [InlineData("ConnectionStrings:Payouts=", "ConnectionStrings:Payouts is missing")]
    [InlineData("ConnectionStrings:Payouts=Host=one,two", "ConnectionStrings:Payouts names several hosts")]
    [InlineData(
        "ConnectionStrings:Payouts=Host=one,two;Target Session Attributes=any",
        "ConnectionStrings:Payouts names several hosts")]
    [InlineData("FingerprintKey=", "FingerprintKey is missing")]
    [InlineData(
        "ApiKeys:0:Merchant=*",
        "ApiKeys:0:Merchant is *, which goes with ops:read and ops and approve only, and Scopes has payouts:read")]
    [InlineData("Events:Keys:0=short", "A secret of Events:Keys must have 16 characters")]
    [InlineData("Events:KeptFor=89.00:00:00", "Events:KeptFor must be at least 90 days")]
    [InlineData("Events:AllowedNetworks:0=10.0.0.1/99", "Events:AllowedNetworks has 10.0.0.1/99")]
    [InlineData("Events:AtOnce=0", "Events:Timeout, AtOnce and RetryDelays must be more than zero")]
    [InlineData("FingerprintKey=short", "FingerprintKey must have 16 characters")]
    [InlineData("FingerprintKey=development-only-fingerprints", "FingerprintKey is that of Development")]
    [InlineData("FingerprintKey=aaaaaaaaaaaaaaaabbbb", "FingerprintKey can be guessed")]
    [InlineData("Pockyt:Merchants:main:IpnSecrets:0=development-only-notices", "IpnSecrets has one that is that of")]
    [InlineData("Pockyt:Merchants:main:IpnSecrets:0=aaaaaaaaaaaaaaaa", "IpnSecrets has one that can be guessed")]
    [InlineData("Pockyt:Merchants:main:IpnSecrets:0=                ", "IpnSecrets has one that must have 16")]
    [InlineData("Pockyt:Merchants:main:Tokens:0=x", "Tokens has one that is none of Pockyt's")]
    [InlineData("Pockyt:Merchants:main:Environment=", "Environment must be sandbox or production")]
    [InlineData("Pockyt:PublicUrl=https://payouts.example/?a=b", "Pockyt:PublicUrl must have no user, query")]
    [InlineData("Pockyt:PublicUrl=https://user:pw@payouts.example", "Pockyt:PublicUrl must have no user, query")]
    [InlineData("ConnectionStrings:Payouts=Host=db;Include Error Detail=true", "Include Error Detail")]
    [InlineData("ConnectionStrings:Payouts=Host=db;SSL Mode=Disable", "SSL Mode=Disable to another machine")]
    [InlineData("ConnectionStrings:Owner=Host=one,two", "ConnectionStrings:Owner names several hosts")]
    [InlineData(
        "ApiKeys:0:Sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "that of no key at all")]
    [InlineData("TrustedProxies:0=proxy", "TrustedProxies has proxy, which is neither")]
    [InlineData("Listen:Public=http://127.0.0.1:8081", "Listen:Public and Listen:Internal must both be set")]
    [InlineData("Limits:CallsPerKey=-1", "Limits:FailuresPerSource, CallsPerKey")]
    [InlineData("Roles=nothing", "Roles must be")]
    [InlineData("ApiKeys:0:Name=Reconciler", "ApiKeys:0:Name is Reconciler, which the history calls this service")]
    [InlineData("ApiKeys:0:Sha256=abc", "ApiKeys:0:Sha256 must be")]
    [InlineData("ApiKeys:0:Merchant=nobody", "ApiKeys:0:Merchant names no merchant")]
    [InlineData("ApiKeys:0:Scopes:0=root", "ApiKeys:0:Scopes has root")]
    [InlineData("ApiKeys:0:NotAfter=2026-12-31", "ApiKeys:0:NotAfter must be a date and time with an offset")]
    [InlineData("ApiKeys:0:NotAfter=2026-12-31T00:00:00", "ApiKeys:0:NotAfter must be a date and time with an offset")]
    public void An_unsafe_setting_is_named(string setting, string sentence)
    {
        var refusal = Assert.Throws<SettingsException>(() => Program.Build([.. Example.Production, $"--{setting}"]));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lease_that_leaves_no_time_for_the_look_before_a_send_is_refused()
    {
        string[] settings = [.. Example.Production, "--Pockyt:Timeout=00:00:05", "--Payouts:Lease=00:00:15.9"];

        var refusal = Assert.Throws<SettingsException>(() => Program.Build(settings));

        Assert.Contains("at least 00:00:16: payee and account", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://mapi.yuansfer.com", "Environment=sandbox", "Environment is sandbox, but Pockyt:BaseUrl")]
    [InlineData("https://MAPI.pockyt.io./", "Environment=sandbox", "Environment is sandbox, but Pockyt:BaseUrl")]
    [InlineData("https://mapi.yuansferdev.com", "Environment=production", "Environment is production, but Pockyt:Base")]
    [InlineData("https://mapi.yuansfer.yunkeguan.com", "Environment=production", "Environment is production, but")]
    [InlineData("https://mapi.pockyt.io", "Tokens:0=5cbfb079f15b150122261c8537086d77a", "Tokens has a sandbox token")]
    [InlineData("https://mapi.yuansfer.com", "Tokens:1=17cfc0170ef1c017b4a929d233d6e65e ", "Tokens has a sandbox")]
    [InlineData("https://pockyt.example", "Tokens:0=5cbfb079f15b150122261c8537086d77a", "Tokens has a sandbox token")]
    [InlineData("https://mapi.pockyt.io", "Environment=live", "Environment must be sandbox or production")]
    public void A_merchant_and_a_host_that_are_known_not_to_belong_together_are_refused(
        string host, string merchant, string sentence)
    {
        var environment = host.Contains("dev", StringComparison.Ordinal) ? "sandbox" : "production";
        string[] settings =
        [
            .. Example.Production, $"--Pockyt:BaseUrl={host}", $"--Pockyt:Merchants:main:Environment={environment}",
            $"--Pockyt:Merchants:main:{merchant}",
        ];

        var refusal = Assert.Throws<SettingsException>(() => Program.Build(settings));

        Assert.StartsWith("Pockyt:Merchants:main:" + sentence, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData("https://mapi.yuansfer.com", "Environment=production")]
    [InlineData("https://mapi.yuansferdev.com", "Environment=sandbox")]
    [InlineData("https://mapi.yuansferdev.com", "Tokens:0=5cbfb079f15b150122261c8537086d77a")]
    [InlineData("https://pockyt.example", "Environment=production")]
    public async Task A_merchant_and_a_host_that_may_belong_together_are_not(string host, string merchant)
    {
        var environment = host.Contains("dev", StringComparison.Ordinal) ? "sandbox" : "production";
        string[] settings =
        [
            .. Example.Production, $"--Pockyt:BaseUrl={host}", $"--Pockyt:Merchants:main:Environment={environment}",
            $"--Pockyt:Merchants:main:{merchant}",
        ];

        await using var service = Program.Build(settings);

        Assert.NotNull(service);
    }

    [Theory]
    [InlineData("Host=one,two;Target Session Attributes=primary")]
    [InlineData("Host=one,two;Target Session Attributes=Read-Write")]
    [InlineData("Host=one")]
    public async Task Several_hosts_of_which_the_primary_is_chosen_are_not_refused(string connection)
    {
        await using var service = Program.Build([.. Example.Production, $"--ConnectionStrings:Payouts={connection}"]);

        Assert.NotNull(service);
    }

    [Fact]
    public async Task The_known_hosts_are_settings_that_replace_ours()
    {
        string[] settings = [.. Example.Production, "--Pockyt:Merchants:main:Environment=sandbox"];

        var refusal = Assert.Throws<SettingsException>(
            () => Program.Build([.. settings, "--Pockyt:ProductionHosts:0=pockyt.example"]));
        await using var service = Program.Build(
            [.. settings, "--Pockyt:BaseUrl=https://mapi.pockyt.io", "--Pockyt:ProductionHosts:0=pockyt.example"]);

        Assert.Contains("Pockyt:ProductionHosts", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(service);
    }

    [Theory]
    [InlineData(null, "which is not there")]
    [InlineData("", "empty, gone, or not JSON")]
    [InlineData("{\"Pockyt\": ", "empty, gone, or not JSON")]
    public async Task A_secrets_file_that_says_nothing_is_refused(string? text, string sentence)
    {
        using var file = new SecretsFileOfTest();
        if (text is not null)
        {
            await file.WriteAsync(text);
        }

        var refusal = Assert.Throws<SettingsException>(
            () => Program.Build([.. Example.Production, $"--SecretsFile={file.Path}"]));

        Assert.StartsWith("SecretsFile names ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_in_the_secrets_file_takes_the_place_of_a_longer_one_below_it()
    {
        using var file = new SecretsFileOfTest();
        await file.WriteTokensAsync("main", "ffeeddccbbaa99887766554433221100");

        await using var service = Program.Build(
            [.. Example.Production, "--Pockyt:Merchants:main:Tokens:1=dropped", $"--SecretsFile={file.Path}"]);

        var options = service.Services.GetRequiredService<PockytOptions>();
        Assert.Equal(["ffeeddccbbaa99887766554433221100"], options.Merchants["main"].Tokens);
    }

    [Theory]
    [InlineData("dev-key")]
    [InlineData("dev-key-2")]
    public void The_development_keys_are_refused_in_production(string key)
    {
        string[] settings = [.. Example.Production, .. Example.Key(0, "main", key, "payouts:read")];

        var refusal = Assert.Throws<SettingsException>(() => Program.Build(settings));

        Assert.Contains($"is that of {key}, which", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Pockyt:BaseUrl=https://mapi.pockyt.io")]
    [InlineData("Pockyt:Merchants:main:Environment=production")]
    public void Development_whose_keys_everybody_knows_moves_no_real_money(string setting)
    {
        var refusal = Assert.Throws<SettingsException>(() => Program.Build(
            ["--environment=Development", "--ConnectionStrings:Payouts=Host=unused", $"--{setting}"]));

        Assert.Contains("Development moves no real money", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_of_one_name_are_refused()
    {
        string[] settings =
        [
            .. Example.Production,
            .. Example.Key(1, "main", "another-key", "payouts:read"), "--ApiKeys:0:Name=same", "--ApiKeys:1:Name=Same",
        ];

        var refusal = Assert.Throws<SettingsException>(() => Program.Build(settings));

        Assert.Contains("ApiKeys has the same Name twice", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_secrets_file_that_everybody_may_write_is_refused()
    {
        using var file = new SecretsFileOfTest();
        await file.WriteTokensAsync("main", "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
        File.SetUnixFileMode(file.Path, File.GetUnixFileMode(file.Path) | UnixFileMode.OtherWrite);

        var refusal = Assert.Throws<SettingsException>(
            () => Program.Build([.. Example.Production, $"--SecretsFile={file.Path}"]));

        Assert.Contains("which everybody may write", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Development_has_keys_of_two_people_that_may_do_the_same()
    {
        var configuration = new ConfigurationManager();
        configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.Development.json"));

        var keys = Settings.ApiKeysOf(configuration);

        Assert.Equal(2, keys.Select(key => key.Owner).Distinct().Count());
        Assert.Equal(keys[0].Scopes, keys[1].Scopes);
        Assert.All(
            new[] { "dev-key", "dev-key-2" }, key => Assert.NotNull(new ApiKeyTable(keys).Find(key)));
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

        Assert.Equal(7, refusal.Message.Split('\n').Length);
    }
}
