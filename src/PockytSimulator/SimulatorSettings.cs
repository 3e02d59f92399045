namespace PockytSimulator;

/// <summary>The section <c>Simulator</c>. Some of it can be changed while running, see the control endpoints.</summary>
internal sealed class SimulatorSettings
{
    /// <summary>The merchant whose calls are accepted, and who is meant where none is named.</summary>
    public string MerchantNo { get; set; } = "202333";

    public string StoreNo { get; set; } = "301854";

    /// <summary>Signs calls and notices. The default is Pockyt's published sandbox token, no secret.</summary>
    public string Token { get; set; } = "17cfc0170ef1c017b4a929d233d6e65e";

    /// <summary>A token that is still right for calls, though nothing is signed with it any more.</summary>
    public string? OldToken { get; set; }

    /// <summary>More merchants, each with its own payees, books and balances; those with one MerchantNo are stores of
    /// one merchant.</summary>
    public Dictionary<string, MerchantSettings> Merchants { get; set; } = [];

    /// <summary>From acceptance to the first outcome and its notice; zero delivers at once.</summary>
    public TimeSpan NoticeDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two outcomes of one payout (success, then returned); as NoticeDelay when not set.</summary>
    public TimeSpan? DelayBetweenStatuses { get; set; }

    /// <summary><c>form</c> or <c>json</c>.</summary>
    public string NoticeEncoding { get; set; } = "form";

    /// <summary>
    /// Minutes between the attempts of one notice; its length plus one is the number of attempts. Not set:
    /// eight attempts over two hours.
    /// </summary>
    public double[]? RetryMinutes { get; set; }

    /// <summary>What each currency holds when it is first seen.</summary>
    public decimal StartingBalance { get; set; } = 10_000_000.00m;

    /// <summary>The time that an accepted payout stays unknown to inquiry.</summary>
    public TimeSpan InquiryLag { get; set; }

    /// <summary>The code of a duplicate; Pockyt does not document it.</summary>
    public string DuplicateRetCode { get; set; } = "000023";

    /// <summary>The code for a payee or account that may not be paid; Pockyt does not document it.</summary>
    public string NotPayableRetCode { get; set; } = "000030";

    /// <summary>The HTTP status of a refusal: 200, or 400 as Pockyt's older pages show.</summary>
    public int ErrorHttpStatus { get; set; } = 200;

    /// <summary>Wraps each answer as <c>{"status":200,"resultBody":{…}}</c>.</summary>
    public bool WrapAnswers { get; set; }

    /// <summary>Makes governmentId mandatory for an INDIVIDUAL, as Pockyt does for newer merchants.</summary>
    public bool RequireGovernmentId { get; set; }

    /// <summary>Where PayPal accounts are created; Pockyt's pages do not show the path.</summary>
    public string PayPalPath { get; set; } = "/v3/payee/account/create/paypal";

    /// <summary>Where Venmo accounts are created; Pockyt's pages do not show the path.</summary>
    public string VenmoPath { get; set; } = "/v3/payee/account/create/venmo";

    /// <summary>The member with the e-mail of a PayPal account; its name is not shown either.</summary>
    public string PayPalField { get; set; } = "payeeAccount";

    /// <summary>The member with the phone number or e-mail of a Venmo account; its name is not shown.</summary>
    public string VenmoField { get; set; } = "payeeAccount";

    /// <summary>The member that says what a Pix key is; Pockyt names only the five types.</summary>
    public string PixKeyTypeField { get; set; } = "pixKeyType";

    public string PixKeyField { get; set; } = "pixKey";

    /// <summary>The member with the account of a country that counts in IBANs; its name is not shown.</summary>
    public string IbanField { get; set; } = "iban";

    /// <summary>What registering a payor demands; Pockyt's pages name none of its members.</summary>
    public string[] MandatoryPayorFields { get; set; } = [];

    /// <summary>The member, or the part of a form, with a payor's document; its name is not shown.</summary>
    public string PayorFileField { get; set; } = "file";

    public string NewPayorStatus { get; set; } = "SUBMITTED";

    /// <summary>
    /// Demands the payorNo once more for an account of a payee who was registered with one, as the list of its
    /// members says.
    /// </summary>
    public bool RequirePayorNoOnAccounts { get; set; } = true;

    public string NewPayeeStatus { get; set; } = "Activated";

    /// <summary>What the answers to pay and inquiry say of a fee; null: nothing.</summary>
    public decimal? TransactionFee { get; set; }

    public string NewAccountStatus { get; set; } = "ACTIVATED";

    /// <summary>
    /// Where the simulator keeps what it must not forget when it is stopped or killed, in plain text; nothing but
    /// its memory when not set.
    /// </summary>
    public string? StateFile { get; set; }

    /// <summary>One line on the console for each payout accepted and each notice sent.</summary>
    public bool Narrate { get; set; }

    public TimeSpan BetweenStatuses => DelayBetweenStatuses ?? NoticeDelay;

    // Close together while the receiver may just be restarting, thin afterwards; 120 minutes in all.
    public IReadOnlyList<double> RetrySpacing => RetryMinutes ?? [1, 2, 5, 10, 20, 30, 52];

    public void Check()
    {
        Token = Token.Trim();
        StateFile = string.IsNullOrWhiteSpace(StateFile) ? null : StateFile;
        if (NoticeEncoding is not ("form" or "json"))
        {
            throw new InvalidOperationException("Simulator:NoticeEncoding is \"form\" or \"json\".");
        }

        if (Merchants.FirstOrDefault(IsIncomplete).Key is { } key)
        {
            throw new InvalidOperationException($"Simulator:Merchants:{key} needs MerchantNo, StoreNo and Token.");
        }
    }

    private static bool IsIncomplete(KeyValuePair<string, MerchantSettings> merchant) =>
        merchant.Value is { MerchantNo: "" } or { StoreNo: "" } or { Token: "" };
}
