using PayoutService.Controls;

namespace PayoutService.Host;

/// <summary>The rules that refuse or hold, of each merchant.</summary>
internal sealed class ControlSettings
{
    private readonly Dictionary<string, (ControlRules Rules, AmountLimits Limits)> merchants;

    private ControlSettings(Dictionary<string, (ControlRules Rules, AmountLimits Limits)> merchants) =>
        this.merchants = merchants;

    /// <param name="configuration">Where the settings stand.</param>
    /// <param name="merchants">The merchants there are.</param>
    /// <param name="enabled">Whether rules hold where the settings do not say.</param>
    public static ControlSettings Read(
        IConfigurationRoot configuration, IEnumerable<string> merchants, bool enabled) => new(merchants.ToDictionary(
        merchant => merchant,
        merchant =>
        {
            var rules = SettingLists.ReadOver<ControlRules>(
                configuration, "Controls", $"Controls:Merchants:{merchant}");
            rules.Enabled ??= enabled;
            return (rules, new AmountLimits(Limit("Payout"), Limit("PayeeDay"), Limit("MerchantDay")));

            AmountLimit Limit(string name) => SettingLists.ReadOver<AmountLimit>(
                configuration, $"Limits:{name}", $"Limits:Merchants:{merchant}:{name}");
        }));

    public IEnumerable<string> Problems(bool development) => merchants.Values.SelectMany(one =>
        one.Rules.Problems("Controls", development).Concat(one.Limits.Problems("Limits"))).Distinct();

    public HoldRules HoldRules() => new(merchants.ToDictionary(
        merchant => merchant.Key, merchant => new MerchantRules(merchant.Value.Rules, merchant.Value.Limits)));
}
