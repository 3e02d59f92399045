using PayoutService.Payouts;

namespace PayoutService.Controls;

/// <summary>
/// The rules that hold payouts. Section <c>Controls</c> of the settings; <c>Controls:Merchants:&lt;name&gt;</c> has the
/// same settings for one merchant. A time or a count of zero, and an empty list, switch a rule off.
/// </summary>
internal sealed class ControlRules
{
    /// <summary>True when the rules are judged. When it is not set: in Production.</summary>
    public bool? Enabled { get; set; }

    /// <summary>The time for which an account that was added, or a payee that was changed, counts as new.</summary>
    public TimeSpan NewAccountWithin { get; set; } = TimeSpan.FromDays(3);

    /// <summary>The same where the key that pays added the account or changed the payee.</summary>
    public TimeSpan OwnChangeWithin { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The time in which the same amount to the same payee is suspected to be paid twice.</summary>
    public TimeSpan DuplicateWithin { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Amounts above which the first payouts to an account are held.</summary>
    public string[] FirstPayoutAbove { get; set; } = ["5000.00 USD", "5000.00 EUR", "5000.00 GBP", "5000.00 USDC"];

    /// <summary>How many times the largest amount that a payee's other accounts got the first payouts to an account may
    /// be.</summary>
    public int FirstPayoutTimes { get; set; } = 3;

    /// <summary>The number of payouts that one payee may get within <see cref="VelocityWithin"/>.</summary>
    public int VelocityCount { get; set; } = 5;

    public TimeSpan VelocityWithin { get; set; } = TimeSpan.FromDays(1);

    /// <summary>From how many payees on an account is shared.</summary>
    public int SharedBy { get; set; } = 2;

    /// <summary>Amounts above which a second person approves, of all that a payee gets within
    /// <see cref="ApprovalWithin"/>.</summary>
    public string[] ApprovalAbove { get; set; } = ["10000.00 USD", "10000.00 EUR", "10000.00 GBP", "10000.00 USDC"];

    /// <summary>Amounts above which two people approve.</summary>
    public string[] SecondApprovalAbove { get; set; } =
        ["50000.00 USD", "50000.00 EUR", "50000.00 GBP", "50000.00 USDC"];

    public TimeSpan ApprovalWithin { get; set; } = TimeSpan.FromDays(7);

    /// <summary>An address that is asked whether a payee and its account are clean, before they are paid first and when
    /// either changes. Empty: nobody is asked.</summary>
    public string ScreeningUrl { get; set; } = "";

    /// <summary>The secret that signs the questions: whsec_ and base64.</summary>
    public string ScreeningSecret { get; set; } = "";

    public IEnumerable<string> Problems(string section, bool development)
    {
        TimeSpan[] times = [NewAccountWithin, OwnChangeWithin, DuplicateWithin, VelocityWithin, ApprovalWithin];
        if (times.Any(time => time < TimeSpan.Zero) || FirstPayoutTimes < 0 || VelocityCount < 0 || SharedBy < 0)
        {
            yield return $"{section}: times and counts must be 0 (off) or more.";
        }

        if (SharedBy == 1)
        {
            yield return $"{section}:SharedBy must be 0 (off), or 2 or more: one payee shares with nobody.";
        }

        foreach (var amount in FirstPayoutAbove.Concat(ApprovalAbove).Concat(SecondApprovalAbove)
            .Where(amount => !Amounts.TryRead(amount, out _)))
        {
            yield return $"{section} has the amount \"{amount}\": write amount and currency, such as 5000.00 USD.";
        }

        if (ScreeningUrl.Length == 0)
        {
            yield break;
        }

        if (!Uri.TryCreate(ScreeningUrl, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttps && !(development && url.Scheme == Uri.UriSchemeHttp)))
        {
            yield return $"{section}:ScreeningUrl must be an address that begins with https://.";
        }

        var secret = new byte[ScreeningSecret.Length];
        if (!ScreeningSecret.StartsWith("whsec_", StringComparison.Ordinal)
            || !Convert.TryFromBase64String(ScreeningSecret["whsec_".Length..], secret, out var bytes) || bytes < 16)
        {
            yield return $"{section}:ScreeningSecret must be whsec_ and 16 bytes or more in base64.";
        }
    }
}

/// <summary>Amounts that refuse, and amounts that hold. Sections <c>Limits:Payout</c>, <c>Limits:PayeeDay</c> and
/// <c>Limits:MerchantDay</c> of the settings.</summary>
internal sealed class AmountLimit
{
    /// <summary>The most that is accepted, by currency.</summary>
    public string[] Max { get; set; } = [];

    /// <summary>Above this it is held, by currency.</summary>
    public string[] Hold { get; set; } = [];

    public IEnumerable<string> Problems(string section) =>
        Max.Concat(Hold).Where(amount => !Amounts.TryRead(amount, out _)).Select(amount =>
            $"{section} has the amount \"{amount}\": write amount and currency, such as 5000.00 USD.");
}

/// <summary>The amount limits of a merchant.</summary>
internal sealed record AmountLimits(AmountLimit Payout, AmountLimit PayeeDay, AmountLimit MerchantDay)
{
    public IEnumerable<string> Problems(string section) => Payout.Problems($"{section}:Payout")
        .Concat(PayeeDay.Problems($"{section}:PayeeDay")).Concat(MerchantDay.Problems($"{section}:MerchantDay"));
}

/// <summary>Amounts of the settings, by currency.</summary>
internal static class Amounts
{
    /// <summary>Reads an amount such as 5000.00 USD.</summary>
    public static bool TryRead(string text, out Money amount)
    {
        amount = default;
        return text.Split(' ') is [var number, var currency] && Money.TryParse(number, currency, out amount, out _);
    }

    public static Dictionary<string, long> Read(IEnumerable<string> texts) => texts
        .Select(text => TryRead(text, out var amount) ? amount : default)
        .ToDictionary(amount => amount.Currency, amount => amount.Minor);
}
