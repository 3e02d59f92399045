using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using PayoutService.Ops.Live;
using PayoutService.Payouts;
using PayoutService.UseCases;

namespace PayoutService.Ops.Sessions;

/// <summary>An operator at work, as every page knows it.</summary>
public sealed record Session
{
    /// <summary>Why a watcher may not act.</summary>
    public const string WatchesOnly = "Your key has the scope ops:read, which only watches.";

    /// <summary>Why an operator may not pay.</summary>
    public const string PaysNothing = "Your key lacks the scope payouts:write.";

    /// <summary>The name of the operator's API key.</summary>
    public required string Name { get; init; }

    /// <summary>The person behind it.</summary>
    public required string Owner { get; init; }

    /// <summary>The merchants that the operator sees.</summary>
    public required IReadOnlyList<string> Merchants { get; init; }

    /// <summary>The one whose lists are shown.</summary>
    public required string Merchant { get; init; }

    /// <summary>The operator acts; else it only watches.</summary>
    public required bool MayAct { get; init; }

    /// <summary>The operator approves what others asked for.</summary>
    public required bool MayApprove { get; init; }

    /// <summary>The operator uploads and confirms batches.</summary>
    public required bool MayPay { get; init; }

    /// <summary>The destination of payouts: simulator, sandbox or production.</summary>
    public required string Environment { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>The address of the page.</summary>
    public required string Path { get; init; }

    /// <summary>The number of events that the merchants had before the page was read.</summary>
    public required long Changes { get; init; }

    /// <summary>The token by which the service knows its own forms.</summary>
    public required string FormToken { get; init; }

    public string Role => (MayAct, MayApprove) switch
    {
        (true, true) => "ops, approve",
        (true, false) => "ops",
        (false, true) => "approve",
        _ => "ops:read",
    };

    internal Actor Actor => Actor.ApiKey(Name);

    /// <summary>An address of ours, of the merchant whose lists are shown.</summary>
    public string At(string path)
    {
        var and = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return Merchants.Count == 1 ? path : $"{path}{and}merchant={Uri.EscapeDataString(Merchant)}";
    }

    /// <summary>Reads who calls; the handlers of the pages take it as a parameter.</summary>
    public static async ValueTask<Session?> BindAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var caller = context.User;
        var own = caller.FindFirstValue(Caller.MerchantClaim)!;
        string[] merchants = own == Caller.AllMerchants
            ? [.. services.GetRequiredService<IPayoutGateway>().Merchants.Order(StringComparer.Ordinal)] : [own];
        var wanted = context.Request.Query["merchant"].ToString();
        return new Session
        {
            Name = caller.Identity!.Name!,
            Owner = caller.FindFirstValue(OpsSessions.OwnerClaim)!,
            Merchants = merchants,
            Merchant = merchants.Contains(wanted) ? wanted : merchants[0],
            MayAct = caller.HasClaim(OpsSessions.ActClaim, "true"),
            MayPay = caller.HasClaim(OpsSessions.PayClaim, "true"),
            MayApprove = caller.HasClaim(OpsSessions.ApproveClaim, "true"),
            Environment = services.GetRequiredService<OpsOptions>().Environment,
            Now = services.GetRequiredService<TimeProvider>().GetUtcNow(),
            Path = context.Request.Path,
            Changes = await services.GetRequiredService<LiveChanges>().CountAsync(merchants),
            FormToken = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken!,
        };
    }
}
