using System.Globalization;

namespace PayoutService.Benchmarks.World;

/// <summary>What the kernel says of processes, read from /proc.</summary>
internal static class Proc
{
    /// <summary>The kernel counts in hundredths of a second, whatever its own clock ticks.</summary>
    private const double TicksPerSecond = 100;

    private const int Parent = 1;
    private const int UserTime = 11;
    private const int SystemTime = 12;
    private const int ChildrensUserTime = 13;
    private const int ChildrensSystemTime = 14;

    /// <summary>Seconds of CPU a process has used; zero when it is gone.</summary>
    public static double CpuOf(int process) => Stat(process) is { } stat ? Own(stat) : 0;

    /// <summary>Seconds of CPU that those children of a process have used which have ended.</summary>
    public static double CpuOfEndedChildren(int process) => Stat(process) is { } stat ? OfChildren(stat) : 0;

    /// <summary>Seconds of CPU a process and its children have used, those that have ended included.</summary>
    public static double CpuOfFamily(int process)
    {
        if (Stat(process) is not { } stat)
        {
            return 0;
        }

        var family = Own(stat) + OfChildren(stat);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var other)
                && Stat(other) is { } child && (int)Number(child, Parent) == process)
            {
                family += Own(child);
            }
        }

        return family;
    }

    /// <summary>Seconds of CPU all processors of the machine have been busy, whoever used them; time that the host gave
    /// to another machine counts too, because we did not have it.</summary>
    public static double BusyOfMachine()
    {
        const int Idle = 3;
        const int WaitingForDisk = 4;
        const int Known = 8;
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        return times.Take(Known).Where((_, at) => at is not (Idle or WaitingForDisk))
            .Sum(time => double.Parse(time, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>MiB of memory a process has resident.</summary>
    public static double ResidentMib(int process)
    {
        const string Name = "VmRSS:";
        var line = File.ReadLines($"/proc/{process}/status")
            .First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return double.Parse(line[Name.Length..^" kB".Length], CultureInfo.InvariantCulture) / 1024;
    }

    private static double Own(string[] stat) => (Number(stat, UserTime) + Number(stat, SystemTime)) / TicksPerSecond;

    private static double OfChildren(string[] stat) =>
        (Number(stat, ChildrensUserTime) + Number(stat, ChildrensSystemTime)) / TicksPerSecond;

    private static double Number(string[] stat, int at) => double.Parse(stat[at], CultureInfo.InvariantCulture);

    /// <summary>The fields behind the name, which may itself contain spaces.</summary>
    private static string[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
