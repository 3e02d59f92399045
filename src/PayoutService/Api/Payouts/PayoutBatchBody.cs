using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using PayoutService.Api.Http;

namespace PayoutService.Api.Payouts;

/// <summary>
/// The body of a batch, taken apart no further than it must be: into the bytes of its payouts. Making objects of
/// a body before counting them takes a hundred times its bytes.
/// </summary>
internal static class PayoutBatchBody
{
    private const string Member = "payouts";

    /// <summary>As for every body; a payout may then be six deep.</summary>
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 8 };

    private static readonly JsonDocumentOptions NoMemberTwice = new() { AllowDuplicateProperties = false };

    /// <summary>Finds the payouts of a body.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="most">How many it may have; what follows is not read.</param>
    /// <param name="payouts">The bytes of each, in their order.</param>
    /// <returns>What is wrong with the body as a whole.</returns>
    public static ProblemHttpResult? Read(
        ReadOnlyMemory<byte> body, int most, out List<ReadOnlyMemory<byte>> payouts)
    {
        payouts = [];
        if (body.IsEmpty)
        {
            return Problems.MalformedRequest("The body is missing: send a JSON object.");
        }

        try
        {
            return Read(body, new Utf8JsonReader(body.Span, Strict), most, payouts);
        }
        catch (JsonException)
        {
            return Malformed();
        }
    }

    /// <summary>True when it is an object that is small enough to be a payout.</summary>
    public static bool IsPayout(ReadOnlyMemory<byte> one) => IsObject(one) && one.Length <= RequestRules.MaxBodyBytes;

    public static bool IsObject(ReadOnlyMemory<byte> one) => one.Span[0] == '{';

    private static ProblemHttpResult? Read(
        ReadOnlyMemory<byte> body, Utf8JsonReader reader, int most, List<ReadOnlyMemory<byte>> payouts)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return Malformed();
        }

        var isThere = false;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals(Member))
            {
                return Problems.UnknownMember([MalformedBody.NameOf(ref reader)]);
            }

            if (isThere)
            {
                return Problems.DuplicateMember();
            }

            isThere = true;
            reader.Read();
            if (reader.TokenType is not JsonTokenType.StartArray)
            {
                return Problems.Invalid(Member, "has the wrong type, or is null where a value is needed");
            }

            if (ReadPayouts(body, ref reader, most, payouts) is { } problem)
            {
                return problem;
            }
        }

        // Anything behind the object throws.
        reader.Read();
        return !isThere ? Problems.Invalid(Member, "is required")
            : payouts.Count == 0 ? WrongCount(most)
            : null;
    }

    private static ProblemHttpResult? ReadPayouts(
        ReadOnlyMemory<byte> body, ref Utf8JsonReader reader, int most, List<ReadOnlyMemory<byte>> payouts)
    {
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (payouts.Count == most)
            {
                return WrongCount(most);
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var one = body[start..(int)reader.BytesConsumed];
            if (IsPayout(one) && HasMemberTwice(one))
            {
                return Problems.DuplicateMember();
            }

            payouts.Add(one);
        }

        return null;
    }

    /// <summary>It was read before, so nothing else can be wrong with it but a name that holds half a character, which
    /// is its own refusal later.</summary>
    private static bool HasMemberTwice(ReadOnlyMemory<byte> one)
    {
        try
        {
            JsonDocument.Parse(one, NoMemberTwice).Dispose();
            return false;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return wrong is JsonException;
        }
    }

    private static ProblemHttpResult Malformed() =>
        Problems.MalformedRequest("The body is not one JSON object in UTF-8.");

    private static ProblemHttpResult WrongCount(int most) =>
        Problems.Invalid(Member, $"must have 1 to {most} payouts");
}
