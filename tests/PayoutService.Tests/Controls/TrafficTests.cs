namespace PayoutService.Tests.Controls;

/// <summary>The generators make what the rules are measured by, the same each time.</summary>
public sealed class TrafficTests
{
    [Fact]
    public void Ten_kinds_of_fraud_have_twenty_variants_each_of_which_five_or_more_are_near_a_threshold()
    {
        var frauds = new FraudGenerator(seed: 1).All();

        var kinds = frauds.GroupBy(fraud => fraud.Kind).ToList();

        Assert.Equal(10, kinds.Count);
        Assert.All(kinds, kind => Assert.Equal(20, kind.Count()));
        Assert.All(kinds, kind => Assert.True(kind.Count(fraud => fraud.IsNear) >= 5, $"{kind.Key}"));
        Assert.All(frauds, fraud => Assert.Contains(
            fraud.Steps,
            step => step is Step.Asked { IsJudged: true }
                && step.Merchant == Fraud.MerchantOf(fraud.Kind, fraud.Variant)));
    }

    [Fact]
    public void Honest_traffic_is_twenty_thousand_payouts_of_which_15_percent_are_first_ones()
    {
        var honest = new HonestGenerator(seed: 1).All();

        var asked = honest.OfType<Step.Asked>().ToList();
        var seen = asked.Where(one => !one.IsJudged).Select(one => one.Account).ToHashSet();
        var judged = asked.Where(one => one.IsJudged).ToList();
        var first = judged.Count(one => seen.Add(one.Account));

        Assert.InRange(judged.Count, 20_000, 21_000);
        Assert.InRange(first / (double)judged.Count, 0.14, 0.18);
    }

    [Fact]
    public void The_same_seed_makes_the_same_traffic()
    {
        Assert.Equal(new HonestGenerator(seed: 7).All(), new HonestGenerator(seed: 7).All());
        Assert.Equal(
            new FraudGenerator(seed: 7).All().SelectMany(fraud => fraud.Steps),
            new FraudGenerator(seed: 7).All().SelectMany(fraud => fraud.Steps));
    }
}
