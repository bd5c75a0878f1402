using System.Runtime.CompilerServices;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>How the left operand of <see cref="WinogradProduct{TVector, TSimd, TOrder}"/> lies in memory, in floats.</summary>
internal interface ILeftOrder
{
    /// <summary>From a row of the product to the next.</summary>
    static abstract int Row { get; }

    /// <summary>From a step of the sum to the next.</summary>
    static abstract int Step { get; }
}

/// <summary>The sum runs over channels: rows are tiles.</summary>
internal readonly struct OverChannels : ILeftOrder
{
    public static int Row => WinogradKernels.Chunk;

    public static int Step => 1;
}

/// <summary>The sum runs over tiles: rows are channels.</summary>
internal readonly struct OverTiles : ILeftOrder
{
    public static int Row => 1;

    public static int Step => WinogradKernels.Chunk;
}

/// <summary>
/// The matrix products between the transforms of Winograd's algorithm. All strides are known to the JIT, so that one register addresses all rows of the left operand.
/// </summary>
internal static unsafe class WinogradProduct<TVector, TSimd, TOrder>
    where TVector : struct
    where TSimd : struct, ISimd<float, TVector>
    where TOrder : struct, ILeftOrder
{
    // 12 or 8 rows by two vectors of 512 bits leave 6 of the 32 registers for columns and the broadcast; 6 or 4 rows fill the 16 registers of narrower vectors.
    private static int Tall => TSimd.Lanes == 16 ? 12 : 6;

    private static int Low => TSimd.Lanes == 16 ? 8 : 4;

    private static int Width => 2 * TSimd.Lanes;

    /// <summary>target[r][c] (+)= sum over k of left(r, k) right[k][c]; computes up to <see cref="WinogradKernels.MaxRows"/> - 1 rows more.</summary>
    /// <param name="rows">Rows of the product.</param>
    /// <param name="depth">Terms of the sum.</param>
    /// <param name="left">In the order of <typeparamref name="TOrder"/>.</param>
    /// <param name="next">The left operand of the next product, which is fetched on the way.</param>
    /// <param name="right">Rows of a panel's width.</param>
    /// <param name="target">Rows of a panel's width.</param>
    /// <param name="accumulate">Whether to add to the target.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int rows, int depth, float* left, float* next, float* right, float* target, bool accumulate)
    {
        while (rows > 0)
        {
            // The cut with the least waste: 8 + 8 rows for 13 to 16, 12 + 8 for 17 to 20.
            bool tall = rows > 2 * Low || (rows > Low && rows <= Tall);
            int height = tall ? Tall : Low;
            float* ahead = TOrder.Step == 1 ? (rows > height ? left + (height * TOrder.Row) : next) : next;
            if (TSimd.Lanes == 16)
            {
                if (tall)
                {
                    Tile<TwelveRows>(depth, left, ahead, right, target, accumulate);
                }
                else
                {
                    Tile<EightRows>(depth, left, ahead, right, target, accumulate);
                }
            }
            else if (tall)
            {
                Tile<SixRows>(depth, left, ahead, right, target, accumulate);
            }
            else
            {
                Tile<FourRows>(depth, left, ahead, right, target, accumulate);
            }

            rows -= height;
            left += height * TOrder.Row;
            next += TOrder.Step == 1 ? 0 : height;
            target += height * Width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TRows>(int depth, float* left, float* ahead, float* right, float* target, bool accumulate)
        where TRows : struct, ITileRows
    {
        TVector x0 = TSimd.Zero, x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0, x6 = x0, x7 = x0, x8 = x0, x9 = x0, x10 = x0, x11 = x0;
        TVector y0 = x0, y1 = x0, y2 = x0, y3 = x0, y4 = x0, y5 = x0, y6 = x0, y7 = x0, y8 = x0, y9 = x0, y10 = x0, y11 = x0;
        for (int k = depth; k > 0; k--)
        {
            TVector b0 = TSimd.Load(right), b1 = TSimd.Load(right + TSimd.Lanes);
            Step(left[0], b0, b1, ref x0, ref y0);
            Step(left[TOrder.Row], b0, b1, ref x1, ref y1);
            Step(left[2 * TOrder.Row], b0, b1, ref x2, ref y2);
            Step(left[3 * TOrder.Row], b0, b1, ref x3, ref y3);

            if (TRows.Count > 4)
            {
                Step(left[4 * TOrder.Row], b0, b1, ref x4, ref y4);
                Step(left[5 * TOrder.Row], b0, b1, ref x5, ref y5);
            }

            if (TRows.Count > 6)
            {
                Step(left[6 * TOrder.Row], b0, b1, ref x6, ref y6);
                Step(left[7 * TOrder.Row], b0, b1, ref x7, ref y7);
            }

            if (TRows.Count > 8)
            {
                Step(left[8 * TOrder.Row], b0, b1, ref x8, ref y8);
                Step(left[9 * TOrder.Row], b0, b1, ref x9, ref y9);
                Step(left[10 * TOrder.Row], b0, b1, ref x10, ref y10);
                Step(left[11 * TOrder.Row], b0, b1, ref x11, ref y11);
            }

            Fetch.Once(ahead);
            ahead += TOrder.Step == 1 ? TRows.Count : TOrder.Step;
            left += TOrder.Step;
            right += Width;
        }

        Store(target, x0, y0, accumulate);
        Store(target + Width, x1, y1, accumulate);
        Store(target + (2 * Width), x2, y2, accumulate);
        Store(target + (3 * Width), x3, y3, accumulate);

        if (TRows.Count > 4)
        {
            Store(target + (4 * Width), x4, y4, accumulate);
            Store(target + (5 * Width), x5, y5, accumulate);
        }

        if (TRows.Count > 6)
        {
            Store(target + (6 * Width), x6, y6, accumulate);
            Store(target + (7 * Width), x7, y7, accumulate);
        }

        if (TRows.Count > 8)
        {
            Store(target + (8 * Width), x8, y8, accumulate);
            Store(target + (9 * Width), x9, y9, accumulate);
            Store(target + (10 * Width), x10, y10, accumulate);
            Store(target + (11 * Width), x11, y11, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float a, TVector b0, TVector b1, ref TVector c0, ref TVector c1)
    {
        TVector broadcast = TSimd.Broadcast(a);
        c0 = TSimd.MultiplyAdd(broadcast, b0, c0);
        c1 = TSimd.MultiplyAdd(broadcast, b1, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, TVector c0, TVector c1, bool accumulate)
    {
        TSimd.Store(target, accumulate ? TSimd.Add(TSimd.Load(target), c0) : c0);
        TSimd.Store(target + TSimd.Lanes, accumulate ? TSimd.Add(TSimd.Load(target + TSimd.Lanes), c1) : c1);
    }
}
