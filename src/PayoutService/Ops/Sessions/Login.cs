using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Operators;
using PayoutService.UseCases;

namespace PayoutService.Ops.Sessions;

/// <summary>Operators log in with an API key, and out.</summary>
internal static class Login
{
    private const string Path = $"{OpsSetup.Root}/login";

    /// <summary>The key of Development, with which one click logs in.</summary>
    private const string DevelopmentKey = "dev-key";

    public static void Map(IEndpointRouteBuilder ops)
    {
        ops.MapGet("/login", Show).WithName("opsLogin").AllowAnonymous();
        ops.MapPost("/login", EnterAsync).WithName("opsEnter").AllowAnonymous();
        ops.MapPost("/logout", (Delegate)LeaveAsync).WithName("opsLeave").AllowAnonymous();
    }

    /// <summary>Sends a caller without a session to the login.</summary>
    /// <remarks>A link on another site brings no cookie with it, because the cookie is only for our own pages: the page
    /// that is answered then goes to the same address again, and that brings it.</remarks>
    public static Task AskAsync(HttpContext context)
    {
        var address = $"{context.Request.Path}{context.Request.QueryString}";
        if (context.Request.Headers["Sec-Fetch-Site"] == "cross-site" && HttpMethods.IsGet(context.Request.Method))
        {
            return Pages.Show<AgainPage>(context, StatusCodes.Status200OK, ("Address", address)).ExecuteAsync(context);
        }

        var back = HttpMethods.IsGet(context.Request.Method) ? $"?return={Uri.EscapeDataString(address)}" : "";
        context.Response.Redirect(Path + back);
        return Task.CompletedTask;
    }

    internal static IResult Show(HttpContext context) =>
        Page(context, StatusCodes.Status200OK, context.Request.Query["return"].ToString(), error: null);

    private static async Task<IResult> EnterAsync(
        HttpContext context, ICallers callers, OperatorLog log, PayoutRules rules, CancellationToken cancel)
    {
        var form = await context.Request.ReadFormAsync(cancel);
        var back = form["return"].ToString();
        if (callers.Find(form["key"].ToString()) is not { } caller)
        {
            if (callers.CountFailure(context.Connection.RemoteIpAddress) is { } wait)
            {
                var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                return Page(context, StatusCodes.Status429TooManyRequests, back,
                    $"Too many wrong keys came from your address. Try again in {seconds} s.");
            }

            return Page(context, StatusCodes.Status401Unauthorized, back,
                "This key is not known, has ended, or has none of the scopes ops:read, ops and approve.");
        }

        await log.WriteAsync(caller.Merchant, Actor.ApiKey(caller.Name), OperatorAction.LoggedIn)
            .InTimeAsync(rules, cancel);
        await OpsSessions.BeginAsync(context, caller);
        return TypedResults.LocalRedirect(IsOurs(back) ? back : OpsSetup.Root);
    }

    private static async Task<IResult> LeaveAsync(HttpContext context)
    {
        await context.SignOutAsync(OpsSessions.Scheme);
        return TypedResults.LocalRedirect(Path);
    }

    private static RazorComponentResult<LoginPage> Page(
        HttpContext context, int status, string back, string? error)
    {
        var services = context.RequestServices;
        var isDevelopment = services.GetRequiredService<IHostEnvironment>().IsDevelopment()
            && services.GetRequiredService<ICallers>().Find(DevelopmentKey) is not null;
        return Pages.Show<LoginPage>(
            context,
            status,
            ("Return", IsOurs(back) ? back : ""),
            ("Error", error),
            ("Environment", services.GetRequiredService<OpsOptions>().Environment),
            ("DevelopmentKey", isDevelopment ? DevelopmentKey : null),
            ("FormToken", services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken));
    }

    /// <summary>Only an address of the pages is gone back to.</summary>
    private static bool IsOurs(string address) =>
        (address == OpsSetup.Root || address.StartsWith($"{OpsSetup.Root}/", StringComparison.Ordinal)
            || address.StartsWith($"{OpsSetup.Root}?", StringComparison.Ordinal))
        && !address.Contains('\\', StringComparison.Ordinal);
}
