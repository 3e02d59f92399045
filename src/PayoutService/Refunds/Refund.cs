namespace PayoutService.Refunds;

/// <summary>A refund as it was asked for.</summary>
internal sealed record RefundOrder
{
    public required string Merchant { get; init; }

    public required string RefundReference { get; init; }

    /// <summary>Pockyt's number of the transaction that is refunded; null when it is named by reference.</summary>
    public string? TransactionNo { get; init; }

    /// <summary>The merchant's key of the transaction that is refunded; null when it is named by number.</summary>
    public string? Reference { get; init; }

    public required long AmountMinor { get; init; }

    public required string Currency { get; init; }

    public required string SettleCurrency { get; init; }

    public required string ApiKey { get; init; }

    public required Dictionary<string, string> Content { get; init; }
}

/// <summary>
/// Money that goes back to somebody who paid the merchant. It is sent once in its life: what nobody answered is asked
/// about until it is known, and a request that Pockyt certainly did not execute leaves no refund behind.
/// </summary>
internal sealed class Refund
{
    /// <summary>Pockyt may learn of a refund a little late; once or twice unknown proves nothing yet.</summary>
    private const int NotSeenTimes = 3;

    private Refund()
    {
    }

    public Guid Id { get; private set; }

    public string Merchant { get; private set; } = "";

    /// <summary>The natural key, chosen by the caller.</summary>
    public string RefundReference { get; private set; } = "";

    /// <summary>Pockyt's number of the transaction that is refunded, as asked for or as learned.</summary>
    public string? TransactionNo { get; private set; }

    /// <summary>The merchant's key of that transaction, when the caller named it by this.</summary>
    public string? Reference { get; private set; }

    public RefundStatus Status { get; private set; }

    public RefundAttention? Attention { get; private set; }

    public long AmountMinor { get; private set; }

    public string Currency { get; private set; } = "";

    public string SettleCurrency { get; private set; } = "";

    /// <summary>Pockyt's number of the refund itself, once told.</summary>
    public string? RefundTransactionNo { get; private set; }

    public string? ProviderStatus { get; private set; }

    public string? ProviderCode { get; private set; }

    public string? ProviderMessage { get; private set; }

    /// <summary>The time of the next check: while submitting the end of the lease, while open the next question.
    /// Null when nothing is left to do.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>Questions since the status last changed.</summary>
    public int InquiryCount { get; private set; }

    /// <summary>The number of times in a row Pockyt said that it does not know it.</summary>
    public int NotSeenCount { get; private set; }

    /// <summary>The name of the key that asked for it.</summary>
    public string ApiKey { get; private set; } = "";

    public Dictionary<string, string> Content { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public int Version { get; private set; }

    /// <summary>Pockyt has not said of it that it exists.</summary>
    public bool IsUnanswered => Status is RefundStatus.Submitting or RefundStatus.Unconfirmed;

    public bool IsOpen => IsUnanswered || Status is RefundStatus.Processing;

    /// <summary>A refund whose request is about to be sent, by a caller who has until the end of the lease.</summary>
    public static Refund Begin(Guid id, RefundOrder order, DateTimeOffset leaseUntil, DateTimeOffset now) => new()
    {
        Id = id,
        Merchant = order.Merchant,
        RefundReference = order.RefundReference,
        TransactionNo = order.TransactionNo,
        Reference = order.Reference,
        Status = RefundStatus.Submitting,
        AmountMinor = order.AmountMinor,
        Currency = order.Currency,
        SettleCurrency = order.SettleCurrency,
        DueAt = leaseUntil,
        ApiKey = order.ApiKey,
        Content = order.Content,
        CreatedAt = now,
        UpdatedAt = now,
        Version = 1,
    };

    /// <summary>Its sender never came back with an answer.</summary>
    public void EndLease(DateTimeOffset now)
    {
        if (Status is RefundStatus.Submitting)
        {
            Move(RefundStatus.Unconfirmed);
            DueAt = now;
            Touch(now);
        }
    }

    /// <summary>It has been open for too long.</summary>
    public void RaiseSlow(DateTimeOffset now)
    {
        Raise(RefundAttention.Slow);
        Touch(now);
    }

    /// <summary>Takes in what Pockyt said. Saying it twice is harmless.</summary>
    /// <param name="told">What it said.</param>
    /// <param name="askDelays">The waits between questions; the last one repeats.</param>
    /// <param name="now">The time it is.</param>
    public void Apply(RefundReport told, TimeSpan[] askDelays, DateTimeOffset now)
    {
        var before = (Status, Attention, RefundTransactionNo, TransactionNo, ProviderStatus);
        Learn(told);
        var verdict = RefundMachine.Next(Status, told.Kind);
        if (verdict.To is { } to)
        {
            Move(to);
        }
        else if (told.Kind is RefundReportKind.NotSeen && IsOpen)
        {
            NotSeenCount++;
        }

        if (verdict.IsMismatch || told.Mismatch is not null)
        {
            Raise(RefundAttention.Mismatch);
        }

        Wait(askDelays, asked: before.Status == Status, now);
        if (before != (Status, Attention, RefundTransactionNo, TransactionNo, ProviderStatus))
        {
            Touch(now);
        }
    }

    private void Learn(RefundReport told)
    {
        ProviderCode = told.Code ?? ProviderCode;
        ProviderMessage = told.Mismatch ?? told.Message ?? ProviderMessage;
        ProviderStatus = told.ProviderStatus ?? ProviderStatus;
        RefundTransactionNo ??= told.RefundTransactionNo;
        TransactionNo ??= told.TransactionNo;
    }

    private void Move(RefundStatus status)
    {
        Status = status;
        InquiryCount = 0;
        NotSeenCount = 0;
        if (Attention is not RefundAttention.Mismatch)
        {
            Attention = null;
        }
    }

    private void Wait(TimeSpan[] askDelays, bool asked, DateTimeOffset now)
    {
        if (!IsOpen)
        {
            DueAt = null;
            return;
        }

        if (NotSeenCount >= NotSeenTimes)
        {
            Raise(RefundAttention.NotSeen);
        }

        InquiryCount += asked ? 1 : 0;
        DueAt = now + askDelays[Math.Min(InquiryCount, askDelays.Length - 1)];
    }

    private void Raise(RefundAttention attention) =>
        Attention = Attention is { } raised && raised > attention ? raised : attention;

    private void Touch(DateTimeOffset now)
    {
        Version++;
        UpdatedAt = now;
    }
}
