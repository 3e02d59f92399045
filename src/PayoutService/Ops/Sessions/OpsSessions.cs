using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using PayoutService.Storage;
using PayoutService.UseCases;

namespace PayoutService.Ops.Sessions;

/// <summary>Sessions of operators: a cookie that names an API key. Every request looks the key up again, so a session
/// ends with its key, and has the rights that the key has now.</summary>
internal static class OpsSessions
{
    public const string Scheme = "ops";
    public const string OwnerClaim = "owner";
    public const string ActClaim = "act";
    public const string ApproveClaim = "approve";
    public const string PayClaim = "pay";

    private const string KeyClaim = "key";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    /// <summary>Every operator.</summary>
    public static readonly AuthorizationPolicy Watch =
        new AuthorizationPolicyBuilder(Scheme).RequireAuthenticatedUser().Build();

    /// <summary>Operators with the scope ops.</summary>
    public static readonly AuthorizationPolicy Act =
        new AuthorizationPolicyBuilder(Scheme).RequireAuthenticatedUser().RequireClaim(ActClaim, "true").Build();

    /// <summary>Operators with the scope ops, or approve: the page says which of them an act needs.</summary>
    public static readonly AuthorizationPolicy ActOrApprove = new AuthorizationPolicyBuilder(Scheme)
        .RequireAuthenticatedUser()
        .RequireAssertion(context =>
            context.User.HasClaim(ActClaim, "true") || context.User.HasClaim(ApproveClaim, "true"))
        .Build();

    public static void Add(IServiceCollection services, byte[] fingerprintKey)
    {
        var key = new SessionKeyEncryption(Fingerprints.KeyOf(fingerprintKey, "operator-sessions"));
        services.AddSingleton(key);
        services.AddDataProtection().SetApplicationName("payout-service").PersistKeysToDbContext<PayoutDb>();

        // Read when a page first needs them: no start waits for the database, nor fails without it.
        services.Remove(services.Single(service => service.ImplementationType?.Name == "DataProtectionHostedService"));
        services.Configure<KeyManagementOptions>(options => options.XmlEncryptor = key);
        services.AddAntiforgery(options =>
        {
            options.FormFieldName = OpsSetup.FormField;
            options.SuppressXFrameOptionsHeader = true;
            Limit(options.Cookie, "ops-form");
        });
        new AuthenticationBuilder(services).AddCookie(Scheme, options =>
        {
            Limit(options.Cookie, "ops");
            options.ExpireTimeSpan = Lifetime;
            options.SlidingExpiration = false;
            options.Events.OnValidatePrincipal = CheckAsync;
            options.Events.OnRedirectToLogin = context => Login.AskAsync(context.HttpContext);
            options.Events.OnRedirectToAccessDenied = context =>
                Pages.Refusal(context.HttpContext, StatusCodes.Status403Forbidden, "Your key watches only.",
                    "Acting needs a key with the scope ops. Nothing was done.").ExecuteAsync(context.HttpContext);
        });
    }

    public static Task BeginAsync(HttpContext context, Caller caller) =>
        context.SignInAsync(Scheme, PrincipalOf(caller), new AuthenticationProperties { AllowRefresh = false });

    /// <summary>The key of a session still is one of an operator.</summary>
    public static bool IsOpen(ClaimsPrincipal session, ICallers callers) => Find(session, callers) is not null;

    private static Caller? Find(ClaimsPrincipal? session, ICallers callers) =>
        session?.FindFirstValue(KeyClaim) is { } hash ? callers.FindByHash(hash) : null;

    private static Task CheckAsync(CookieValidatePrincipalContext context)
    {
        var callers = context.HttpContext.RequestServices.GetRequiredService<ICallers>();
        if (Find(context.Principal, callers) is { } caller)
        {
            context.ReplacePrincipal(PrincipalOf(caller));
        }
        else
        {
            context.RejectPrincipal();
        }

        return Task.CompletedTask;
    }

    private static ClaimsPrincipal PrincipalOf(Caller caller) => new(new ClaimsIdentity(
        [
            new(ClaimTypes.Name, caller.Name),
            new(OwnerClaim, caller.Owner),
            new(Caller.MerchantClaim, caller.Merchant),
            new(KeyClaim, caller.KeyHash),
            new(ActClaim, caller.MayAct ? "true" : "false"),
            new(ApproveClaim, caller.MayApprove ? "true" : "false"),
            new(PayClaim, caller.MayPay ? "true" : "false"),
        ],
        Scheme));

    /// <summary>A cookie that only our own pages send, and that no script reads.</summary>
    private static void Limit(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.Path = OpsSetup.Root;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Strict;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
    }
}
