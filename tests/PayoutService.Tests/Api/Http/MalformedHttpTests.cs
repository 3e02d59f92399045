using System.Net.Sockets;
using System.Text;
using PayoutService.Tests.Support;

namespace PayoutService.Tests.Api.Http;

/// <summary>Requests that two programs could read in two ways are refused, and their connection is closed.</summary>
public sealed class MalformedHttpTests(ServiceFixture stage) : IClassFixture<ServiceFixture>
{
    [Theory]
    [InlineData("get /v1/payouts HTTP/1.1\r\nHost: a\r\n{key}\r\n")]
    [InlineData("GET /v1/payouts HTTP/1.0\r\nHost: a\r\n{key}\r\n")]
    [InlineData("POST /v1/payouts HTTP/1.1\r\nHost: a\r\n{key}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /v1/payouts HTTP/1.1\r\nHost: a\r\n{key}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /v1/payouts HTTP/1.1\r\nHost: a\r\n{key}Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(
        "POST /v1/payees HTTP/1.1\r\nHost: a\r\n{key}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET /v1/payouts HTTP/1.1\r\nHost: a\r\n{key}Expect: 200-ok\r\n\r\n")]
    [InlineData("GET /v1/payouts HTTP/1.1\r\nHost: a\r\n{key}X(A): 1\r\n\r\n")]
    [InlineData("GET /v1/payouts HTTP/1.1\r\nHost: a\r\nHost: b\r\n{key}\r\n")]
    public async Task It_is_answered_400_and_closed(string request)
    {
        var (status, isClosed) = await SendAsync(request);

        Assert.StartsWith("HTTP/1.1 400", status, StringComparison.Ordinal);
        Assert.True(isClosed);
    }

    [Theory]
    [InlineData("Idempotency-Key: a\r\nIdempotency-Key: b\r\n")]
    [InlineData("Idempotency-Key: caf\u00e9\r\n")]
    [InlineData("Idempotency-Key: a\u0001b\r\n")]
    public async Task An_idempotency_key_is_one_header_of_visible_ascii(string headers)
    {
        var body = $$"""{"accountId":"{{stage.AccountId}}","amount":"5.00","currency":"USD"}""";

        var (status, _) = await SendAsync(
            $"POST /v1/payouts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{{key}}{headers}"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.StartsWith("HTTP/1.1 400", status, StringComparison.Ordinal);
    }

    /// <summary>A setting of the process, so it is asked of a process.</summary>
    [Fact]
    public async Task A_line_that_ends_with_a_line_feed_alone_is_refused()
    {
        using var service = await ServiceProcess.StartAsync(await TestDatabase.CreateAsync(), "http://127.0.0.1:1");

        var (bare, _) = await SendAsync("GET /v1/payouts HTTP/1.1\nHost: a\n{key}\n", service.Api.BaseAddress!.Port);

        Assert.StartsWith("HTTP/1.1 400", bare, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_in_order_is_served()
    {
        var (status, _) = await SendAsync("GET /v1/payouts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{key}\r\n");

        Assert.StartsWith("HTTP/1.1 200", status, StringComparison.Ordinal);
    }

    private async Task<(string Status, bool IsClosed)> SendAsync(string request, int? port = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port ?? stage.Api.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            request.Replace("{key}", "Authorization: Bearer dev-key\r\n", StringComparison.Ordinal)));
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, enough.Token);
        }
        catch (OperationCanceledException)
        {
            return (Encoding.ASCII.GetString(answer.ToArray()), IsClosed: false);
        }

        return (Encoding.ASCII.GetString(answer.ToArray()), IsClosed: true);
    }
}
