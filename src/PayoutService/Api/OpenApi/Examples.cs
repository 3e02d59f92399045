using System.Text.Json.Nodes;
using PayoutService.Api.Accounts;
using PayoutService.Api.Batches;
using PayoutService.Api.Payees;
using PayoutService.Api.Payors;
using PayoutService.Api.Payouts;
using PayoutService.Api.Refunds;
using PayoutService.Api.Sending;
using PayoutService.Api.Webhooks;

namespace PayoutService.Api.OpenApi;

/// <summary>The examples that Swagger UI fills in, so that a newcomer can press Execute.</summary>
internal static class Examples
{
    private const string PayeeId = "pye_01m7yvpr38ehe8p0z94b5bns25";
    private const string AccountId = "acc_01m7yvpredf01ra49s72dz30rn";
    private const string PayoutId = "po_01m7yvprmwfcdvcfp7r18cambq";

    private const string RefundId = "rfd_01m7yvprmwfcdvcfp7r18cambq";
    private const string EndpointId = "whe_01m7yvprmwfcdvcfp7r18cambq";
    private const string EventId = "evt_000t47wc0jhb98e5gbkzzxf0jtwg000004ym27g0";

    private static readonly Dictionary<Type, string> Bodies = new()
    {
        [typeof(CreatePayeeRequest)] = """
            {
              "customerCode": "contractor-42", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com",
              "dateOfBirth": "1990-12-10", "phone": "+1 212 555 0100", "countryCode": "US", "country": "USA",
              "state": "NY", "city": "Hometown", "street": "123 Main St", "zip": "10006"
            }
            """,
        // An operator's words are never filled in: one click would say what nobody found out.
        [typeof(PauseSendingRequest)] = """{ "reason": "" }""",
        [typeof(DecisionRequest)] = """{ "reason": "" }""",
        [typeof(ResumeSendingRequest)] = """{ "nothingLost": false }""",
        [typeof(ResolvePayoutRequest)] = """{ "ruling": "", "reason": "", "evidence": "" }""",
        [typeof(ResolvePayorRequest)] = """{ "payorCode": "", "payorNo": "" }""",
        [typeof(ChangePayeeRequest)] = """{ "city": "Newtown", "street": "1 New St" }""",
        [typeof(CreateAccountRequest)] = """
            {
              "accountTag": "main-bank", "accountType": "BANK_ACCOUNT", "country": "US", "currency": "USD",
              "details": {
                "bankAccountId": "7861053298", "branchId": "101089292", "bankAccountPurpose": "CHECKING"
              }
            }
            """,
        [typeof(CreatePayoutRequest)] = $$"""
            {
              "accountId": "{{AccountId}}", "amount": "500.00", "currency": "USD",
              "invoiceId": "inv-2026-0001", "description": "November invoice"
            }
            """,
        [typeof(CreatePayoutBatchRequest)] = $$"""
            {
              "payouts": [
                { "accountId": "{{AccountId}}", "amount": "500.00", "currency": "USD", "invoiceId": "inv-2026-0001" },
                { "accountId": "{{AccountId}}", "amount": "7.50", "currency": "USD", "invoiceId": "inv-2026-0002" }
              ]
            }
            """,
        [typeof(CreateBatchRequest)] = $$"""
            {
              "payouts": [
                { "accountId": "{{AccountId}}", "amount": "11.00", "currency": "USD", "invoiceId": "inv-2026-0003" },
                { "accountId": "{{AccountId}}", "amount": "13.00", "currency": "USD", "invoiceId": "inv-2026-0004" }
              ]
            }
            """,
        [typeof(ConfirmBatchRequest)] = """{ "totals": {} }""",
        [typeof(PayAgainRequest)] = """{ "reason": "The payee gave a new account." }""",
        [typeof(CreatePayorRequest)] = """
            {
              "payorCode": "payor-7",
              "details": { "businessName": "Lovelace Ltd", "email": "office@example.com" }
            }
            """,
        [typeof(CreateWebhookEndpointRequest)] = """
            {
              "url": "https://billing.example.com/webhooks/payouts", "eventTypes": ["payout.confirmed"],
              "description": "Billing"
            }
            """,
        [typeof(ChangeWebhookEndpointRequest)] = """{ "status": "enabled" }""",
        [typeof(RecoverRequest)] = """{ "since": "2026-11-01T00:00:00Z" }""",
        [typeof(CreateRefundRequest)] = """
            {
              "refundReference": "refund-2026-0001", "reference": "order-2026-0001",
              "amount": "10.00", "currency": "USD"
            }
            """,
    };

    public static JsonNode? Body(Type contract) =>
        Bodies.TryGetValue(contract, out var body) ? JsonNode.Parse(body) : null;

    /// <summary>Descriptions and examples of members of addresses, queries and headers.</summary>
    public static (string? Description, JsonNode? Example) Parameter(string name, string path) => name switch
    {
        "id" when path.StartsWith("v1/payees", StringComparison.Ordinal) => ("The payee's id.", PayeeId),
        "id" when path.StartsWith("v1/batches", StringComparison.Ordinal) =>
            ("The batch's id.", "bat_01m7yvprmwfcdvcfp7r18cambq"),
        "id" when path.StartsWith("v1/refunds", StringComparison.Ordinal) => ("The refund's id.", RefundId),
        "id" when path.StartsWith("v1/webhook-endpoints", StringComparison.Ordinal) =>
            ("The webhook endpoint's id.", EndpointId),
        "id" when path.StartsWith("v1/deliveries", StringComparison.Ordinal) =>
            ("The delivery's id.", "whd_01m7yvprmwfcdvcfp7r18cambq"),
        "id" when path.StartsWith("v1/events", StringComparison.Ordinal) => ("The event's id.", EventId),
        "id" => ("The payout's id.", PayoutId),
        "recoveryId" => ("The recovery's id.", "whr_01m7yvprmwfcdvcfp7r18cambq"),
        "payeeId" => ("A payee's id.", path.Contains("{payeeId}", StringComparison.Ordinal) ? PayeeId : null),
        "accountId" => ("An account's id.", path.Contains("{accountId}", StringComparison.Ordinal) ? AccountId : null),
        "batchId" => ("A batch's id.", null),
        "invoiceId" => ("Your key of a payout.", null),
        "customerCode" => ("Your key of a payee.", null),
        "payorCode" => ("Your key of a payor.", null),
        "payorNo" => ("Pockyt's number of the payor.", "P87654321"),
        "refundReference" => ("Your key of a refund.", null),
        "transactionNo" when path.StartsWith("v1/transactions", StringComparison.Ordinal) =>
            ("Pockyt's number of a payment or a refund. Exactly one of this and reference.", null),
        "transactionNo" when path.StartsWith("v1/refunds", StringComparison.Ordinal) =>
            ("Pockyt's number of the payment that is refunded.", null),
        "reference" => ("Your key of a payment. Exactly one of this and transactionNo.", "order-2026-0001"),
        "transactionNo" => ("Pockyt's number of a payout.", null),
        "cursor" => ("Where the page begins: nextCursor of the page before.", null),
        "limit" => ("How many at most: 1 to 200.", null),
        "If-Match" => ("The version you have seen, as in ETag; a stale one is refused with 412.", null),
        "Idempotency-Key" => (
            "Makes an invoiceId when the body has none, and belongs to that payout permanently. 1 to 255 characters.",
            null),
        _ => (null, null),
    };
}
