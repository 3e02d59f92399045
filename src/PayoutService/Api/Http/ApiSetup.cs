using System.Diagnostics;
using PayoutService.Api.Batches;
using PayoutService.Api.Json;
using PayoutService.Api.OpenApi;
using PayoutService.Api.Payouts;
using PayoutService.Api.Validation;
using PayoutService.Storage;
using PayoutService.UseCases;
using PayoutService.UseCases.Batches;

namespace PayoutService.Api.Http;

/// <summary>The pipeline that every request passes through.</summary>
internal static class ApiSetup
{
    public static void Add(
        IServiceCollection services,
        IEnumerable<ApiKey> keys,
        Limits limits,
        byte[] fingerprintKey,
        string environment)
    {
        services.AddSingleton(new ApiKeyTable(keys)).AddSingleton<ICallers, Callers>();
        services.AddSingleton(new Cursors(Fingerprints.KeyOf(fingerprintKey, "cursors")));
        services.AddSingleton<AccountRequirementsCache>().AddSingleton<CreatePayout>().AddSingleton<PayAgain>()
            .AddSingleton<RegisterPayee>()
            .AddSingleton<AddAccount>().AddSingleton<RegisterPayor>().AddSingleton<SendRefund>()
            .AddSingleton<ResolvePayout>().AddSingleton<DecideApproval>().AddScoped<SearchPayouts>()
            .AddScoped<Approvers>().AddScoped<ExplainPayout>().AddScoped<ReadBalances>()
            .AddSingleton<ReadReport>().AddSingleton<ResumeSending>()
            .AddSingleton<IPayoutRows, PayoutRows>().AddSingleton<UploadBatch>().AddSingleton<PlanBatch>()
            .AddSingleton<ConfirmBatch>().AddSingleton<RunBatch>().AddSingleton<PayAgainRows>();
        services.AddSingleton<DistributedContextPropagator, CallerTraces>();
        services.AddSingleton<BatchTurns>().AddSingleton<QueryRules>();
        services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        services.AddValidation();
        RequestRules.Add(services);
        ApiKeys.Add(services);
        RateLimits.Add(services, limits);
        services.AddSingleton(new ServiceEnvironment(environment));
        SwaggerSetup.Add(services, environment);
    }

    public static void Use(WebApplication app, Limits limits)
    {
        app.Use(SecurityHeaders.Add);
        app.Use(RequestRules.SayWhenToRepeat);
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(HeadRequests.RouteLikeGet);
        app.UseRouting();
        app.Use(HeadRequests.AnswerWithoutBody);
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/v1"), api => api.Use(RequestRules.Check));
        app.Use(app.Services.GetRequiredService<PayoutsAtOnce>().Bound);
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(RequestRules.WebhookRoot),
            webhooks => webhooks.Use(RateLimits.CountRefusedNotifications));
        app.UseAuthentication();
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/v1"), api => api.Use(ApiKeys.RefuseAllMerchants));
        app.UseAuthorization();
        RateLimits.Use(app, limits);
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/v1"), api => api.Use(QueryRules.Check));
    }
}
