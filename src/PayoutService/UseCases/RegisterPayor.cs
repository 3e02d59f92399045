using System.Diagnostics;
using PayoutService.Payors;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payors;

namespace PayoutService.UseCases;

/// <summary>A payor to register.</summary>
/// <param name="Merchant">Whose payor it is.</param>
/// <param name="PayorCode">Its natural key.</param>
/// <param name="Details">Passes through to Pockyt, and is not kept.</param>
/// <param name="Content">The request's fields, by which a repeat is recognized.</param>
/// <param name="NotAtPockyt">Somebody looked in Pockyt's portal, and it is not there.</param>
/// <param name="Actor">The name of the API key.</param>
internal sealed record NewPayor(
    string Merchant,
    string PayorCode,
    IReadOnlyDictionary<string, string> Details,
    Dictionary<string, string?> Content,
    bool NotAtPockyt,
    Actor Actor);

/// <summary>Registers a payor at Pockyt, once for each payorCode. Pockyt has no call that finds one, so a registration
/// without an answer is never repeated by itself.</summary>
internal sealed class RegisterPayor(
    PayorStore store,
    IPayorGateway gateway,
    Fingerprints fingerprints,
    PayoutRules rules,
    TimeProvider clock,
    ILogger<RegisterPayor> logger)
{
    public async Task<RegistrationOutcome<Payor>> RunAsync(NewPayor wanted, CancellationToken cancel)
    {
        var beforeLease = clock.GetTimestamp();
        var content = await fingerprints.OfAsync(wanted.Content, wanted.PayorCode).InTimeAsync(rules, cancel);
        var begun = await store.BeginAsync(
            wanted.Merchant, wanted.PayorCode, content, wanted.NotAtPockyt, wanted.Actor).InTimeAsync(rules, cancel);
        return begun switch
        {
            BeginResult<Payor>.New(var payor) => await RegisterAsync(payor, wanted, beforeLease),
            BeginResult<Payor>.Replayed(var payor) => new RegistrationOutcome<Payor>.Replayed(payor),
            BeginResult<Payor>.Differs(var payor, var fields) =>
                new RegistrationOutcome<Payor>.Differs(payor, fields),
            BeginResult<Payor>.Restored => new RegistrationOutcome<Payor>.Restored(),
            _ => throw new UnreachableException(begun.ToString()),
        };
    }

    /// <summary>Nothing here can be canceled: Pockyt may have the payor.</summary>
    private async Task<RegistrationOutcome<Payor>> RegisterAsync(Payor payor, NewPayor wanted, long beforeLease)
    {
        var answer = rules.LeaseCovers(gateway.Timeout, clock.GetElapsedTime(beforeLease))
            ? await gateway.RegisterAsync(payor, wanted.Details, CancellationToken.None)
            : new ProviderAnswer<ProviderPayor>.NotSent("The database took too long.");

        // Before anything else: should the database be away, this line is all that knows the number.
        logger.LogInformation(
            "Registered payor {payorCode}: {answer} {payorNo}.",
            payor.PayorCode, answer.GetType().Name, (answer as ProviderAnswer<ProviderPayor>.Done)?.Told.PayorNo);
        var kept = await store.RecordAsync(payor, answer, wanted.Actor).InTimeAsync(rules, CancellationToken.None);
        return (kept, answer) switch
        {
            (null, ProviderAnswer<ProviderPayor>.Refused(var code, var message)) =>
                new RegistrationOutcome<Payor>.Refused(code, message),
            (null, ProviderAnswer<ProviderPayor>.NotSent(var why)) => new RegistrationOutcome<Payor>.NotSent(why),
            (null, _) => throw new UnreachableException(answer.ToString()),
            (var other, _) when other.Id != payor.Id => new RegistrationOutcome<Payor>.Duplicate(other),
            ({ PayorNo: null }, _) => new RegistrationOutcome<Payor>.Pending(kept),
            _ => new RegistrationOutcome<Payor>.Created(kept),
        };
    }
}
