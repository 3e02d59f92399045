using System.Collections.Immutable;
using PockytSimulator.Calls;
using PockytSimulator.State;

namespace PockytSimulator;

/// <summary>A merchant besides the first one, as the settings describe it.</summary>
internal sealed class MerchantSettings
{
    public string MerchantNo { get; set; } = "";

    public string StoreNo { get; set; } = "";

    public string Token { get; set; } = "";

    /// <summary>A token that is still right for calls, though nothing is signed with it any more.</summary>
    public string? OldToken { get; set; }
}

/// <summary>Who calls. Its payees, books and balances are its own.</summary>
internal sealed class Merchant(string no, string[] storeNos, string token, string? oldToken)
{
    private volatile Tokens _tokens = new(token, oldToken, DateTimeOffset.MaxValue);

    public string No => no;

    /// <summary>Its stores share all it has, the token too.</summary>
    public IReadOnlyList<string> StoreNos => storeNos;

    /// <summary>Signs its notices.</summary>
    public string Token => _tokens.Current;

    public bool Signed(CallBody body, DateTimeOffset now)
    {
        var tokens = _tokens;
        return PockytSignature.Matches(body.Members, tokens.Current)
            || (tokens.Old is { } old && now < tokens.OldUntil && PockytSignature.Matches(body.Members, old));
    }

    public void Rotate(string token, DateTimeOffset oldUntil) => _tokens = new(token, _tokens.Current, oldUntil);

    private sealed record Tokens(string Current, string? Old, DateTimeOffset OldUntil);
}

/// <summary>The merchants whose calls are accepted; the first one is meant wherever none is named.</summary>
internal sealed class MerchantRegistry
{
    private readonly ImmutableDictionary<string, Merchant> _byNo;
    private readonly Lock _gate = new();
    private readonly Journal _journal;

    public MerchantRegistry(SimulatorSettings settings, Journal journal)
    {
        _journal = journal;
        var first = new MerchantSettings
        {
            MerchantNo = settings.MerchantNo,
            StoreNo = settings.StoreNo,
            Token = settings.Token,
            OldToken = settings.OldToken,
        };
        // What is described again is one more store, and the token that is named last counts.
        All =
        [
            .. settings.Merchants.Values.Prepend(first)
                .GroupBy(merchant => merchant.MerchantNo, StringComparer.Ordinal)
                .Select(stores => new Merchant(
                    stores.Key,
                    [.. stores.Select(store => store.StoreNo).Distinct()],
                    stores.Last().Token.Trim(),
                    stores.Last().OldToken?.Trim())),
        ];
        _byNo = All.ToImmutableDictionary(merchant => merchant.No, StringComparer.Ordinal);
    }

    public IReadOnlyList<Merchant> All { get; }

    public Merchant First => All[0];

    public Merchant? Find(string? merchantNo) =>
        merchantNo is null ? null : _byNo.GetValueOrDefault(merchantNo);

    /// <summary>The number that a control call means: without one, the first merchant.</summary>
    public string NoOf(string? merchantNo) => merchantNo ?? First.No;

    public void Rotate(Merchant merchant, string token, DateTimeOffset oldUntil)
    {
        lock (_gate)
        {
            _journal.Record(new JournalEntry.TokenRotated(merchant.No, token, oldUntil));
            merchant.Rotate(token, oldUntil);
        }
    }
}
