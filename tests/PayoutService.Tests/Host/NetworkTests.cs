using System.Net;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Host;

/// <summary>Two addresses, of which Pockyt reaches one.</summary>
public sealed class NetworkTests : IAsyncLifetime
{
    private readonly Uri open = new($"http://127.0.0.1:{Ports.Take()}");
    private readonly Uri closed = new($"http://127.0.0.1:{Ports.Take()}");
    private readonly ServiceFixture stage;

    public NetworkTests() => stage = new ServiceFixture()
        .With("Listen:Public", $"{open}").With("Listen:Internal", $"{closed}");

    public Task InitializeAsync() => stage.InitializeAsync();

    public Task DisposeAsync() => stage.DisposeAsync();

    [Theory]
    [InlineData("/health/live", HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData("/health/ready", HttpStatusCode.NotFound, HttpStatusCode.OK)]
    [InlineData("/v1/payouts", HttpStatusCode.NotFound, HttpStatusCode.OK)]
    [InlineData("/swagger/index.html", HttpStatusCode.NotFound, HttpStatusCode.OK)]
    [InlineData("/webhooks/pockyt/main/payouts/a/b", HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotFound)]
    public async Task Each_address_has_its_own_and_nothing_of_the_other(
        string path, HttpStatusCode atPublic, HttpStatusCode atInternal)
    {
        var answers = new List<HttpStatusCode>();
        foreach (var address in new[] { open, closed })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
            answers.Add((await stage.Api.SendAsync(request)).StatusCode);
        }

        Assert.Equal([atPublic, atInternal], answers);
    }
}
