using System.Numerics;
using System.Runtime.CompilerServices;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>Moves the valid part of a scratch tile to where it belongs, at the edges of a matrix.</summary>
internal static unsafe class TileStore
{
    /// <summary>target[r * stride + c] (+)= tile[r * width + c] for the rows and columns that exist.</summary>
    public static void Merge<T>(T* tile, int width, T* target, nint stride, int rows, int columns, bool accumulate) where T : unmanaged, INumberBase<T>
    {
        for (int r = 0; r < rows; r++)
        {
            MergeRow(tile + (r * width), target + (r * stride), columns, accumulate);
        }
    }

    /// <summary>The same for rows at addresses of their own.</summary>
    public static void Merge<T>(T* tile, int width, T** targets, nint offset, int rows, int columns, bool accumulate) where T : unmanaged, INumberBase<T>
    {
        for (int r = 0; r < rows; r++)
        {
            MergeRow(tile + (r * width), targets[r] + offset, columns, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MergeRow<T>(T* source, T* target, int columns, bool accumulate) where T : unmanaged, INumberBase<T>
    {
        if (accumulate)
        {
            for (int c = 0; c < columns; c++)
            {
                target[c] += source[c];
            }
        }
        else
        {
            for (int c = 0; c < columns; c++)
            {
                target[c] = source[c];
            }
        }
    }
}
