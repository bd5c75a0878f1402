using System.Buffers.Binary;
using System.Numerics;

namespace AdaShare.Native.Engine.Checkpoints;

/// <summary>XXH64 with seed 0, a fast check value against damage (not against intent), of bytes that come in pieces.</summary>
/// <remarks>Definition: github.com/Cyan4973/xxHash, doc/xxhash_spec.md. It reads several gigabytes a second; a checkpoint is verified faster than it is copied.</remarks>
public sealed class XxHash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;
    private const int Stripe = 32;

    private readonly byte[] _rest = new byte[Stripe];
    private ulong _lane1 = unchecked(Prime1 + Prime2);
    private ulong _lane2 = Prime2;
    private ulong _lane3;
    private ulong _lane4 = unchecked(0 - Prime1);
    private ulong _length;
    private int _waiting;

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += (ulong)bytes.Length;
        if (_waiting > 0)
        {
            int taken = Math.Min(Stripe - _waiting, bytes.Length);
            bytes[..taken].CopyTo(_rest.AsSpan(_waiting));
            _waiting += taken;
            bytes = bytes[taken..];
            if (_waiting < Stripe)
            {
                return;
            }

            Consume(_rest);
            _waiting = 0;
        }

        bytes = Consume(bytes);
        bytes.CopyTo(_rest);
        _waiting = bytes.Length;
    }

    /// <summary>The check value of all bytes so far.</summary>
    public ulong Value()
    {
        ulong hash = _length < Stripe
            ? Prime5
            : Merge(Merge(Merge(Merge(
                BitOperations.RotateLeft(_lane1, 1) + BitOperations.RotateLeft(_lane2, 7) + BitOperations.RotateLeft(_lane3, 12) + BitOperations.RotateLeft(_lane4, 18),
                _lane1), _lane2), _lane3), _lane4);
        hash = Finish(hash + _length, _rest.AsSpan(0, _waiting));
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Round(ulong lane, ulong word) => BitOperations.RotateLeft(lane + (word * Prime2), 31) * Prime1;

    private static ulong Merge(ulong hash, ulong lane) => ((hash ^ Round(0, lane)) * Prime1) + Prime4;

    private static ulong Finish(ulong hash, ReadOnlySpan<byte> rest)
    {
        for (; rest.Length >= 8; rest = rest[8..])
        {
            hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * Prime1) + Prime4;
        }

        if (rest.Length >= 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1), 23) * Prime2) + Prime3;
            rest = rest[4..];
        }

        foreach (byte value in rest)
        {
            hash = BitOperations.RotateLeft(hash ^ (value * Prime5), 11) * Prime1;
        }

        return hash;
    }

    /// <summary>Takes whole stripes.</summary>
    /// <returns>What is left: less than a stripe.</returns>
    private ReadOnlySpan<byte> Consume(ReadOnlySpan<byte> bytes)
    {
        (ulong lane1, ulong lane2, ulong lane3, ulong lane4) = (_lane1, _lane2, _lane3, _lane4);
        for (; bytes.Length >= Stripe; bytes = bytes[Stripe..])
        {
            lane1 = Round(lane1, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            lane2 = Round(lane2, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            lane3 = Round(lane3, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
            lane4 = Round(lane4, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
        }

        (_lane1, _lane2, _lane3, _lane4) = (lane1, lane2, lane3, lane4);
        return bytes;
    }
}
