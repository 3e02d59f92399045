using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PayoutService.Tests.Support;

/// <summary>
/// Runs a file of requests as editors do: variables (`@name = value`), requests after `###`, names (`# @name payee`),
/// and members of earlier answers (`{{payee.response.body.$.id}}`). `# @expect 200 or 409` names the statuses of the
/// answer; without it, it must be 2xx.
/// </summary>
internal static partial class HttpFile
{
    /// <param name="path">The file.</param>
    /// <param name="http">Sends the requests.</param>
    /// <param name="variables">Values in place of those of the file.</param>
    /// <returns>The answers, and what was not as expected.</returns>
    public static async Task<(int Answers, List<string> Wrong)> RunAsync(
        string path, HttpClient http, IReadOnlyDictionary<string, string> variables)
    {
        var text = await File.ReadAllTextAsync(path);
        var values = Variable().Matches(text).ToDictionary(
            match => match.Groups["name"].Value,
            match => variables.GetValueOrDefault(match.Groups["name"].Value) ?? match.Groups["value"].Value);
        var answers = new Dictionary<string, JsonElement>();
        List<string> wrong = [];
        var requests = text.Split("\n###").Skip(1).ToList();
        foreach (var request in requests)
        {
            var title = request[..request.IndexOf('\n', StringComparison.Ordinal)].Trim();
            using var message = Read(Filled(request, values, answers));
            using var answer = await http.SendAsync(message);
            var body = await answer.Content.ReadAsStringAsync();
            var expected = Expect().Match(request) is { Success: true } expect
                ? Status().Matches(expect.Value).Select(status => int.Parse(status.Value)).ToList() : null;
            if (!(expected?.Contains((int)answer.StatusCode) ?? answer.IsSuccessStatusCode))
            {
                wrong.Add($"{title}: {(int)answer.StatusCode} {body}");
            }

            if (Name().Match(request) is { Success: true } name)
            {
                answers[name.Groups["name"].Value] = JsonDocument.Parse(body).RootElement;
            }
        }

        return (requests.Count, wrong);
    }

    private static HttpRequestMessage Read(string request)
    {
        var lines = request.Split('\n').Skip(1).SkipWhile(line => line.Trim() is "" or ['#', ..]).ToList();
        var words = lines[0].Split(' ');
        var message = new HttpRequestMessage(new HttpMethod(words[0]), words[1].Trim());
        var headers = lines.Skip(1).TakeWhile(line => line.Trim().Length > 0)
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .ToDictionary(one => one[0], one => one[1]);
        var body = string.Join('\n', lines.Skip(2 + headers.Count)).Trim();
        if (body.Length > 0)
        {
            message.Content = new StringContent(body, Encoding.UTF8, headers["Content-Type"]);
        }

        foreach (var (name, value) in headers.Where(header => header.Key != "Content-Type"))
        {
            message.Headers.Add(name, value);
        }

        return message;
    }

    private static string Filled(
        string request, Dictionary<string, string> values, Dictionary<string, JsonElement> answers) =>
        Reference().Replace(request, match => match.Groups["path"] is { Success: true } path
            ? Steps().Matches(path.Value).Aggregate(answers[match.Groups["name"].Value], (at, step) =>
                step.Value[0] == '[' ? at[int.Parse(step.Value.Trim('[', ']'))] : at.GetProperty(step.Value)).ToString()
            : Filled(values[match.Groups["name"].Value], values, answers));

    [GeneratedRegex(@"^@(?<name>\w+) = (?<value>.+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^# @name (?<name>\w+)$", RegexOptions.Multiline)]
    private static partial Regex Name();

    [GeneratedRegex("^# @expect .+$", RegexOptions.Multiline)]
    private static partial Regex Expect();

    [GeneratedRegex("[0-9]{3}")]
    private static partial Regex Status();

    [GeneratedRegex(@"\{\{(?<name>\w+)(\.response\.body\.\$\.(?<path>[\w.\[\]]+))?\}\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\w+(?![\w]*\])|\[[0-9]+\]")]
    private static partial Regex Steps();
}
