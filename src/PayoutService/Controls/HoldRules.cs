using PayoutService.Payouts;

namespace PayoutService.Controls;

/// <summary>Judges payouts by the settings of their merchants. docs/controls.md has each rule.</summary>
internal sealed class HoldRules(Dictionary<string, MerchantRules> merchants) : IHoldRules
{
    /// <summary>The merchants whose payees are screened.</summary>
    public string[] Screened => [.. merchants.Keys.Where(NeedsScreening)];

    /// <summary>The rules of each merchant, as texts.</summary>
    public IEnumerable<(string Merchant, Dictionary<string, string> Rules)> InForce =>
        merchants.Select(merchant => (merchant.Key, merchant.Value.Texts));

    public ControlRules SettingsOf(string merchant) => merchants[merchant].Settings;

    public NeededFacts? Needs(string merchant) => merchants.GetValueOrDefault(merchant)?.Needed;

    public bool NeedsScreening(string merchant) => merchants.GetValueOrDefault(merchant)?.NeedsScreening is true;

    public Judgement Judge(PayoutOrder order, PayoutFacts facts, DateTimeOffset now) =>
        merchants.TryGetValue(order.Merchant, out var rules) ? rules.Judge(order, facts, now) : Judgement.Passed;
}
