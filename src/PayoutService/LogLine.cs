using System.Globalization;
using System.Text.Json;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Json;

namespace PayoutService;

/// <summary>One log line as one flat JSON object: time, level, message, traceId, and what the message names.</summary>
internal sealed class LogLine : ITextFormatter
{
    private static readonly JsonValueFormatter Values = new(typeTagName: null);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write("{\"time\":\"");
        output.Write(
            logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        output.Write("\",\"level\":\"");
        output.Write(logEvent.Level);
        output.Write("\",\"message\":");
        JsonValueFormatter.WriteQuotedJsonString(Message(logEvent), output);
        Text("traceId", logEvent.TraceId?.ToHexString());
        foreach (var (name, value) in logEvent.Properties)
        {
            output.Write(',');
            JsonValueFormatter.WriteQuotedJsonString(JsonNamingPolicy.CamelCase.ConvertName(name), output);
            output.Write(':');
            Values.Format(value, output);
        }

        Text("exception", logEvent.Exception?.ToString());
        output.WriteLine('}');

        void Text(string name, string? value)
        {
            if (value is not null)
            {
                output.Write($",\"{name}\":");
                JsonValueFormatter.WriteQuotedJsonString(value, output);
            }
        }
    }

    /// <summary>The message with its values in place, without the quotes Serilog puts around text.</summary>
    private static string Message(LogEvent logEvent)
    {
        using var text = new StringWriter();
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is Serilog.Parsing.PropertyToken named
                && logEvent.Properties.TryGetValue(named.PropertyName, out var value)
                && value is ScalarValue { Value: string plain })
            {
                text.Write(plain);
            }
            else
            {
                token.Render(logEvent.Properties, text);
            }
        }

        return text.ToString();
    }
}

/// <summary>Takes the request's path out of every line: a webhook's path carries a capability.</summary>
internal sealed class WithoutPaths : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var name in (string[])["RequestPath", "RequestId", "ConnectionId"])
        {
            logEvent.RemovePropertyIfPresent(name);
        }
    }
}
