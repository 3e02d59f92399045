using System.Diagnostics;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payees;

namespace PayoutService.UseCases;

/// <summary>A payee to register.</summary>
/// <param name="Merchant">Whose payee it is.</param>
/// <param name="Profile">Passes through to Pockyt; names and e-mail are kept.</param>
/// <param name="Metadata">The caller's own; never sent.</param>
/// <param name="Content">The request's fields, by which a repeat is recognized.</param>
/// <param name="Actor">The name of the API key.</param>
internal sealed record NewPayee(
    string Merchant,
    PayeeProfile Profile,
    Dictionary<string, string> Metadata,
    Dictionary<string, string?> Content,
    Actor Actor);

/// <summary>Registers a payee at Pockyt, once for each customerCode.</summary>
internal sealed class RegisterPayee(
    PayeeStore store, IPayeeGateway gateway, Fingerprints fingerprints, PayoutRules rules)
{
    public async Task<RegistrationOutcome<Payee>> RunAsync(NewPayee wanted, CancellationToken cancel)
    {
        var row = $"{wanted.Merchant}/{wanted.Profile.CustomerCode}";
        var content = await fingerprints.OfAsync(wanted.Content, row).InTimeAsync(rules, cancel);
        var begun = await store.BeginAsync(wanted.Merchant, wanted.Profile, wanted.Metadata, content, wanted.Actor)
            .InTimeAsync(rules, cancel);
        return begun switch
        {
            BeginResult<Payee>.New(var payee) => await RegisterAsync(payee, wanted, resumed: false),
            BeginResult<Payee>.Resumed(var payee) => await RegisterAsync(payee, wanted, resumed: true),
            BeginResult<Payee>.Busy(var payee) => new RegistrationOutcome<Payee>.Pending(payee),
            BeginResult<Payee>.Replayed(var payee) => new RegistrationOutcome<Payee>.Replayed(payee),
            BeginResult<Payee>.Differs(var payee, var fields) =>
                new RegistrationOutcome<Payee>.Differs(payee, fields),
            _ => throw new UnreachableException(begun.ToString()),
        };
    }

    /// <summary>Nothing here can be canceled: Pockyt may have the payee.</summary>
    private async Task<RegistrationOutcome<Payee>> RegisterAsync(Payee payee, NewPayee wanted, bool resumed)
    {
        var answer = await IdempotentRegistration.OnceAsync(
            resumed,
            () => gateway.FindAsync(payee, CancellationToken.None),
            () => gateway.RegisterAsync(wanted.Merchant, wanted.Profile, CancellationToken.None));
        switch (answer)
        {
            case ProviderAnswer<ProviderPayee>.Done(var told):
                var registered = await store.LearnAsync(payee, told, wanted.Actor)
                    .InTimeAsync(rules, CancellationToken.None);
                return registered.Id == payee.Id
                    ? new RegistrationOutcome<Payee>.Created(registered)
                    : new RegistrationOutcome<Payee>.Duplicate(registered);
            case ProviderAnswer<ProviderPayee>.Refused(var code, var message):
                await store.AbandonAsync(payee, wanted.Actor).InTimeAsync(rules, CancellationToken.None);
                return await IsEmailTakenAsync(payee, payee.Email, gateway)
                    ? new RegistrationOutcome<Payee>.EmailInUse()
                    : new RegistrationOutcome<Payee>.Refused(code, message);
            case ProviderAnswer<ProviderPayee>.NotSent(var why):
                await (resumed ? store.LeaveOpenAsync(payee, wanted.Actor) : store.AbandonAsync(payee, wanted.Actor))
                    .InTimeAsync(rules, CancellationToken.None);
                return new RegistrationOutcome<Payee>.NotSent(why);
            default:
                return new RegistrationOutcome<Payee>.Pending(await store.LeaveOpenAsync(payee, wanted.Actor)
                    .InTimeAsync(rules, CancellationToken.None));
        }
    }

    /// <summary>True when another payee has the e-mail at Pockyt, which refuses it without saying so.</summary>
    public static async Task<bool> IsEmailTakenAsync(Payee payee, string email, IPayeeGateway gateway) =>
        await gateway.FindByEmailAsync(payee.Merchant, email, CancellationToken.None)
            is ProviderAnswer<ProviderPayee>.Done(var owner) && owner.CustomerCode != payee.CustomerCode;
}
