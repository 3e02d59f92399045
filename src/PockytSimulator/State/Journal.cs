using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace PockytSimulator.State;

/// <summary>
/// The state file: one line of JSON for each change, handed to the operating system before the change is applied
/// and so before any call is answered. It survives the end of this process, however sudden; not a power cut.
/// Without a state file, and while the file is replayed, recording does nothing.
/// </summary>
internal sealed class Journal(SimulatorSettings settings) : IDisposable
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // A line that lacks something is unreadable, not half of a change.
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private readonly Lock _gate = new();
    private FileStream? _file;
    private SafeFileHandle? _written;
    private long _end;

    public void Record(JournalEntry entry)
    {
        if (_written is null)
        {
            return;
        }

        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(entry, Format), (byte)'\n'];
        lock (_gate)
        {
            // Behind the last whole line, wherever the file ends: what a failed write left is written over.
            RandomAccess.Write(_written, line, _end);
            _end += line.Length;
        }
    }

    /// <summary>Opens the state file, applies what it holds, and records from then on.</summary>
    public void Replay(Action<JournalEntry> apply)
    {
        var path = Path.GetFullPath(settings.StateFile!);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Two simulators writing one file would spoil it, so the second one does not start.
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        CutTornLine(_file);
        using var lines = new StreamReader(_file, Encoding.UTF8, leaveOpen: true);
        for (var number = 1; lines.ReadLine() is { } line; number++)
        {
            try
            {
                apply(JsonSerializer.Deserialize<JournalEntry>(line, Format) ?? throw new JsonException("It is null."));
            }
            catch (Exception failure)
            {
                _file.Dispose();
                throw new InvalidDataException(
                    $"Line {number} of the state file {path} cannot be read: repair it, or move the file away to "
                    + "start without what it remembers.",
                    failure);
            }
        }

        _end = _file.Length;
        _written = _file.SafeFileHandle;
    }

    public void Dispose() => _file?.Dispose();

    // Only the last line can lack its end: the simulator was killed in the middle of writing it, before anybody
    // was told of the change.
    private static void CutTornLine(FileStream file)
    {
        var end = file.Length;
        Span<byte> last = stackalloc byte[1];
        while (end > 0 && RandomAccess.Read(file.SafeFileHandle, last, end - 1) == 1 && last[0] != '\n')
        {
            end--;
        }

        file.SetLength(end);
    }
}
