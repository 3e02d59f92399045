using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PayoutService.Client;

/// <summary>Reads and writes the words of an enum. A word that is not known reads as a value that no name has
/// (<see cref="Enum.IsDefined(Type, object)"/>): never as another word, and without failing.</summary>
internal sealed class WordConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

    private sealed class Of<T> : JsonConverter<T>
        where T : struct, Enum
    {
        private static readonly T Unknown = (T)Enum.ToObject(typeof(T), -1);

        private static readonly Dictionary<string, T> Values = Enum.GetValues<T>().ToDictionary(value =>
            typeof(T).GetField($"{value}")!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name);

        private static readonly Dictionary<T, string> Words = Values.ToDictionary(pair => pair.Value, pair => pair.Key);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Values.GetValueOrDefault(reader.GetString()!, Unknown);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Words[value]);
    }
}
