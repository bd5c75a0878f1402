using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>
/// Destination pixels of a convolution that have the same taps inside the image. Within a class the source pixel of a tap is the source pixel of the first tap plus a
/// constant, so that a tile of rows walks through the taps with one offset each, and taps in the padding are not there to be multiplied.
/// </summary>
/// <param name="Taps">The taps inside, kh * KW + kw, ascending.</param>
/// <param name="Shifts">For each of them, its source pixel less that of the first tap.</param>
/// <param name="Targets">The destination pixels, as indices over batch, rows and columns, ascending.</param>
/// <param name="Sources">For each of them, the source pixel of the first tap; zeros in a class without taps.</param>
internal sealed record TapClass(int[] Taps, int[] Shifts, int[] Targets, int[] Sources);

/// <summary>One axis of <see cref="TapClass"/>: the class of a pixel is the pair of the class of its row and the class of its column.</summary>
internal sealed class AxisClass
{
    /// <summary>The kernel's rows (or columns) inside, ascending.</summary>
    public required int[] Taps { get; init; }

    /// <summary>Their source positions less that of the first.</summary>
    public required int[] Shifts { get; init; }

    /// <summary>The destination positions.</summary>
    public List<int> Targets { get; } = [];

    /// <summary>The source positions of the first tap.</summary>
    public List<int> Sources { get; } = [];

    /// <summary>The classes of one axis.</summary>
    /// <param name="targets">Destination positions.</param>
    /// <param name="kernel">Kernel rows (or columns).</param>
    /// <param name="source">The source position of a destination position and a kernel position, or -1 where it lies outside.</param>
    public static List<AxisClass> Build(int targets, int kernel, Func<int, int, int> source)
    {
        var classes = new List<AxisClass>();
        var byPattern = new Dictionary<string, AxisClass>();
        for (int target = 0; target < targets; target++)
        {
            int[] taps = [.. Enumerable.Range(0, kernel).Where(k => source(target, k) >= 0)];
            int first = taps.Length > 0 ? source(target, taps[0]) : 0;
            string pattern = string.Join(',', taps);
            if (!byPattern.TryGetValue(pattern, out AxisClass? axis))
            {
                axis = new AxisClass { Taps = taps, Shifts = [.. taps.Select(k => source(target, k) - first)] };
                byPattern.Add(pattern, axis);
                classes.Add(axis);
            }

            axis.Targets.Add(target);
            axis.Sources.Add(first);
        }

        return classes;
    }
}

/// <summary>
/// The pixel pairs (input, output) of each tap as runs of neighbours, in chunks of about <see cref="ChunkPixels"/> pixels whose packed operands stay in the cache.
/// </summary>
/// <param name="Table">Triples (input pixel, output pixel, length) of all taps.</param>
/// <param name="Chunks">The chunks of all taps: chunk i has the triples Chunks[i] … Chunks[i + 1] - 1.</param>
/// <param name="Taps">Tap t has the chunks Taps[t] … Taps[t + 1] - 1.</param>
/// <param name="Pixels">The pixel pairs of each tap.</param>
internal sealed record TapRuns(int[] Table, int[] Chunks, int[] Taps, int[] Pixels)
{
    /// <summary>Pixels of a chunk: 256 rows of a panel are 16 KiB.</summary>
    public const int ChunkPixels = 256;
}

/// <summary>What depends on the shape of a convolution alone, built once.</summary>
/// <param name="geometry">The shape.</param>
internal sealed class ConvolutionPlan(Conv2dGeometry geometry)
{
    private List<TapClass>? _forward;
    private List<TapClass>? _backward;
    private TapRuns? _runs;

    /// <summary>The shape.</summary>
    public Conv2dGeometry Geometry => geometry;

    /// <summary>Taps of a filter.</summary>
    public int TapCount => geometry.KernelHeight * geometry.KernelWidth;

    /// <summary>Pixels of the input, batch included.</summary>
    public int InputPixels => geometry.Batch * geometry.InputHeight * geometry.InputWidth;

    /// <summary>Pixels of the output, batch included.</summary>
    public int OutputPixels => geometry.Batch * geometry.OutputHeight * geometry.OutputWidth;

    /// <summary>Whether input and output pixels are the same and there is one tap: the convolution is a matrix product.</summary>
    public bool IsPointwise => TapCount == 1 && geometry.Options is { StrideHeight: 1, StrideWidth: 1, PadHeight: 0, PadWidth: 0 };

    /// <summary>Output pixels by the taps that read inside the input.</summary>
    public List<TapClass> Forward => _forward ??= BuildForward();

    /// <summary>Input pixels by the taps through which outputs read them.</summary>
    public List<TapClass> Backward => _backward ??= BuildBackward();

    /// <summary>The pixel pairs of each tap.</summary>
    public TapRuns Runs => _runs ??= BuildRuns();

    private static List<TapClass> Cross(int batch, int kernelWidth, (int Height, int Width) target, (int Height, int Width) source, List<AxisClass> rows, List<AxisClass> columns)
    {
        var classes = new List<TapClass>();
        foreach (AxisClass row in rows)
        {
            foreach (AxisClass column in columns)
            {
                int taps = row.Taps.Length * column.Taps.Length;
                int[] tap = new int[taps], shift = new int[taps];
                for (int i = 0; i < taps; i++)
                {
                    int h = i / column.Taps.Length, w = i % column.Taps.Length;
                    tap[i] = (row.Taps[h] * kernelWidth) + column.Taps[w];
                    shift[i] = (row.Shifts[h] * source.Width) + column.Shifts[w];
                }

                classes.Add(new TapClass(tap, shift, Pixels(batch, target, row.Targets, column.Targets), Pixels(batch, source, row.Sources, column.Sources)));
            }
        }

        return classes;
    }

    private static int[] Pixels(int batch, (int Height, int Width) image, List<int> rows, List<int> columns)
    {
        var pixels = new int[batch * rows.Count * columns.Count];
        int i = 0;
        for (int n = 0; n < batch; n++)
        {
            foreach (int y in rows)
            {
                foreach (int x in columns)
                {
                    pixels[i++] = (((n * image.Height) + y) * image.Width) + x;
                }
            }
        }

        return pixels;
    }

    private List<TapClass> BuildForward()
    {
        Conv2dOptions o = geometry.Options;
        List<AxisClass> rows = AxisClass.Build(geometry.OutputHeight, geometry.KernelHeight, (y, k) => Read(y, k, o.StrideHeight, o.PadHeight, o.DilationHeight, geometry.InputHeight));
        List<AxisClass> columns = AxisClass.Build(geometry.OutputWidth, geometry.KernelWidth, (x, k) => Read(x, k, o.StrideWidth, o.PadWidth, o.DilationWidth, geometry.InputWidth));
        return Cross(geometry.Batch, geometry.KernelWidth, (geometry.OutputHeight, geometry.OutputWidth), (geometry.InputHeight, geometry.InputWidth), rows, columns);
    }

    private List<TapClass> BuildBackward()
    {
        Conv2dOptions o = geometry.Options;
        List<AxisClass> rows = AxisClass.Build(geometry.InputHeight, geometry.KernelHeight, (y, k) => ReadBy(y, k, o.StrideHeight, o.PadHeight, o.DilationHeight, geometry.OutputHeight));
        List<AxisClass> columns = AxisClass.Build(geometry.InputWidth, geometry.KernelWidth, (x, k) => ReadBy(x, k, o.StrideWidth, o.PadWidth, o.DilationWidth, geometry.OutputWidth));
        return Cross(geometry.Batch, geometry.KernelWidth, (geometry.InputHeight, geometry.InputWidth), (geometry.OutputHeight, geometry.OutputWidth), rows, columns);
    }

    private static int Read(int output, int kernel, int stride, int pad, int dilation, int size)
    {
        int input = (output * stride) + (kernel * dilation) - pad;
        return (uint)input < (uint)size ? input : -1;
    }

    private static int ReadBy(int input, int kernel, int stride, int pad, int dilation, int size)
    {
        int scaled = input + pad - (kernel * dilation);
        return scaled >= 0 && scaled % stride == 0 && scaled / stride < size ? scaled / stride : -1;
    }

    private TapRuns BuildRuns()
    {
        var table = new List<int>();
        var chunks = new List<int> { 0 };
        var taps = new List<int> { 0 };
        var pixels = new int[TapCount];
        for (int tap = 0; tap < TapCount; tap++)
        {
            int filled = 0;
            foreach ((int input, int output, int length) in RunsOf(tap))
            {
                pixels[tap] += length;
                for (int done = 0; done < length;)
                {
                    int take = Math.Min(length - done, TapRuns.ChunkPixels - filled);
                    table.AddRange([input + (done * geometry.Options.StrideWidth), output + done, take]);
                    done += take;
                    filled += take;
                    if (filled == TapRuns.ChunkPixels)
                    {
                        chunks.Add(table.Count / 3);
                        filled = 0;
                    }
                }
            }

            if (filled > 0)
            {
                chunks.Add(table.Count / 3);
            }

            taps.Add(chunks.Count - 1);
        }

        return new TapRuns([.. table], [.. chunks], [.. taps], pixels);
    }

    private List<(int Input, int Output, int Length)> RunsOf(int tap)
    {
        Conv2dOptions o = geometry.Options;
        int shiftY = (tap / geometry.KernelWidth * o.DilationHeight) - o.PadHeight, shiftX = (tap % geometry.KernelWidth * o.DilationWidth) - o.PadWidth;

        // The columns x with 0 <= x * stride + shift < width.
        int from = shiftX >= 0 ? 0 : (-shiftX + o.StrideWidth - 1) / o.StrideWidth;
        int last = geometry.InputWidth - 1 - shiftX;
        int to = last < 0 ? 0 : Math.Min(geometry.OutputWidth, (last / o.StrideWidth) + 1);
        var runs = new List<(int Input, int Output, int Length)>();
        for (int row = 0; row < geometry.Batch * geometry.OutputHeight && from < to; row++)
        {
            int n = row / geometry.OutputHeight, inputY = (row % geometry.OutputHeight * o.StrideHeight) + shiftY;
            if ((uint)inputY >= (uint)geometry.InputHeight)
            {
                continue;
            }

            int input = (((n * geometry.InputHeight) + inputY) * geometry.InputWidth) + (from * o.StrideWidth) + shiftX, output = (row * geometry.OutputWidth) + from;
            if (o.StrideWidth == 1 && runs.Count > 0 && runs[^1].Input + runs[^1].Length == input && runs[^1].Output + runs[^1].Length == output)
            {
                runs[^1] = (runs[^1].Input, runs[^1].Output, runs[^1].Length + to - from);
            }
            else
            {
                runs.Add((input, output, to - from));
            }
        }

        return runs;
    }
}
