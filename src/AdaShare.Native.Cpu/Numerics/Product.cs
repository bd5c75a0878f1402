using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>A matrix in memory: element (i, j) lies at <c>Data + i * RowStride + j * ColumnStride</c>, and one of the strides is 1.</summary>
internal readonly unsafe struct MatrixView<T>(T* data, nint rowStride, nint columnStride) where T : unmanaged
{
    public readonly T* Data = data;
    public readonly nint RowStride = rowStride;
    public readonly nint ColumnStride = columnStride;

    /// <summary>A row-major matrix, or its transpose.</summary>
    /// <param name="data">The first element.</param>
    /// <param name="stride">Elements between the rows in memory.</param>
    /// <param name="transpose">Whether rows in memory are columns of the matrix.</param>
    public static MatrixView<T> Of(T* data, nint stride, bool transpose) => transpose ? new(data, 1, stride) : new(data, stride, 1);
}

/// <summary>
/// The blocked matrix product: both operands packed, blocks of depth <see cref="Depth"/> so that a panel stays in the first-level cache and a block of rows in the second.
/// </summary>
/// <remarks>
/// K. Goto, R. van de Geijn: "Anatomy of high-performance matrix multiplication" (ACM TOMS 34, 2008). The order of the additions into one element depends on the depth alone.
/// </remarks>
internal static unsafe class Product
{
    private const int Depth = 256;
    private const int RowBlockBytes = 384 * sizeof(float);

    /// <summary>result[i, j] (+)= bias[j] + sum over k of left[i, k] right[k, j].</summary>
    /// <param name="threads">Where to compute.</param>
    /// <param name="kernels">The micro-kernels.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="depth">Columns of <paramref name="left"/>; at 0 the sum is empty.</param>
    /// <param name="left">rows by depth.</param>
    /// <param name="right">depth by columns.</param>
    /// <param name="bias">One number a column, or null.</param>
    /// <param name="result">Row-major.</param>
    /// <param name="accumulate">Whether to add to the result.</param>
    public static void Multiply<T>(CpuThreads threads, MicroKernels<T> kernels, int rows, int columns, int depth, MatrixView<T> left, MatrixView<T> right, T* bias, T* result, bool accumulate)
        where T : unmanaged, INumberBase<T>
    {
        if (rows == 0 || columns == 0)
        {
            return;
        }

        int panels = kernels.Panels(columns);
        T* packed = threads.Scratch.Shared<T>(ScratchSlot.PackedRight, (long)panels * Math.Max(depth, 1) * kernels.Width);
        threads.For(panels, new PackBody<T>(kernels, right, depth, columns, packed));
        int rowBlock = Math.Min(RowBlockBytes / sizeof(T), RoundUp((rows + threads.Count - 1) / threads.Count, kernels.Height));
        int rowBlocks = (rows + rowBlock - 1) / rowBlock;
        int splits = rowBlocks < 4 * threads.Count && threads.Count > 1 ? Math.Min(2 * threads.Count, panels) : 1;
        threads.For(rowBlocks * splits, new MultiplyBody<T>(threads, kernels, rows, columns, depth, left, packed, bias, result, accumulate, rowBlock, splits));
    }

    private static int RoundUp(int rows, int height) => (rows + height - 1) / height * height;

    private readonly struct PackBody<T>(MicroKernels<T> kernels, MatrixView<T> right, int depth, int columns, T* packed) : IParallelBody where T : unmanaged, INumberBase<T>
    {
        public void Invoke(int index)
        {
            int first = index * kernels.Width;
            int valid = Math.Min(kernels.Width, columns - first), width = kernels.PanelWidth(valid);
            T* panel = packed + ((nint)first * depth);
            if (right.ColumnStride == 1)
            {
                Packing.Columns(right.Data + first, right.RowStride, depth, valid, width, panel);
            }
            else
            {
                Packing.TransposedColumns(right.Data + (first * right.ColumnStride), right.ColumnStride, depth, valid, width, panel);
            }
        }
    }

    private readonly struct MultiplyBody<T>(
        CpuThreads threads, MicroKernels<T> kernels, int rows, int columns, int depth, MatrixView<T> left, T* packed, T* bias, T* result, bool accumulate, int rowBlock, int splits) : IParallelBody
        where T : unmanaged, INumberBase<T>
    {
        public void Invoke(int index)
        {
            int first = index / splits * rowBlock;
            int count = Math.Min(rowBlock, rows - first);
            int panels = kernels.Panels(columns);
            int panelFrom = (int)((long)panels * (index % splits) / splits), panelTo = (int)((long)panels * ((index % splits) + 1) / splits);
            TileRows tiles = kernels.Cut(count);
            T* strips = threads.Scratch.Local<T>(ScratchSlot.PackedLeft, (long)tiles.Padded * Depth);
            int k = 0;
            do
            {
                int deep = Math.Min(Depth, depth - k);
                PackLeft(tiles, first, count, k, deep, strips);
                for (int j = panelFrom; j < panelTo; j++)
                {
                    MultiplyPanel(tiles, first, count, j, k, deep, strips);
                }

                k += Depth;
            }
            while (k < depth);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void PackLeft(TileRows tiles, int first, int count, int k, int deep, T* strips)
        {
            for (int tile = 0; tile < tiles.Tiles; tile++)
            {
                int row = tiles.FirstRow(tile), height = tiles.RowsOf(tile);
                int valid = Math.Min(height, count - row);
                T* source = left.Data + ((first + row) * left.RowStride) + (k * left.ColumnStride);
                T* strip = strips + ((nint)row * deep);
                if (left.ColumnStride == 1)
                {
                    Packing.TransposedStrip(source, left.RowStride, deep, valid, height, strip);
                }
                else
                {
                    Packing.Strip(source, left.ColumnStride, deep, valid, height, strip);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void MultiplyPanel(TileRows tiles, int first, int count, int panel, int k, int deep, T* strips)
        {
            int firstColumn = panel * kernels.Width;
            int validColumns = Math.Min(kernels.Width, columns - firstColumn), width = kernels.PanelWidth(validColumns);
            int* run = stackalloc int[3] { 0, 0, deep };
            T* scratch = stackalloc T[TileRows.Max * width];
            T* right = packed + ((nint)firstColumn * depth) + ((nint)k * width);
            T* zeros = (T*)MicroKernels<T>.Zeros;
            T* initial = bias != null && k == 0 ? bias + firstColumn : zeros;
            bool add = accumulate || k > 0;
            for (int tile = 0; tile < tiles.Tiles; tile++)
            {
                int row = tiles.FirstRow(tile), height = tiles.RowsOf(tile);
                int validRows = Math.Min(height, count - row);
                bool whole = validRows == height && validColumns == width;
                T* target = result + ((nint)(first + row) * columns) + firstColumn;
                T* destination = whole ? target : scratch;
                nint stride = whole ? columns : width;
                var outer = kernels.Outer(height, validColumns);
                outer(1, run, height, height, strips + ((nint)row * deep), width, right, initial, destination, stride, whole && add);
                if (!whole)
                {
                    TileStore.Merge(scratch, width, target, columns, validRows, validColumns, add);
                }
            }
        }
    }
}
