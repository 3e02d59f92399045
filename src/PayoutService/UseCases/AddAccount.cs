using System.Diagnostics;
using PayoutService.Payees;
using PayoutService.Payouts;
using PayoutService.Storage;
using PayoutService.Storage.Payees;

namespace PayoutService.UseCases;

/// <summary>Adds a payee's account at Pockyt, once for each accountTag. The details are not kept.</summary>
internal sealed class AddAccount(
    PayeeStore store, IPayeeGateway gateway, Fingerprints fingerprints, PayoutRules rules)
{
    /// <param name="payee">Whose account it is; registered at Pockyt.</param>
    /// <param name="wanted">The account, its details checked.</param>
    /// <param name="content">The request's fields, by which a repeat is recognized.</param>
    /// <param name="actor">The name of the API key.</param>
    /// <param name="cancel">Gives up, until Pockyt is called.</param>
    public async Task<RegistrationOutcome<Account>> RunAsync(
        Payee payee,
        AccountRequest wanted,
        Dictionary<string, string?> content,
        Actor actor,
        CancellationToken cancel)
    {
        var kept = new AccountTrace(
            wanted.Last4,
            wanted.Number is { } number ? fingerprints.OfAccountNumber(number) : null,
            await fingerprints.OfAsync(content, $"{payee.Id}/{wanted.AccountTag}").InTimeAsync(rules, cancel));
        var begun = await store.BeginAsync(payee, wanted, kept, actor).InTimeAsync(rules, cancel);
        return begun switch
        {
            BeginResult<Account>.New(var account) => await AddAsync(payee, account, wanted, actor, resumed: false),
            BeginResult<Account>.Resumed(var account) => await AddAsync(payee, account, wanted, actor, resumed: true),
            BeginResult<Account>.Busy(var account) => new RegistrationOutcome<Account>.Pending(account),
            BeginResult<Account>.Replayed(var account) => new RegistrationOutcome<Account>.Replayed(account),
            BeginResult<Account>.Differs(var account, var fields) =>
                new RegistrationOutcome<Account>.Differs(account, fields),
            _ => throw new UnreachableException(begun.ToString()),
        };
    }

    /// <summary>Nothing here can be canceled: Pockyt may have the account.</summary>
    private async Task<RegistrationOutcome<Account>> AddAsync(
        Payee payee, Account account, AccountRequest wanted, Actor actor, bool resumed)
    {
        var answer = await IdempotentRegistration.OnceAsync(
            resumed,
            () => FindAsync(payee, account),
            () => gateway.AddAccountAsync(payee, account, wanted, CancellationToken.None));
        switch (answer)
        {
            case ProviderAnswer<ProviderAccount>.Done(var told):
                var added = await store.LearnAsync(account, told, actor).InTimeAsync(rules, CancellationToken.None);
                return added.Id == account.Id
                    ? new RegistrationOutcome<Account>.Created(added)
                    : new RegistrationOutcome<Account>.Duplicate(added);
            case ProviderAnswer<ProviderAccount>.Refused(var code, var message):
                await store.AbandonAsync(account, actor).InTimeAsync(rules, CancellationToken.None);
                return new RegistrationOutcome<Account>.Refused(code, message);
            case ProviderAnswer<ProviderAccount>.NotSent(var why):
                await (resumed ? store.LeaveOpenAsync(account, actor) : store.AbandonAsync(account, actor))
                    .InTimeAsync(rules, CancellationToken.None);
                return new RegistrationOutcome<Account>.NotSent(why);
            default:
                return new RegistrationOutcome<Account>.Pending(await store.LeaveOpenAsync(account, actor)
                    .InTimeAsync(rules, CancellationToken.None));
        }
    }

    private async Task<ProviderAnswer<ProviderAccount>> FindAsync(Payee payee, Account account) =>
        await gateway.ListAccountsAsync(payee, CancellationToken.None) switch
        {
            ProviderAnswer<ProviderAccounts>.Done(var listed) =>
                listed.All.FirstOrDefault(told => told.AccountTag == account.AccountTag) is { } found
                    ? new ProviderAnswer<ProviderAccount>.Done(found)
                    : new ProviderAnswer<ProviderAccount>.NotFound("", "Pockyt does not list the account."),
            ProviderAnswer<ProviderAccounts>.NotSent(var why) => new ProviderAnswer<ProviderAccount>.NotSent(why),
            _ => new ProviderAnswer<ProviderAccount>.Unclear("Pockyt did not list the accounts."),
        };
}
