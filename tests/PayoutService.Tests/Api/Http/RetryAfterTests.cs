using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using PayoutService.Api.Http;

namespace PayoutService.Tests.Api.Http;

/// <summary>What passes by itself says when to repeat the call.</summary>
public sealed class RetryAfterTests : IAsyncLifetime
{
    private readonly List<ProblemHttpResult> passing =
    [
        .. from method in typeof(Problems).GetMethods(BindingFlags.Public | BindingFlags.Static)
           where method.ReturnType == typeof(ProblemHttpResult) && !method.IsGenericMethod
           where !Array.Exists(method.GetParameters(), parameter => parameter.ParameterType.IsInterface)
           let problem = (ProblemHttpResult)method.Invoke(null, [.. method.GetParameters().Select(Sample)])!
           where problem.StatusCode == 503
           select problem,
    ];

    private WebApplication app = null!;
    private HttpClient http = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        ApiSetup.Add(builder.Services, [], new Limits(), new byte[32], "simulator");
        app = builder.Build();
        ApiSetup.Use(app, new Limits());
        app.MapGet("/{at:int}", (int at) => passing[at]);
        app.MapPost($"{RequestRules.WebhookRoot}/away", ProblemHttpResult () => throw new NpgsqlException("away"));
        app.MapGet("/away", ProblemHttpResult () => throw new NpgsqlException("away"));
        await app.StartAsync();
        http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public async Task DisposeAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task Every_503_says_when_to_repeat()
    {
        var answers = await Task.WhenAll(
        [
            .. passing.Select((_, at) => http.GetAsync(new Uri($"/{at}", UriKind.Relative))),
            http.GetAsync(new Uri("/away", UriKind.Relative)),
            http.PostAsync(new Uri($"{RequestRules.WebhookRoot}/away", UriKind.Relative), content: null),
        ]);

        Assert.True(passing.Count >= 4, $"{passing.Count} problems of 503");
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));
        Assert.All(answers, answer => Assert.NotNull(answer.Headers.RetryAfter?.Delta));
    }

    /// <summary>Anything that a problem can be made of.</summary>
    private static object Sample(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return type == typeof(string) ? "x"
            : type.IsArray ? Array.CreateInstance(type.GetElementType()!, 0)
            : type.IsGenericType ? Array.CreateInstance(type.GenericTypeArguments[0], 0)
            : type.IsValueType ? Activator.CreateInstance(type)!
            : RuntimeHelpers.GetUninitializedObject(type);
    }
}
