using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Http;

/// <summary>API keys are replaced while the service runs.</summary>
[Collection(nameof(Alone))]
[Trait("Run", "Long")]
public sealed class ApiKeyRotationTests : IAsyncLifetime
{
    private readonly SecretsFileOfTest file = new();
    private readonly ServiceFixture stage = new();

    public async Task InitializeAsync()
    {
        await WriteAsync(Key("dev-key"), Key("old"));
        await stage.With("SecretsFile", file.Path).InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await stage.DisposeAsync();
        file.Dispose();
    }

    [Fact]
    public async Task A_removed_key_stops_working_and_a_new_one_works_within_five_seconds()
    {
        var before = (await StatusAsync("old"), await StatusAsync("new"));
        await WriteAsync(Key("dev-key"), Key("new"));

        var waited = Stopwatch.StartNew();
        while (await StatusAsync("old") is HttpStatusCode.OK && waited.Elapsed < TimeSpan.FromSeconds(30))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(5), $"It took {waited.Elapsed}.");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), before);
        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync("old"), await StatusAsync("new")));
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""[{"Name":"new","Merchant":"main","Scopes":["root"],"Sha256":"HASH"}]""")]
    [InlineData("""[{"Name":"new","Merchant":"nobody","Scopes":["payouts:read"],"Sha256":"HASH"}]""")]
    [InlineData("""[{"Name":"new","Merchant":"main","Scopes":["payouts:read"],"Sha256":"abc"}]""")]
    [InlineData("""
        [{"Name":"new","Merchant":"main","Scopes":["payouts:read"],"Sha256":"HASH","NotAfter":"tomorrow"}]
        """)]
    [InlineData("""
        [{"Name":"new","Merchant":"main","Scopes":["payouts:read"],"Sha256":"HASH"},
         {"Name":"too","Merchant":"main","Scopes":["payouts:read"],"Sha256":"HASH"}]
        """)]
    public async Task A_change_that_is_not_valid_is_refused_as_a_whole(string keys)
    {
        await file.WriteAsync($"{{\"ApiKeys\":{keys.Replace("HASH", Hash("new"), StringComparison.Ordinal)}}}");

        stage.Reload();

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await StatusAsync("old"), await StatusAsync("new")));
    }

    [Fact]
    public async Task A_key_ends_at_the_very_request_after_its_time()
    {
        var end = stage.Clock.GetUtcNow().AddHours(1);
        var text = end.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        await WriteAsync(Key("dev-key"), Key("old", text));
        stage.Reload();

        await stage.AdvanceAsync(TimeSpan.FromMinutes(59));
        var before = await StatusAsync("old");
        await stage.AdvanceAsync(end - stage.Clock.GetUtcNow());
        var after = await StatusAsync("old");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (before, after));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("dev-key"));
    }

    [Fact]
    public async Task A_key_of_the_secrets_file_has_the_scopes_of_the_file_only()
    {
        using var old = stage.Client("old");

        var paused = await old.PostAsync("/v1/sending/resume", null);
        var reader = await StatusAsync("reader-key");

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized), (paused.StatusCode, reader));
    }

    private async Task<HttpStatusCode> StatusAsync(string key)
    {
        using var client = stage.Client(key);
        return (await client.GetAsync("/v1/payouts?limit=1")).StatusCode;
    }

    private Task WriteAsync(params object[] keys) => file.WriteAsync(JsonSerializer.Serialize(new { ApiKeys = keys }));

    private static object Key(string key, string notAfter = "") => new
    {
        Name = key,
        Merchant = "main",
        Scopes = new[] { "payouts:read", "payouts:write", "payees:write" },
        Sha256 = Hash(key),
        NotAfter = notAfter,
    };

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
