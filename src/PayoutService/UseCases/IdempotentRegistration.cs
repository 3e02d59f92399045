using PayoutService.Payouts;

namespace PayoutService.UseCases;

/// <summary>Registers at Pockyt what must not be registered twice.</summary>
internal static class IdempotentRegistration
{
    /// <summary>Registers; after an earlier call that was never answered,
    /// only when Pockyt does not know it yet.</summary>
    /// <returns>Done, Refused (certainly not there), Unreachable or Unclear.</returns>
    public static async Task<ProviderAnswer<T>> OnceAsync<T>(
        bool resumed, Func<Task<ProviderAnswer<T>>> find, Func<Task<ProviderAnswer<T>>> register)
    {
        if (resumed)
        {
            switch (await find())
            {
                case ProviderAnswer<T>.Done found:
                    return found;
                case ProviderAnswer<T>.NotFound:
                    break;
                case ProviderAnswer<T>.NotSent away:
                    return away;
                default:
                    return new ProviderAnswer<T>.Unclear("Pockyt did not say whether an earlier call had worked.");
            }
        }

        var answer = await register() switch
        {
            ProviderAnswer<T>.NotFound(var code, var message) => new ProviderAnswer<T>.Refused(code, message),
            var said => said,
        };

        // The refusal may mean only that an earlier call came first after all, one whose row a restore lost included.
        return answer is ProviderAnswer<T>.Refused
            ? await find() switch
            {
                ProviderAnswer<T>.Done late => late,
                ProviderAnswer<T>.NotFound => answer,
                _ => new ProviderAnswer<T>.Unclear("Pockyt did not say whether an earlier call had worked."),
            }
            : answer;
    }
}
