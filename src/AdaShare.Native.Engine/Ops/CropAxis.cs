namespace AdaShare.Native.Engine.Ops;

/// <summary>One dimension of a <see cref="CropWindow"/>: where each pixel of the crop lies in the stored image.</summary>
/// <param name="Source">Pixels of the stored image.</param>
/// <param name="Scaled">Pixels of the scaled image.</param>
/// <param name="Start">The crop's first pixel in the scaled and mirrored image; negative where the crop begins in the padding.</param>
/// <param name="Mirror">Whether the scaled image is read from its end.</param>
public readonly record struct CropAxis(int Source, int Scaled, int Start, bool Mirror)
{
    /// <summary>Stored pixels a scaled pixel, with the quotients in OpenCV's order (modules/imgproc/src/resize.cpp).</summary>
    public double Step { get; } = 1.0 / ((double)Scaled / Source);

    /// <summary>The pixel of the scaled image that becomes a pixel of the crop, -1 in the padding.</summary>
    /// <param name="index">The pixel of the crop, from 0.</param>
    public int Position(int index)
    {
        int position = index + Start;
        return (uint)position >= (uint)Scaled ? -1 : Mirror ? Scaled - 1 - position : position;
    }

    /// <summary>The two stored pixels of a bilinear value: OpenCV's INTER_LINEAR, that is half-pixel centres, positions in single precision, borders repeated.</summary>
    /// <param name="index">The pixel of the crop, from 0.</param>
    public CropTap Tap(int index)
    {
        int position = Position(index);
        return position < 0 ? new(-1, -1, 0) : TapAt(position);
    }

    /// <summary>The stored pixels that a crop reads: the first one, and how many; none where all of it is padding.</summary>
    /// <param name="length">Pixels of the crop, at least 1.</param>
    public (int First, int Count) Reads(int length)
    {
        // Taps move one way, so those at the ends of what is inside reach farthest; which end is which does not matter to the span.
        int low = Math.Max(Start, 0), high = (int)Math.Min((long)Start + length, Scaled) - 1;
        if (low > high)
        {
            return (0, 0);
        }

        int first = TapAt(Mirror ? Scaled - 1 - high : low).Low, last = TapAt(Mirror ? Scaled - 1 - low : high).High;
        return (first, last - first + 1);
    }

    private CropTap TapAt(int position)
    {
        float at = (float)(((position + 0.5) * Step) - 0.5);
        int low = (int)MathF.Floor(at);
        return low < 0 ? new(0, 0, 0) : low >= Source - 1 ? new(Source - 1, Source - 1, 0) : new(low, low + 1, at - low);
    }
}

/// <summary>Two neighbouring stored pixels, between which a value is interpolated.</summary>
/// <param name="Low">The first pixel, or -1 in the padding.</param>
/// <param name="High">The second pixel; the first again at a border.</param>
/// <param name="Share">The share of the second, 0 … 1.</param>
public readonly record struct CropTap(int Low, int High, float Share);
