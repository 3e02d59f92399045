using System.Net;
using System.Text.RegularExpressions;

namespace PayoutService.Tests.Support;

/// <summary>A page as an operator's browser without JavaScript got it.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Address">Its address, after redirections.</param>
/// <param name="Html">What was answered.</param>
internal sealed partial record OpsPage(HttpStatusCode Status, string Address, string Html)
{
    /// <summary>What a person reads, with single spaces.</summary>
    public string Text { get; } = TextOf(Html[Math.Max(0, Html.IndexOf("<body", StringComparison.Ordinal))..]);

    public string Heading => TextOf(H1().Match(Html).Value).Trim();

    /// <summary>The values of hidden fields of the form that posts to an address.</summary>
    public Dictionary<string, string> HiddenOf(string action)
    {
        var form = Forms().Matches(Html)
            .Single(one => WebUtility.HtmlDecode(one.Groups["action"].Value) == action).Groups["fields"].Value;
        return Hidden().Matches(form).ToDictionary(
            field => field.Groups["name"].Value, field => WebUtility.HtmlDecode(field.Groups["value"].Value));
    }

    /// <summary>The addresses that the page links to.</summary>
    public IEnumerable<string> Links => Hrefs().Matches(Html).Select(one => WebUtility.HtmlDecode(one.Groups[1].Value));

    private static string TextOf(string html) =>
        WebUtility.HtmlDecode(Spaces().Replace(Tags().Replace(html, " "), " "));

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex("<h1.*?</h1>", RegexOptions.Singleline)]
    private static partial Regex H1();

    [GeneratedRegex("<form method=\"post\" action=\"(?<action>[^\"]*)\"[^>]*>(?<fields>.*?)</form>",
        RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Hrefs();
}

/// <summary>An operator's browser without JavaScript: it keeps cookies, follows links and sends forms.</summary>
internal sealed class Operator : IDisposable
{
    private readonly HttpClientHandler handler = new() { AllowAutoRedirect = false };

    public Operator(Uri service) => Http = new HttpClient(handler) { BaseAddress = service };

    public HttpClient Http { get; }

    public CookieContainer Cookies => handler.CookieContainer;

    /// <summary>Logs in by the page.</summary>
    public static async Task<Operator> LogInAsync(Uri service, string key)
    {
        var browser = new Operator(service);
        var entered = await browser.EnterAsync(key);
        Assert.Equal((HttpStatusCode.OK, "/ops"), (entered.Status, entered.Address));
        return browser;
    }

    /// <summary>Sends the form of the login page.</summary>
    public async Task<OpsPage> EnterAsync(string key, string query = "")
    {
        var login = await OpenAsync($"/ops/login{query}");
        var form = Regex.Match(login.Html, "name=\"_form\" value=\"([^\"]*)\"").Groups[1].Value;
        var back = Regex.Match(login.Html, "name=\"return\" value=\"([^\"]*)\"").Groups[1].Value;
        return await PostAsync(
            "/ops/login",
            new() { ["_form"] = form, ["key"] = key, ["return"] = WebUtility.HtmlDecode(back) });
    }

    public async Task<OpsPage> OpenAsync(string path)
    {
        var answer = await Http.GetAsync(path);
        return await FollowAsync(answer, path);
    }

    public async Task<OpsPage> PostAsync(string path, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        return await FollowAsync(await Http.PostAsync(path, content), path);
    }

    /// <summary>Opens the page that asks, and confirms it.</summary>
    public async Task<OpsPage> ConfirmAsync(
        string path, string reason = "Because a test says so", params (string Name, string Value)[] fields)
    {
        var page = await OpenAsync(path);
        return await PostAsync(path, FilledIn(page, path, reason, fields));
    }

    /// <summary>What confirming a page sends.</summary>
    public static Dictionary<string, string> FilledIn(
        OpsPage page, string path, string reason, params (string Name, string Value)[] fields)
    {
        var form = page.HiddenOf(path);
        form["reason"] = reason;
        foreach (var (name, value) in fields)
        {
            form[name] = value;
        }

        return form;
    }

    public void Dispose() => Http.Dispose();

    private async Task<OpsPage> FollowAsync(HttpResponseMessage answer, string path)
    {
        using (answer)
        {
            return answer.Headers.Location is { } location
                ? await OpenAsync(location.ToString())
                : new OpsPage(answer.StatusCode, path, await answer.Content.ReadAsStringAsync());
        }
    }
}
