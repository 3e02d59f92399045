using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.WebEncoders;
using PayoutService.Ops.Approvals;
using PayoutService.Ops.Batches;
using PayoutService.Ops.Board;
using PayoutService.Ops.Live;
using PayoutService.Ops.Payees;
using PayoutService.Ops.Payouts;
using PayoutService.Ops.Reports;
using PayoutService.Ops.Sending;
using PayoutService.Ops.Service;
using PayoutService.Ops.Sessions;
using PayoutService.UseCases;

namespace PayoutService.Ops;

/// <summary>What the pages are told at the start.</summary>
/// <param name="Environment">The destination of payouts: simulator, sandbox or production.</param>
internal sealed record OpsOptions(string Environment);

/// <summary>The operator pages. They are HTML made by the server, complete without JavaScript, and read and act by the
/// use cases of the API.</summary>
internal static class OpsSetup
{
    public const string Root = "/ops";

    /// <summary>The member of a form that carries its token.</summary>
    public const string FormField = "_form";

    public static void Add(IServiceCollection services, byte[] fingerprintKey, string environment)
    {
        services.AddSingleton(new OpsOptions(environment)).AddSingleton<LiveChanges>().AddExceptionHandler<OpsErrors>();
        services.AddRazorComponents();
        services.Configure<WebEncoderOptions>(options =>
            options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.AddScoped<ReadHealth>().AddScoped<FindAnything>()
            .AddScoped<ReadTimeline>().AddScoped<ReadHolds>().AddScoped<ReadReview>();
        OpsSessions.Add(services, fingerprintKey);
    }

    public static void MapOps(this IEndpointRouteBuilder app)
    {
        var ops = app.MapGroup(Root).ExcludeFromDescription().RequireAuthorization(OpsSessions.Watch)
            .AddEndpointFilter(CheckForm);
        PageFiles.Map(ops);
        Login.Map(ops);
        BoardPages.Map(ops);
        PayoutPages.Map(ops);
        PayoutActPages.Map(ops);
        AskPages.Map(ops);
        ApprovalPages.Map(ops);
        BatchPages.Map(ops);
        BatchActPages.Map(ops);
        BatchApprovalPages.Map(ops);
        PayeePages.Map(ops);
        SendingPages.Map(ops);
        DeliveryPages.Map(ops);
        RecoverPages.Map(ops);
        ServicePages.Map(ops);
        LivePages.Map(ops);
        ReportPages.Map(ops);
        ops.MapGet("/{**path}", (HttpContext context) => Pages.NotFound(context, "page")).WithName("opsNothing");
    }

    /// <summary>Refuses a form that is not from a page of ours.</summary>
    private static async ValueTask<object?> CheckForm(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        return !HttpMethods.IsPost(context.Request.Method)
            || await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context)
            ? await next(invocation)
            : Pages.Refusal(context, StatusCodes.Status400BadRequest, "This form has expired.",
                "Nothing was done. Go back, load the page again, and send it once more.");
    }
}
