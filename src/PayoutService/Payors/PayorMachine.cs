using PayoutService.Payouts;
using static PayoutService.Payors.PayorStatus;

namespace PayoutService.Payors;

/// <summary>The effect of an answer on a payor.</summary>
internal enum PayorVerdict
{
    /// <summary>It stays as it is.</summary>
    Stays,

    /// <summary>Its one request may have reached Pockyt: it becomes unconfirmed.</summary>
    BecomesUnconfirmed,

    /// <summary>Pockyt gave its number, and perhaps a status: it has them.</summary>
    Learns,

    /// <summary>Its one request was certainly not executed: the row is deleted and its code is free again.</summary>
    IsRemoved,
}

/// <summary>The state machine of a payor. Pure; its table stands in docs/machine.md, and a test compares the two cell
/// by cell.</summary>
internal static class PayorMachine
{
    public static PayorVerdict Next(PayorStatus status, ProviderAnswer<ProviderPayor> answer) => (status, answer) switch
    {
        (_, ProviderAnswer<ProviderPayor>.Done) => PayorVerdict.Learns,
        (Registering or Unconfirmed,
            ProviderAnswer<ProviderPayor>.Refused or ProviderAnswer<ProviderPayor>.NotSent) => PayorVerdict.IsRemoved,
        (Registering, ProviderAnswer<ProviderPayor>.Unclear or ProviderAnswer<ProviderPayor>.NotFound) =>
            PayorVerdict.BecomesUnconfirmed,
        _ => PayorVerdict.Stays,
    };
}
