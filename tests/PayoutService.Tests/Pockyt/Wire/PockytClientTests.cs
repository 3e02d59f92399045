using System.Net;
using System.Net.Sockets;
using System.Text;
using PayoutService.Payouts;
using PayoutService.Pockyt;
using PayoutService.Pockyt.Translation;
using PayoutService.Pockyt.Wire;
using PayoutService.Storage.Calls;

namespace PayoutService.Tests.Pockyt.Wire;

/// <summary>What proves that nothing was sent, and what does not.</summary>
public sealed class PockytClientTests
{
    [Fact]
    public async Task A_name_that_does_not_resolve_proves_that_nothing_was_sent()
    {
        var answer = await CallAsync("http://pockyt.invalid");

        Assert.IsType<PockytAnswer.NotSent>(answer);
    }

    [Fact]
    public async Task A_refused_connection_proves_that_nothing_was_sent()
    {
        var answer = await CallAsync("http://127.0.0.1:1");

        Assert.IsType<PockytAnswer.NotSent>(answer);
    }

    [Fact]
    public async Task A_tls_handshake_that_breaks_proves_that_nothing_was_sent()
    {
        using var server = new RawServer(stream => Task.CompletedTask);

        var answer = await CallAsync($"https://127.0.0.1:{server.Port}");

        Assert.IsType<PockytAnswer.NotSent>(answer);
    }

    [Fact]
    public async Task A_tls_handshake_that_never_ends_proves_that_nothing_was_sent()
    {
        using var server = new RawServer(
            stream => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None));

        var answer = await CallAsync($"https://127.0.0.1:{server.Port}");

        Assert.IsType<PockytAnswer.NotSent>(answer);
    }

    [Fact]
    public async Task A_server_that_reads_one_byte_and_closes_may_have_read_them_all()
    {
        using var server = new RawServer(async stream => await stream.ReadExactlyAsync(new byte[1]));

        var answer = await CallAsync($"http://127.0.0.1:{server.Port}");

        Assert.IsType<PockytAnswer.Unclear>(answer);
    }

    [Fact]
    public async Task A_server_that_stays_silent_may_have_read_the_request()
    {
        using var server = new RawServer(
            stream => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None));

        var answer = await CallAsync($"http://127.0.0.1:{server.Port}");

        Assert.IsType<PockytAnswer.Unclear>(answer);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_nothing_reaches_the_other_host()
    {
        using var other = new RawServer(stream => Task.CompletedTask);
        using var server = new RawServer(stream => AnswerAsync(
            stream,
            "HTTP/1.1 307 Temporary Redirect\r\n"
                + $"Location: http://127.0.0.1:{other.Port}/\r\nContent-Length: 0\r\n\r\n"));

        var answer = await CallAsync($"http://127.0.0.1:{server.Port}");

        Assert.IsType<PockytAnswer.Unclear>(answer);
        Assert.Equal(0, other.Connections);
    }

    [Fact]
    public async Task A_connection_that_was_closed_while_it_was_idle_is_replaced_and_one_request_arrives()
    {
        var bodies = new List<string>();
        using var server = new RawServer(async stream =>
        {
            if (await ReadRequestAsync(stream) is { Length: > 0 } body)
            {
                bodies.Add(body);
                await AnswerAsync(stream, Ok);
            }
        });
        using var client = Client($"http://127.0.0.1:{server.Port}");
        await CallAsync(client);

        // The connection is idle when the server's end of it arrives.
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        var answer = await CallAsync(client);

        Assert.IsType<PockytAnswer.Said>(answer);
        Assert.Equal(2, bodies.Count);
        Assert.All(bodies, body => Assert.Contains("verifySign", body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrapped_answer_and_both_spellings_of_the_message_are_read()
    {
        const string Wrapped = "{\"status\":200,\"resultBody\":{\"ret_code\":\"000080\",\"retMsg\":\"supplier \"}}";
        using var server = new RawServer(async stream =>
        {
            await ReadRequestAsync(stream);
            await AnswerAsync(stream, $"HTTP/1.1 400 Bad Request\r\nContent-Length: {Wrapped.Length}\r\n\r\n{Wrapped}");
        });

        var answer = await CallAsync($"http://127.0.0.1:{server.Port}");

        var said = Assert.IsType<PockytAnswer.Said>(answer);
        Assert.Equal(("000080", "supplier"), (said.Code, said.Message));
    }

    [Theory]
    [InlineData("\ufeff{\"ret_code\":\"000100\"}", true)]
    [InlineData("{\"ret_code\":\"000100\",\"result\":{\"amount\":1.0E7}}", true)]
    [InlineData("{\"ret_code\":\"000100\",\"ret_msg\":\"two\\nlines\"}", true)]
    [InlineData("{\"ret_code\":\"000100\",\"customer\":{\"customerNo\":\"a\\u0000b\"}}", false)]
    [InlineData("{\"ret_code\":\"000100\",\"accounts\":[{\"accountStatus\":\"a\\r\\nb\"}]}", false)]
    [InlineData("{\"ret_code\":\"000100\",\"more\":\"\\ud800\"}", false)]
    [InlineData("{\"ret_code\":\"0001\\u000000\"}", false)]
    public async Task An_answer_with_a_text_that_cannot_be_kept_is_unclear(string json, bool said)
    {
        Assert.Equal(said, await AnswerOfAsync(json) is PockytAnswer.Said);
    }

    [Fact]
    public async Task An_answer_with_a_member_of_five_thousand_characters_is_unclear()
    {
        var text = new string('a', 5000);

        var answer = await AnswerOfAsync($"{{\"ret_code\":\"000100\",\"result\":{{\"transactionNo\":\"{text}\"}}}}");

        Assert.IsType<PockytAnswer.Unclear>(answer);
    }

    private static async Task<PockytAnswer> AnswerOfAsync(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        using var server = new RawServer(async stream =>
        {
            await ReadRequestAsync(stream);
            await AnswerAsync(stream, $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n");
            await stream.WriteAsync(body);
        });
        return await CallAsync($"http://127.0.0.1:{server.Port}");
    }

    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"ret_code\":\"000100\"}";

    private static PockytClient Client(string baseUrl) => new(
        new PockytOptions
        {
            BaseUrl = new Uri(baseUrl),
            Timeout = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromMilliseconds(500),
            Merchants = { ["main"] = new PockytMerchant { MerchantNo = "1", StoreNo = "2", Tokens = ["3"] } },
        },
        new PayoutRules(),
        new Oddities(TimeProvider.System),
        new CallLog(),
        TimeProvider.System);

    private static async Task<PockytAnswer> CallAsync(string baseUrl)
    {
        using var client = Client(baseUrl);
        return await CallAsync(client);
    }

    private static Task<PockytAnswer> CallAsync(PockytClient client) => client.CallAsync(
        "main", "/v3/payouts/pay", [new("invoiceId", "inv-1")],
        TimeProvider.System.GetUtcNow(), CallSubject.None, CancellationToken.None);

    private static async Task AnswerAsync(Stream stream, string answer) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));

    private static async Task<string> ReadRequestAsync(Stream stream)
    {
        var buffer = new byte[4096];
        var text = "";
        while (!text.Contains('}', StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            text += Encoding.ASCII.GetString(buffer, 0, read);
            if (read == 0)
            {
                break;
            }
        }

        return text;
    }

    /// <summary>Does one thing with each connection, then closes it.</summary>
    private sealed class RawServer : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private int connections;

        public RawServer(Func<NetworkStream, Task> serve)
        {
            listener.Start();
            _ = ServeAsync(serve);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public int Connections => connections;

        public void Dispose() => listener.Dispose();

        private async Task ServeAsync(Func<NetworkStream, Task> serve)
        {
            try
            {
                while (true)
                {
                    _ = ServeAsync(await listener.AcceptTcpClientAsync(), serve);
                }
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
            }
        }

        private async Task ServeAsync(TcpClient accepted, Func<NetworkStream, Task> serve)
        {
            using var client = accepted;
            Interlocked.Increment(ref connections);
            try
            {
                await serve(client.GetStream());
            }
            catch (IOException)
            {
            }
        }
    }
}
