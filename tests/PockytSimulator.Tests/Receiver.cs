using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PockytSimulator.Tests;

/// <summary>Receives notices, as text, and acknowledges them when told to.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<string> notices = new();

    private Receiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/", Receive);
    }

    public bool Acknowledges { get; set; } = true;

    public string Url => app.Urls.First() + "/";

    public IReadOnlyList<string> Notices => [.. notices];

    /// <summary>The statuses told about a payout, in the order in which they arrived.</summary>
    public IReadOnlyList<string> StatusesOf(string invoiceId) =>
        [.. Notices.Where(n => Member(n, "invoiceId") == invoiceId).Select(n => Member(n, "status"))];

    /// <summary>What a notice says, by name.</summary>
    public Dictionary<string, string> Members(int notice) => Notices[notice].Split('&')
        .Select(member => member.Split('='))
        .ToDictionary(member => member[0], member => WebUtility.UrlDecode(member[1]));

    public static async Task<Receiver> StartAsync()
    {
        var receiver = new Receiver();
        await receiver.app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<string> Receive(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        notices.Enqueue(await reader.ReadToEndAsync());
        return Acknowledges ? "success" : "not now";
    }

    private static string Member(string form, string name) =>
        form.Split('&').Select(member => member.Split('=')).FirstOrDefault(member => member[0] == name)?[1] ?? "";
}
