using System.Text.Json.Serialization;

namespace PayoutService.Api;

/// <summary>What is read and written most often, by code that the compiler wrote; the rest is read by reflection.
/// </summary>
[JsonSerializable(typeof(CreatePayout))]
[JsonSerializable(typeof(PayoutView))]
[JsonSerializable(typeof(PayoutBatchView))]
[JsonSerializable(typeof(Page<PayoutView>))]
internal sealed partial class HotJson : JsonSerializerContext;
