using System.Buffers.Binary;
using System.Numerics;

namespace PayoutService.Payees;

/// <summary>
/// Keccak-256 as submitted to the SHA-3 competition, which is what Ethereum hashes with. The framework's SHA3-256 is
/// the later standard, FIPS 202, whose padding differs and with it every hash.
/// </summary>
internal static class Keccak256
{
    public const int HashBytes = 32;

    /// <summary>1600 bits of state less twice the hash.</summary>
    private const int BlockBytes = 136;

    private static readonly ulong[] RoundConstants =
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
        0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
        0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
        0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Where each lane goes, beginning with lane 1, and by how many bits it turns on the way.</summary>
    private static readonly (int Lane, int Bits)[] Moves =
    [
        (10, 1), (7, 3), (11, 6), (17, 10), (18, 15), (3, 21), (5, 28), (16, 36), (8, 45), (21, 55), (24, 2), (4, 14),
        (15, 27), (23, 41), (19, 56), (13, 8), (12, 25), (2, 43), (20, 62), (14, 18), (22, 39), (9, 61), (6, 20),
        (1, 44),
    ];

    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        Span<ulong> state = stackalloc ulong[25];
        Span<byte> block = stackalloc byte[BlockBytes];
        state.Clear();
        for (; data.Length >= BlockBytes; data = data[BlockBytes..])
        {
            Absorb(state, data[..BlockBytes]);
        }

        block.Clear();
        data.CopyTo(block);
        // The padding is a one, zeros and a one. FIPS 202 has 0x06 here.
        block[data.Length] = 0x01;
        block[^1] |= 0x80;
        Absorb(state, block);

        for (var lane = 0; lane < HashBytes / sizeof(ulong); lane++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(lane * sizeof(ulong))..], state[lane]);
        }
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (var lane = 0; lane < BlockBytes / sizeof(ulong); lane++)
        {
            state[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(lane * sizeof(ulong))..]);
        }

        foreach (var constant in RoundConstants)
        {
            Mix(state);
            Move(state);
            Bend(state);
            state[0] ^= constant;
        }
    }

    /// <summary>Theta: every bit takes in the parity of two columns beside it.</summary>
    private static void Mix(Span<ulong> state)
    {
        Span<ulong> parity = stackalloc ulong[5];
        for (var x = 0; x < 5; x++)
        {
            parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        }

        for (var lane = 0; lane < 25; lane++)
        {
            state[lane] ^= parity[(lane + 4) % 5] ^ BitOperations.RotateLeft(parity[(lane + 1) % 5], 1);
        }
    }

    /// <summary>Rho and pi: every lane but the first turns and goes to another's place.</summary>
    private static void Move(Span<ulong> state)
    {
        var moving = state[1];
        foreach (var (lane, bits) in Moves)
        {
            (state[lane], moving) = (BitOperations.RotateLeft(moving, bits), state[lane]);
        }
    }

    /// <summary>Chi: the one step that is not linear, row by row.</summary>
    private static void Bend(Span<ulong> state)
    {
        Span<ulong> row = stackalloc ulong[5];
        for (var start = 0; start < 25; start += 5)
        {
            state[start..(start + 5)].CopyTo(row);
            for (var x = 0; x < 5; x++)
            {
                state[start + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
    }
}
