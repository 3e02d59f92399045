using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace PayoutService.Tests.Support;

/// <summary>What the methods of an assembly call and which texts they hold, as the compiler wrote it: there every type
/// is named, also where the source leaves it to the compiler.</summary>
internal static class CompiledCode
{
    private static readonly Dictionary<ushort, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value);

    /// <summary>Every method of an assembly that has a source file.</summary>
    public static List<Body> Of(Assembly assembly)
    {
        var folder = $"/src/{assembly.GetName().Name}/";
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(
            File.OpenRead(Path.ChangeExtension(assembly.Location, ".pdb")));
        var reader = symbols.GetMetadataReader();
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
            | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        return
        [
            .. from type in assembly.GetTypes()
               from method in type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All))
               let code = method.GetMethodBody()?.GetILAsByteArray()
               where code is not null
               let file = FileOf(reader, method, folder)
               where file is not null
               select Read(method, file, code),
        ];
    }

    private static string? FileOf(MetadataReader symbols, MethodBase method, string folder)
    {
        var row = method.MetadataToken & 0x00FFFFFF;
        var information = symbols.GetMethodDebugInformation(MetadataTokens.MethodDefinitionHandle(row));
        var document = information.Document.IsNil
            ? information.GetSequencePoints().Select(point => point.Document).FirstOrDefault()
            : information.Document;
        return document.IsNil ? null
            : symbols.GetString(symbols.GetDocument(document).Name).Replace('\\', '/').Split(folder)[^1];
    }

    private static Body Read(MethodBase method, string file, byte[] code)
    {
        var ofType = method.DeclaringType!.GetGenericArguments();
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        List<MethodBase> calls = [];
        List<string> texts = [];
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xFE ? (ushort)((0xFE << 8) | code[at + 1]) : code[at];
            var operation = OpCodesByValue[value];
            at += operation.Size;
            if (operation.OperandType is OperandType.InlineMethod)
            {
                calls.Add(method.Module.ResolveMethod(BitConverter.ToInt32(code, at), ofType, ofMethod)!);
            }
            else if (operation.OperandType is OperandType.InlineString)
            {
                texts.Add(method.Module.ResolveString(BitConverter.ToInt32(code, at)));
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }

        return new(file, calls, texts);
    }

    /// <summary>A method.</summary>
    /// <param name="File">Where its source stands, below the folder of the assembly.</param>
    /// <param name="Calls">What it calls, or hands on to be called.</param>
    /// <param name="Texts">Its literals, and the literal parts of its interpolated texts.</param>
    internal sealed record Body(string File, IReadOnlyList<MethodBase> Calls, IReadOnlyList<string> Texts);
}
