using System.Numerics;
using System.Runtime.CompilerServices;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Copies or adds elements from places with strides to places with strides, row by row of the target.</summary>
internal readonly unsafe struct StridedCopyBody<T>(StridedPlan plan, T* source, T* target, bool accumulate) : IRangeBody, IStridedRow
    where T : unmanaged, INumber<T>
{
    /// <summary>Plans and runs one copy: in tiles where the source's neighbours are not the target's, so that every line of the cache that is read is used whole.</summary>
    public static void Run(CpuThreads threads, Tensor source, in Strides from, Tensor target, in Strides to, Shape sizes, bool accumulate)
    {
        if (sizes.Count == 0)
        {
            return;
        }

        var plan = StridedPlan.Of(sizes, from, to);
        T* origin = source.Pointer<T>() + from.Start, place = target.Pointer<T>() + to.Start;
        if (StridedTileBody<T>.TryPlan(plan, origin, place, accumulate) is { } tiles)
        {
            Ranges.For(threads, tiles.Count, tiles.Cost, tiles);
        }
        else
        {
            Ranges.For(threads, sizes.Count, 1, new StridedCopyBody<T>(plan, origin, place, accumulate));
        }
    }

    /// <inheritdoc/>
    public void Run(long start, long end) => plan.Walk(this, start, end);

    /// <inheritdoc/>
    public void Row(in StridedPlan plan, long first, long second, long third, long index, long count)
    {
        long fromStep = plan.First[plan.Inner], toStep = plan.Second[plan.Inner];
        if (fromStep == 1 && toStep == 1 && !accumulate)
        {
            Buffer.MemoryCopy(source + first, target + second, count * sizeof(T), count * sizeof(T));
        }
        else
        {
            Leaf(source + first, fromStep, target + second, toStep, count, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(T* from, long fromStep, T* to, long toStep, long count, bool accumulate)
    {
        for (long i = 0; i < count; i++, from += fromStep, to += toStep)
        {
            *to = accumulate ? *to + *from : *from;
        }
    }
}

/// <summary>
/// A copy whose source runs along another dimension than its target, as in a transposition: tiles of 16 neighbours of the source, each over the whole innermost dimension of the target.
/// A tile reads whole lines and writes 16 runs.
/// </summary>
internal readonly unsafe struct StridedTileBody<T> : IRangeBody
    where T : unmanaged, INumber<T>
{
    private const int TileWidth = 16;
    private const int LeastInner = 8;

    private readonly StridedPlan _plan;
    private readonly T* _source;
    private readonly T* _target;
    private readonly bool _accumulate;
    private readonly int _across;

    private StridedTileBody(StridedPlan plan, int across, T* source, T* target, bool accumulate)
    {
        _plan = plan;
        _across = across;
        _source = source;
        _target = target;
        _accumulate = accumulate;
    }

    /// <summary>The number of tiles.</summary>
    public long Count
    {
        get
        {
            long count = Tiles;
            for (int d = 0; d < _plan.Inner; d++)
            {
                count *= d == _across ? 1 : _plan.Sizes[d];
            }

            return count;
        }
    }

    /// <summary>The elements of a tile.</summary>
    public long Cost => TileWidth * _plan.Sizes[_plan.Inner];

    private long Tiles => (_plan.Sizes[_across] + TileWidth - 1) / TileWidth;

    /// <summary>The tiles of a copy; null where rows are as good.</summary>
    public static StridedTileBody<T>? TryPlan(StridedPlan plan, T* source, T* target, bool accumulate)
    {
        if (plan.First[plan.Inner] is 1 or -1 || plan.Sizes[plan.Inner] < LeastInner)
        {
            return null;
        }

        for (int d = 0; d < plan.Inner; d++)
        {
            if (plan.First[d] == 1 && plan.Sizes[d] >= TileWidth)
            {
                return new StridedTileBody<T>(plan, d, source, target, accumulate);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Run(long start, long end)
    {
        for (long tile = start; tile < end; tile++)
        {
            long rest = tile / Tiles, column = tile % Tiles * TileWidth;
            long from = column, to = column * _plan.Second[_across];
            for (int d = _plan.Inner - 1; d >= 0; d--)
            {
                if (d != _across)
                {
                    long index = rest % _plan.Sizes[d];
                    rest /= _plan.Sizes[d];
                    from += index * _plan.First[d];
                    to += index * _plan.Second[d];
                }
            }

            int inner = _plan.Inner;
            long width = Math.Min(TileWidth, _plan.Sizes[_across] - column);
            Leaf(_source + from, _plan.First[inner], _target + to, _plan.Second[inner], _plan.Second[_across], _plan.Sizes[inner], width, _accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leaf(T* from, long fromStep, T* to, long toStep, long acrossStep, long count, long width, bool accumulate)
    {
        for (long i = 0; i < count; i++, from += fromStep, to += toStep)
        {
            T* place = to;
            for (long j = 0; j < width; j++, place += acrossStep)
            {
                *place = accumulate ? *place + from[j] : from[j];
            }
        }
    }
}
