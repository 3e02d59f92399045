namespace PayoutService.Payouts;

/// <summary>Sends payouts and asks about them. Whatever happens on the wire comes back as a report, never as an
/// exception.</summary>
internal interface IPayoutGateway
{
    /// <summary>The longest time that a send may take; a send is not begun unless the lease covers it.</summary>
    TimeSpan Timeout { get; }

    /// <summary>The merchants it can send for. Another merchant's payout is left to a replica that knows it.</summary>
    string[] Merchants { get; }

    /// <summary>The number of decimals of a currency that the provider takes; never more than the currency
    /// has.</summary>
    int Decimals(string currency);

    /// <summary>How many sends may begin now: 0 while the provider does not answer.</summary>
    int FreeSlots { get; }

    /// <summary>Since when the provider does not answer; null: it does, as far as this process knows.</summary>
    DateTimeOffset? AwaySince { get; }

    /// <summary>Recent answers of the provider that its documents do not know: sentences for an operator.</summary>
    IReadOnlyList<string> Oddities { get; }

    /// <summary>The address at which a merchant's deposits may be notified.</summary>
    string DepositNotifications(string merchant);

    /// <summary>Sends a claimed payout, once.</summary>
    Task<Report> SendAsync(Payout payout, CancellationToken cancel);

    /// <summary>Asks what became of a payout.</summary>
    Task<Report> InquireAsync(Payout payout, CancellationToken cancel);

    /// <summary>The report that a status word of the provider stands for. Null: there is no word.</summary>
    ReportKind? Meaning(string? providerStatus);

    /// <summary>The merchant's balance at the provider in a currency. Null: the provider did not say.</summary>
    Task<IReadOnlyList<Money>?> BalancesAsync(string merchant, string currency, CancellationToken cancel);
}
