using System.Text;

namespace PayoutService.Tests.Proofs.Fuzzing;

/// <summary>A request to be sent as it stands.</summary>
internal sealed record Request(
    string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[]? Body)
{
    public HttpRequestMessage Message(Uri service)
    {
        // Else the client would mend what is wrong in the address.
        var address = new Uri(
            service.GetLeftPart(UriPartial.Authority) + Target,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(Method), address);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
        }

        foreach (var (name, value) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }

    /// <summary>One line for a shell.</summary>
    public override string ToString()
    {
        var line = new StringBuilder($"curl -i --path-as-is -g -X {Method} {Quoted($"http://127.0.0.1:5080{Target}")}");
        foreach (var (name, value) in Headers)
        {
            line.Append($" -H {Quoted($"{name}: {value}")}");
        }

        if (Body is { Length: < 3000 })
        {
            line.Append($" --data-binary @<(echo {Convert.ToBase64String(Body)} | base64 -d)");
        }
        else if (Body is not null)
        {
            line.Append($" # and a body of {Body.Length} bytes");
        }

        return line.ToString();
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
