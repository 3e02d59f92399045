using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PockytSimulator.Control;

namespace PockytSimulator.Calls;

/// <summary>Writes an answer as it should be, or mistreated in the way a fault asks for.</summary>
internal static class AnswerWriter
{
    private const string Json = "application/json";

    // The names under which answers carry their payload; everything else stands on the top level.
    private static readonly string[] Payloads = ["result", "customer", "accounts", "user", "balance", "results"];

    public static Task WriteAsync(HttpContext http, Answer answer, FaultAnswer? spoil, CancellationToken gone)
    {
        var status = spoil?.Status ?? answer.HttpStatus;
        return spoil?.Kind switch
        {
            null or "normal" => SendAsync(http, status, Json, answer.Body, gone),
            "hang" => HangAsync(http, gone),
            "close" => CloseAsync(http),
            "http" => SendAsync(http, spoil.Status ?? 500, spoil.ContentType ?? "text/html", Utf8(spoil.Body), gone),
            "ret" => SendAsync(http, status, Json, Ret(spoil), gone),
            "replace" => SendAsync(http, status, Json, Replaced(answer.Body, spoil), gone),
            "redirect" => RedirectAsync(http, spoil),
            "cut" => CutAsync(http, status, answer.Body, spoil.Bytes ?? 0, gone),
            "drip" => DripAsync(http, status, answer.Body, spoil.BytesPerSecond ?? 1, gone),
            "oversize" => OversizeAsync(http, status, answer.Body, spoil.Bytes ?? 0, gone),
            var unknown => throw new InvalidOperationException($"No answer kind \"{unknown}\"."),
        };
    }

    private static byte[] Utf8(string? text) => Encoding.UTF8.GetBytes(text ?? "");

    private static void Begin(HttpContext http, int status, string contentType, long? length)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = length;
    }

    private static async Task SendAsync(
        HttpContext http, int status, string contentType, byte[] body, CancellationToken gone)
    {
        Begin(http, status, contentType, body.Length);
        await WriteBytesAsync(http, body, gone);
    }

    private static async Task HangAsync(HttpContext http, CancellationToken gone)
    {
        await PauseAsync(Timeout.InfiniteTimeSpan, gone);
        http.Abort();
    }

    private static Task CloseAsync(HttpContext http)
    {
        http.Abort();
        return Task.CompletedTask;
    }

    private static Task RedirectAsync(HttpContext http, FaultAnswer spoil)
    {
        http.Response.StatusCode = spoil.Status ?? 307;
        http.Response.Headers.Location = spoil.Location;
        return Task.CompletedTask;
    }

    private static async Task CutAsync(HttpContext http, int status, byte[] body, int bytes, CancellationToken gone)
    {
        Begin(http, status, Json, body.Length);
        await http.Response.StartAsync(gone);
        await WriteBytesAsync(http, body.AsMemory(0, Math.Min(bytes, body.Length)), gone);
        // An abort throws away what the socket has not sent yet, and the reader is meant to see these bytes.
        await PauseAsync(TimeSpan.FromMilliseconds(50), gone);
        http.Abort();
    }

    private static async Task DripAsync(
        HttpContext http, int status, byte[] body, int bytesPerSecond, CancellationToken gone)
    {
        Begin(http, status, Json, body.Length);
        for (var sent = 0; sent < body.Length && !gone.IsCancellationRequested; sent++)
        {
            await WriteBytesAsync(http, body.AsMemory(sent, 1), gone);
            await PauseAsync(TimeSpan.FromSeconds(1) / bytesPerSecond, gone);
        }
    }

    // The right answer behind a long filler, in chunks: the reader cannot tell from a header how long it gets.
    private static async Task OversizeAsync(
        HttpContext http, int status, byte[] body, int bytes, CancellationToken gone)
    {
        Begin(http, status, Json, length: null);
        await WriteBytesAsync(http, "{\"filler\":\""u8.ToArray(), gone);
        var filler = new byte[16 * 1024];
        filler.AsSpan().Fill((byte)'x');
        for (var left = bytes; left > 0 && !gone.IsCancellationRequested; left -= filler.Length)
        {
            await WriteBytesAsync(http, filler.AsMemory(0, Math.Min(left, filler.Length)), gone);
        }

        await WriteBytesAsync(http, "\","u8.ToArray(), gone);
        await WriteBytesAsync(http, body.AsMemory(1), gone);
    }

    private static async Task WriteBytesAsync(HttpContext http, ReadOnlyMemory<byte> bytes, CancellationToken gone)
    {
        try
        {
            await http.Response.Body.WriteAsync(bytes, gone);
            await http.Response.Body.FlushAsync(gone);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // The caller has gone; there is nobody left to answer.
            http.Abort();
        }
    }

    private static async Task PauseAsync(TimeSpan span, CancellationToken gone) =>
        await Task.Delay(span, TimeProvider.System, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static byte[] Ret(FaultAnswer spoil) => PockytFormat.Json(new JsonObject
    {
        ["ret_code"] = spoil.Code,
        [spoil.Spelling ?? "retMsg"] = spoil.Message ?? "",
    });

    private static byte[] Replaced(byte[] body, FaultAnswer spoil)
    {
        var whole = JsonNode.Parse(body)!.AsObject();
        var top = whole["resultBody"] as JsonObject ?? whole;
        foreach (var (name, value) in spoil.Members ?? [])
        {
            foreach (var holder in HoldersOf(top, name))
            {
                holder[name] = value?.DeepClone();
            }
        }

        foreach (var name in spoil.Remove ?? [])
        {
            foreach (var holder in HoldersOf(top, name))
            {
                holder.Remove(name);
            }
        }

        return PockytFormat.Json(whole);
    }

    // A name that stands on the top level is meant there; any other one inside the payload, in each element
    // when the payload is an array.
    private static List<JsonObject> HoldersOf(JsonObject top, string name)
    {
        if (top.ContainsKey(name))
        {
            return [top];
        }

        var holders = Payloads.Select(payload => top[payload]).SelectMany(payload => payload?.GetValueKind() switch
        {
            JsonValueKind.Object => [payload.AsObject()],
            JsonValueKind.Array => payload.AsArray().OfType<JsonObject>(),
            _ => [],
        }).ToList();
        return holders.Count > 0 ? holders : [top];
    }
}
