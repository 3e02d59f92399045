using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using PayoutService.Api.Json;
using PayoutService.Payouts;
using PayoutService.UseCases;

namespace PayoutService.Api.Http;

/// <summary>A key that a caller shows. Only its SHA-256 is kept.
/// Section <c>ApiKeys</c> of the settings, a list.</summary>
internal sealed class ApiKey
{
    /// <summary>The user of the key; named in the history.</summary>
    public string Name { get; set; } = "";

    /// <summary>The person who uses it; two keys of one owner are one person. Empty: the key's name.</summary>
    public string Owner { get; set; } = "";

    /// <summary>The merchant whose payees and payouts it sees; * for all of them, with scopes of operators only.
    /// </summary>
    public string Merchant { get; set; } = "";

    /// <summary>The scopes of the key: words of <see cref="Scopes"/>.</summary>
    public string[] Scopes { get; set; } = [];

    /// <summary>SHA-256 of the key, in hexadecimal: <c>printf %s "$KEY" | sha256sum</c>.</summary>
    public string Sha256 { get; set; } = "";

    /// <summary>The key is not taken after this time, RFC 3339 with an offset. Empty: it does not end.</summary>
    public string NotAfter { get; set; } = "";

    public string OwnerOrName => Owner.Length > 0 ? Owner : Name;

    /// <summary>True when the key is still taken at a time.</summary>
    public bool IsGoodAt(DateTimeOffset time) =>
        NotAfter.Length == 0 || (Rfc3339Converter.TryParse(NotAfter, out var end) && time <= end);
}

/// <summary>The scopes a key can have.</summary>
internal static class Scopes
{
    /// <summary>Payouts, refunds and balances; of payees and accounts their ids.</summary>
    public const string ReadPayouts = "payouts:read";
    public const string WritePayouts = "payouts:write";

    /// <summary>Payees, accounts and payors: names and e-mails.</summary>
    public const string ReadPayees = "payees:read";
    public const string WritePayees = "payees:write";
    public const string WriteRefunds = "refunds:write";

    /// <summary>The feed of events.</summary>
    public const string ReadEvents = "events:read";

    /// <summary>Webhook endpoints.</summary>
    public const string WriteEvents = "events:write";

    /// <summary>Operators who only watch: notes of readiness, and whether a merchant sends.</summary>
    public const string ReadOps = "ops:read";

    /// <summary>Operators who act. Implies <see cref="ReadOps"/>, and canceling and refreshing payouts.</summary>
    public const string Ops = "ops";

    /// <summary>Second people: approving and rejecting payouts that another person asked for.</summary>
    public const string Approve = "approve";

    public static readonly string[] All =
    [
        ReadPayouts, WritePayouts, ReadPayees, WritePayees, WriteRefunds, ReadEvents, WriteEvents, ReadOps, Ops,
        Approve,
    ];

    /// <summary>The scopes of a key for all merchants.</summary>
    public static readonly string[] OfOperators = [ReadOps, Ops, Approve];

    /// <summary>The scopes of which a call needs one: names of policies.</summary>
    public static readonly Dictionary<string, string[]> Policies = new()
    {
        [ReadPayouts] = [ReadPayouts],
        [WritePayouts] = [WritePayouts],
        [ReadPayees] = [ReadPayees],
        [WritePayees] = [WritePayees],
        [WriteRefunds] = [WriteRefunds],
        [ReadEvents] = [ReadEvents],
        [WriteEvents] = [WriteEvents],
        [Ops] = [Ops],
        [Approve] = [Approve],
        [ReadSending] = [ReadPayouts, ReadOps, Ops],
        [ActOnPayouts] = [WritePayouts, Ops],
    };

    /// <summary>Policy: seeing whether a merchant sends.</summary>
    public const string ReadSending = "payouts:read or ops:read";

    /// <summary>Policy: canceling and refreshing payouts.</summary>
    public const string ActOnPayouts = "payouts:write or ops";
}

/// <summary>Recognizes callers by <c>Authorization: Bearer &lt;key&gt;</c>.</summary>
internal sealed class ApiKeys(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    ApiKeyTable keys,
    Failures failures,
    TimeProvider clock) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    private const string OwnerClaim = "owner";
    private const string ScopeClaim = "scope";

    public static void Add(IServiceCollection services)
    {
        // The core only: AddAuthentication would bring keys for cookies, which nobody here needs.
        services.AddAuthenticationCore(options => options.DefaultScheme = SchemeName).AddWebEncoders();
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, ApiKeys>(SchemeName, null);
        var authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(null)
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        foreach (var (name, scopes) in Scopes.Policies)
        {
            authorization.AddPolicy(name, policy => policy.RequireAuthenticatedUser().RequireClaim(ScopeClaim, scopes));
        }
    }

    public static string MerchantOf(ClaimsPrincipal caller) => caller.FindFirstValue(Caller.MerchantClaim)!;

    public static string OwnerOf(ClaimsPrincipal caller) => caller.FindFirstValue(OwnerClaim)!;

    public static string NameOf(ClaimsPrincipal caller) => caller.Identity!.Name!;

    public static Requester RequesterOf(ClaimsPrincipal caller) =>
        new(MerchantOf(caller), NameOf(caller), OwnerOf(caller));

    public static Actor ActorOf(ClaimsPrincipal caller) => Actor.ApiKey(NameOf(caller));

    public static IReadOnlyList<string> ScopesOf(ClaimsPrincipal caller) =>
        [.. caller.FindAll(ScopeClaim).Select(claim => claim.Value)];

    public static bool HasScope(ClaimsPrincipal caller, string scope) => caller.HasClaim(ScopeClaim, scope);

    /// <summary>Refuses a key for all merchants wherever one merchant is meant: sending says which.</summary>
    public static Task RefuseAllMerchants(HttpContext context, RequestDelegate next) =>
        MerchantOf(context.User) == Caller.AllMerchants
            && context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is { } needed
            && needed.Policy is not null && !context.Request.Path.StartsWithSegments("/v1/sending")
            ? Problems.KeyOfAllMerchants().ExecuteAsync(context)
            : next(context);

    /// <summary>The key that a request shows; null when it shows none, or two.</summary>
    public static string? KeyIn(IHeaderDictionary headers)
    {
        const string Prefix = "Bearer ";
        return headers.Authorization is [{ } header]
            && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? header[Prefix.Length..] : null;
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (KeyIn(Request.Headers) is not { } shown)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (keys.Find(shown) is not { } key || !key.IsGoodAt(clock.GetUtcNow()))
        {
            return Task.FromResult(AuthenticateResult.Fail("The key is not known, or has ended."));
        }

        Claim[] claims =
        [
            new(ClaimTypes.Name, key.Name),
            new(Caller.MerchantClaim, key.Merchant),
            new(OwnerClaim, key.OwnerOrName),
            .. key.Scopes.Select(scope => new Claim(ScopeClaim, scope)),
        ];
        var caller = new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(caller, SchemeName)));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var isWrong = (await HandleAuthenticateOnceSafeAsync()).Failure is not null;
        if (isWrong && await failures.RefuseAsync(Context))
        {
            return;
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        await (isWrong ? Problems.KeyNotKnown() : Problems.Unauthenticated()).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var scope = Context.GetEndpoint()?.Metadata.GetMetadata<AuthorizeAttribute>()?.Policy;
        return Problems.Forbidden(scope ?? "it needs").ExecuteAsync(Context);
    }
}

/// <summary>The configured keys by their hash. They are replaced as a whole while the service runs.</summary>
internal sealed class ApiKeyTable(IEnumerable<ApiKey> keys)
{
    /// <summary>Two, of two owners, because one person alone cannot overrule.</summary>
    private static readonly string[] DevelopmentKeys = ["dev-key", "dev-key-2"];

    /// <summary>One reference, so that no request sees a part of a change.</summary>
    private volatile Dictionary<string, ApiKey> byHash = ByHash(keys);

    /// <summary>From now on takes these keys.</summary>
    /// <returns>Whether they are others than before.</returns>
    public bool Use(IEnumerable<ApiKey> told)
    {
        var (before, after) = (byHash, ByHash(told));
        byHash = after;
        return !before.Values.Select(TextOf).ToHashSet().SetEquals(after.Values.Select(TextOf));

        static string TextOf(ApiKey key) => string.Join(
            '\n', [key.Name, key.Owner, key.Merchant, key.Sha256.ToLowerInvariant(), key.NotAfter, .. key.Scopes]);
    }

    /// <summary>The key's entry. Looking up a hash takes no longer for a near miss,
    /// because nobody can aim a hash.</summary>
    public ApiKey? Find(string key) => FindByHash(Hash(key));

    public IEnumerable<ApiKey> All => byHash.Values;

    /// <summary>Names are compared as the settings are checked: no two keys differ in case only.</summary>
    public ApiKey? FindByName(string name) => byHash.Values.FirstOrDefault(
        key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public ApiKey? FindByHash(string hash) => byHash.GetValueOrDefault(hash);

    /// <summary>Problems of the configured keys: sentences that name the setting.</summary>
    public static IEnumerable<string> Problems(
        IReadOnlyList<ApiKey> keys, ICollection<string> merchants, bool development)
    {
        if (keys.Count == 0)
        {
            yield return "ApiKeys is empty: configure at least one key, or nobody can call this service.";
        }

        for (var at = 0; at < keys.Count; at++)
        {
            var key = keys[at];
            var section = $"ApiKeys:{at}";
            if (key.Name.Length == 0)
            {
                yield return $"{section}:Name is missing.";
            }

            if (Actor.IsReserved(key.Name))
            {
                yield return $"{section}:Name is {key.Name}, which the history calls this service or Pockyt.";
            }

            if (key.Merchant == Caller.AllMerchants)
            {
                if (key.Scopes.Except(Scopes.OfOperators).FirstOrDefault() is { } scope)
                {
                    yield return $"{section}:Merchant is *, which goes with {string.Join(" and ", Scopes.OfOperators)} "
                        + $"only, and Scopes has {scope}.";
                }
            }
            else if (!merchants.Contains(key.Merchant))
            {
                yield return $"{section}:Merchant names no merchant of Pockyt:Merchants.";
            }

            if (key.Scopes.Except(Scopes.All).FirstOrDefault() is { } unknown)
            {
                yield return $"{section}:Scopes has {unknown}, which is not one of {string.Join(", ", Scopes.All)}.";
            }

            if (key.Sha256.Length != 64 || !key.Sha256.All(char.IsAsciiHexDigit))
            {
                yield return $"{section}:Sha256 must be the key's SHA-256 as 64 hexadecimal digits.";
            }
            else if (IsHashOf("", key))
            {
                yield return $"{section}:Sha256 is that of no key at all.";
            }
            else if (!development && DevelopmentKeys.FirstOrDefault(known => IsHashOf(known, key)) is { } known)
            {
                yield return $"{section}:Sha256 is that of {known}, which everybody knows: it is for Development only.";
            }

            if (key.NotAfter.Length > 0 && !Rfc3339Converter.TryParse(key.NotAfter, out _))
            {
                yield return $"{section}:NotAfter must be a date and time with an offset, "
                    + "such as 2026-12-31T23:59:59Z.";
            }
        }

        if (keys.GroupBy(key => key.Name, StringComparer.OrdinalIgnoreCase).Any(same => same.Count() > 1))
        {
            yield return "ApiKeys has the same Name twice: history says by the name who did what.";
        }

        if (keys.GroupBy(key => key.Sha256.ToLowerInvariant()).Any(same => same.Count() > 1))
        {
            yield return "ApiKeys has the same Sha256 twice: a key has one name, one merchant and one list of scopes.";
        }
    }

    private static Dictionary<string, ApiKey> ByHash(IEnumerable<ApiKey> keys) =>
        keys.ToDictionary(key => key.Sha256.ToLowerInvariant());

    private static bool IsHashOf(string known, ApiKey key) =>
        key.Sha256.Equals(Hash(known), StringComparison.OrdinalIgnoreCase);

    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
