using System.Text.Json;

namespace PayoutService.Client;

public partial class PublishedEvent
{
    /// <summary>The object that the event is about, as it was at that version: for a type that begins with `payout.` a
    /// <see cref="PayoutSnapshot"/>, and so on. Of a kind that this client does not know it is the members.</summary>
    public object Snapshot() => Type.Split('.')[0] switch
    {
        "payout" => As<PayoutSnapshot>(),
        "payee" => As<PayeeSnapshot>(),
        "account" => As<AccountSnapshot>(),
        "refund" => As<RefundSnapshot>(),
        "payor" => As<PayorSnapshot>(),
        "sending" => As<SendingSnapshot>(),
        "balance" => As<BalanceSnapshot>(),
        "batch" => As<BatchSnapshot>(),
        "endpoint" => As<EndpointSnapshot>(),
        _ => Data.Object,
    };

    private T As<T>()
    {
        var json = PayoutServiceClient.Json;
        return JsonSerializer.SerializeToElement(Data.Object, json).Deserialize<T>(json)!;
    }
}
