using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// The columns of a crop, laid out for rows of bytes: eight numbers of the output come from sixteen bytes that hold their left neighbours and sixteen that hold the right ones, three further on, so
/// that one shuffle picks either. Made once an image, used for each of its rows.
/// </summary>
/// <remarks>Values are those of <c>low + share (high - low)</c>, each step rounded by itself, whichever way they are computed.</remarks>
internal readonly unsafe struct CropColumns
{
    private const int Channels = 3;
    private const int Group = 8;
    private const int Window = 16;
    private const int Scalar = -1;
    private const byte Zero = 0x80;

    private readonly CropTap* _taps;
    private readonly int _width;
    private readonly bool _reverses;
    private readonly int* _starts;
    private readonly byte* _picks;
    private readonly float* _shares;

    /// <summary>Lays the columns out.</summary>
    /// <param name="taps">One for each column, counted from the first pixel of the rows; they must stay where they are.</param>
    /// <param name="width">How many.</param>
    /// <param name="pitch">Bytes of a row.</param>
    /// <param name="reverses">Whether channels are turned round.</param>
    /// <param name="memory"><see cref="Bytes"/> bytes, which must stay too.</param>
    public CropColumns(CropTap* taps, int width, long pitch, bool reverses, byte* memory)
    {
        int groups = Groups(width);
        (_width, _reverses) = (width, reverses);
        _taps = taps;
        _shares = (float*)memory;
        _picks = (byte*)(_shares + ((long)groups * Group));
        _starts = (int*)(_picks + ((long)groups * Window));
        for (int g = 0; g < groups; g++)
        {
            _starts[g] = LayOut(g, pitch);
        }
    }

    /// <summary>Whether this machine has the shuffles; without them there are no groups.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>How much memory a layout takes.</summary>
    /// <param name="width">Columns of the crop.</param>
    public static long Bytes(int width) => IsSupported ? ((long)Groups(width) * ((Group * sizeof(float)) + Window + sizeof(int)) + 63) & ~63L : 0;

    /// <summary>One row of bytes at the columns of the crop: 3 <c>width</c> numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Interpolate(byte* row, float* target)
    {
        int groups = Groups(_width);
        for (int g = 0; g < groups; g++)
        {
            int first = g * Group;
            if (_starts[g] == Scalar)
            {
                One(row, target, first, first + Group);
                continue;
            }

            byte* start = row + _starts[g];
            Vector128<byte> picks = Vector128.Load(_picks + (g * Window));
            Vector256<float> low = Numbers(start, picks), high = Numbers(start + Channels, picks);
            (low + (Vector256.Load(_shares + first) * (high - low))).Store(target + first);
        }

        One(row, target, groups * Group, _width * Channels);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Numbers(byte* start, Vector128<byte> picks) => Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(Ssse3.Shuffle(Vector128.Load(start), picks)));

    /// <summary>Whole groups; what is left over is computed one by one.</summary>
    private static int Groups(int width) => IsSupported ? width * Channels / Group : 0;

    /// <summary>Where a group's bytes begin, or <see cref="Scalar"/> where sixteen don't hold them, as where an image shrinks a lot, or would pass the end of the row.</summary>
    private int LayOut(int group, long pitch)
    {
        int least = int.MaxValue, most = 0;
        for (int i = 0; i < Group; i++)
        {
            if (At(group, i, out _) is >= 0 and int at)
            {
                (least, most) = (Math.Min(least, at), Math.Max(most, at));
            }
        }

        least = least == int.MaxValue ? 0 : least;
        if (most - least >= Window || least + Channels + Window > pitch)
        {
            return Scalar;
        }

        byte* picks = _picks + (group * Window);
        Unsafe.InitBlockUnaligned(picks, Zero, Window);
        for (int i = 0; i < Group; i++)
        {
            int at = At(group, i, out float share);
            picks[i] = at < 0 ? Zero : (byte)(at - least);
            _shares[(group * Group) + i] = share;
        }

        return least;
    }

    /// <summary>The byte of the left neighbour, -1 in the padding.</summary>
    private int At(int group, int index, out float share)
    {
        (int x, int c) = Math.DivRem((group * Group) + index, Channels);
        CropTap tap = _taps[x];

        // At a border both neighbours are one pixel, and then the share is 0.
        share = tap.Low < 0 ? 0 : tap.Share;
        return tap.Low < 0 ? -1 : (tap.Low * Channels) + (_reverses ? Channels - 1 - c : c);
    }

    private void One(byte* row, float* target, int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            (int x, int c) = Math.DivRem(i, Channels);
            CropTap tap = _taps[x];
            int channel = _reverses ? Channels - 1 - c : c;
            float low = tap.Low < 0 ? 0 : row[(tap.Low * Channels) + channel], high = tap.Low < 0 ? 0 : row[(tap.High * Channels) + channel];
            target[i] = low + (tap.Share * (high - low));
        }
    }
}
