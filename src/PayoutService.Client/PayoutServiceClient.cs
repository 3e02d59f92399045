using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PayoutService.Client;

public partial class PayoutServiceClient
{
    /// <summary>Reads and writes JSON as the service does, for example the body of a webhook.</summary>
    public static JsonSerializerOptions Json => _settings.Value;

    static partial void UpdateJsonSerializerSettings(JsonSerializerOptions settings)
    {
        // The service refuses null in a change: what is left out stays as it is.
        settings.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;

        // The generated properties name a converter that fails at the first word that is newer than this client.
        settings.Converters.Add(new WordConverter());
        settings.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { UseWordConverter } };
    }

    private static void UseWordConverter(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if ((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType).IsEnum)
            {
                property.CustomConverter = null;
            }
        }
    }
}
