using System.Text.Json.Serialization;
using PayoutService.Api.Payouts;
using PayoutService.Views;

namespace PayoutService.Api.Json;

/// <summary>Source-generated JSON for the hottest contracts; the others use reflection.
/// </summary>
[JsonSerializable(typeof(CreatePayoutRequest))]
[JsonSerializable(typeof(PayoutView))]
[JsonSerializable(typeof(PayoutBatchView))]
[JsonSerializable(typeof(Page<PayoutView>))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
