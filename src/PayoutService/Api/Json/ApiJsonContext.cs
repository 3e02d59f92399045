using System.Text.Json.Serialization;
using PayoutService.Api.Payouts;

using PayoutService.Views;
namespace PayoutService.Api.Json;

/// <summary>What is read and written most often, by code that the compiler wrote; the rest is read by reflection.
/// </summary>
[JsonSerializable(typeof(CreatePayoutRequest))]
[JsonSerializable(typeof(PayoutView))]
[JsonSerializable(typeof(PayoutBatchView))]
[JsonSerializable(typeof(Page<PayoutView>))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
