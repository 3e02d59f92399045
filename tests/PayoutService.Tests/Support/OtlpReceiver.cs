using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PayoutService.Tests.Support;

/// <summary>A span that was exported.</summary>
internal sealed record ReceivedSpan(
    string Name,
    string TraceId,
    string SpanId,
    string ParentId,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyList<string> Links);

/// <summary>A collector that takes spans in OTLP over HTTP, by the fields of opentelemetry/proto/trace/v1/trace.proto.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedSpan> spans = [];
    private readonly ConcurrentQueue<string> texts = [];
    private WebApplication app = null!;

    public string Url => app.Urls.First();

    public IReadOnlyList<ReceivedSpan> Spans => [.. spans];

    /// <summary>All that was sent, as text.</summary>
    public string Everything => string.Concat(texts);

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var receiver = new OtlpReceiver { app = builder.Build() };
        receiver.app.MapPost("/v1/traces", receiver.TakeAsync);
        receiver.app.MapPost("/v1/metrics", () => Results.Ok());
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until the spans are as the test expects; answers those that came.</summary>
    public async Task<IReadOnlyList<ReceivedSpan>> WhenAsync(Func<IReadOnlyList<ReceivedSpan>, bool> condition)
    {
        for (var tries = 0; tries < 400 && !condition(Spans); tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        return Spans;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        texts.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        foreach (var scope in Fields(body.ToArray()).Where(field => field.Number == 1)
            .SelectMany(resource => Fields(resource.Bytes)).Where(field => field.Number == 2))
        {
            foreach (var span in Fields(scope.Bytes).Where(field => field.Number == 2))
            {
                spans.Enqueue(Read([.. Fields(span.Bytes)]));
            }
        }
    }

    private static ReceivedSpan Read(Field[] span)
    {
        return new(
            Text(5),
            Hex(span, 1),
            Hex(span, 2),
            Hex(span, 4),
            span.Where(field => field.Number == 9).Select(field => Fields(field.Bytes).ToArray()).ToDictionary(
                pair => Encoding.UTF8.GetString(pair.First(field => field.Number == 1).Bytes),
                pair => Fields(pair.First(field => field.Number == 2).Bytes).First().ToString()),
            [.. span.Where(field => field.Number == 13)
                .Select(link => $"{Hex([.. Fields(link.Bytes)], 1)}-{Hex([.. Fields(link.Bytes)], 2)}")]);

        string Text(int number) =>
            Encoding.UTF8.GetString(span.FirstOrDefault(field => field.Number == number).Bytes ?? []);
    }

    private static string Hex(Field[] message, int number) =>
        Convert.ToHexStringLower(message.FirstOrDefault(field => field.Number == number).Bytes ?? []);

    /// <summary>The fields of a message of protocol buffers.</summary>
    private static IEnumerable<Field> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Number(message, ref at);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    yield return new Field(number, [], Number(message, ref at));
                    break;
                case 1:
                    yield return new Field(number, [], BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at)));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Number(message, ref at);
                    yield return new Field(number, message[at..(at + length)], 0);
                    at += length;
                    break;
                default:
                    yield return new Field(number, [], BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at)));
                    at += 4;
                    break;
            }
        }
    }

    private static ulong Number(byte[] message, ref int at)
    {
        var number = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            number |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return number;
            }
        }
    }

    private readonly record struct Field(int Number, byte[] Bytes, ulong Value)
    {
        public override string ToString() => Bytes.Length > 0 ? Encoding.UTF8.GetString(Bytes) : $"{Value}";
    }
}
