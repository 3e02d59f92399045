using Xunit.Abstractions;

namespace PayoutService.Tests.Proofs;

/// <summary>How much is tried, and what came of it, one line each. `./test proof` tries all; the default run a part,
/// so that it stays a matter of seconds. Proofs run one after the other: each takes what the machine has.</summary>
internal static class Proof
{
    private static readonly Lock Gate = new();

    public static bool IsFull => Environment.GetEnvironmentVariable("PAYOUTS_PROOF") == "full";

    public static int Size(int full, int usual) => IsFull ? full : usual;

    /// <summary>Says a figure, and keeps it in the file that PAYOUTS_PROOF_FIGURES names.</summary>
    public static void Say(this ITestOutputHelper output, string figure)
    {
        output.WriteLine(figure);
        if (Environment.GetEnvironmentVariable("PAYOUTS_PROOF_FIGURES") is { Length: > 0 } file)
        {
            lock (Gate)
            {
                File.AppendAllText(file, figure + "\n");
            }
        }
    }
}
