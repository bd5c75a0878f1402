using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Memory;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>Launches kernels/reduction.cu: the kernel follows from which dimensions are kept.</summary>
internal sealed class ReductionKernels(DeviceContext context) : IReductionKernels
{
    private const string Module = "reduction";
    private const long ShortRow = 1024;
    private const long FewRows = 32;
    private const int ElementsOfChunk = 4096;
    private const int MostChunks = 512;
    private const long MostGridYZ = 65535;
    private const int DimensionsOfKind = 3;

    /// <inheritdoc/>
    public void Sum(Tensor input, Tensor output, double scale, bool accumulate)
    {
        List<ReducedDimension> d = ReductionLayout.Of(input.Shape, output.Shape);
        if (d is [{ IsKept: true }] && input.DType == output.DType)
        {
            long vectors = context.IsAligned(input, output) ? output.Count / 4 : 0;
            context.Kernel("elementwise", "affine").Tensor(input).Float((float)scale).Float(0).Tensor(output).Flag(accumulate).Count(vectors).Count(output.Count)
                .Launch(LaunchShape.Vectors(vectors, output.Count));
        }
        else if (d is [{ IsKept: false }] or [{ IsKept: false }, { IsKept: true }])
        {
            SumRows(input, output.Count, d[0].Size, scale, output, accumulate);
        }
        else if (d is [{ IsKept: true }])
        {
            // Sums of bfloat16 are in single precision, those of one element too.
            SumColumns(input, 1, 1, d[0].Size, scale, output, accumulate);
        }
        else if (d is [{ IsKept: true }, { IsKept: false }] or [{ IsKept: true }, { IsKept: false }, { IsKept: true }])
        {
            SumColumns(input, d.Count == 3 ? d[2].Size : 1, d[1].Size, d[0].Size, scale, output, accumulate);
        }
        else
        {
            SumGeneral(input, d, scale, output, accumulate);
        }
    }

    /// <inheritdoc/>
    public void Max(Tensor input, Tensor? output, Tensor? indices)
    {
        int length = input.Shape[-1];
        long rows = input.Count / length;
        context.Kernel(Module, "row_max").Tensor(input).Count(rows).Count(length).Tensor(output).Tensor(indices).Launch(LaunchShape.Rows(rows));
    }

    /// <inheritdoc/>
    public void MaxBackward(Tensor indices, Tensor gradOutput, Tensor gradInput, bool accumulate) =>
        context.Kernel(Module, "row_max_backward").Tensor(indices).Tensor(gradOutput).Count(gradInput.Shape[-1]).Tensor(gradInput).Flag(accumulate).Count(gradInput.Count)
            .Launch(LaunchShape.Linear(gradInput.Count));

    private void SumRows(Tensor input, long rows, long length, double scale, Tensor output, bool accumulate)
    {
        if (length <= ShortRow || rows > MostGridYZ)
        {
            context.Kernel(Module, "sum_rows", input.DType).Tensor(input).Count(rows).Count(length).Double(scale).Tensor(output).Flag(accumulate).Launch(LaunchShape.Rows(rows));
            return;
        }

        long chunks = Math.Min(LaunchShape.Ceiling(length, ElementsOfChunk), MostChunks);
        using Scratch partials = context.Scratch(rows * chunks * sizeof(double));
        context.Kernel(Module, "sum_chunks", input.DType).Tensor(input).Count(length).Flag(length % 4 == 0 && context.IsAligned(input)).Pointer(partials.Address)
            .Launch(LaunchShape.Blocks(chunks, (int)rows));
        context.Kernel(Module, "sum_partial_rows").Pointer(partials.Address).Count(rows).Count(chunks).Double(scale).Tensor(output).Flag(accumulate).Launch(LaunchShape.Rows(rows));
    }

    // Where rows are few, threads enough for the outputs read all there is; and there are sizes that no grid holds.
    private void SumColumns(Tensor input, long outer, long rows, long inner, double scale, Tensor output, bool accumulate)
    {
        if (rows <= FewRows || outer > MostGridYZ || inner > MostGridYZ * 32)
        {
            context.Kernel(Module, "sum_strided", input.DType).Tensor(input).Count(outer * inner).Count(rows).Count(inner).Double(scale).Tensor(output).Flag(accumulate)
                .Launch(LaunchShape.Linear(outer * inner));
            return;
        }

        (int groups, int channels) = ((int)outer, (int)inner);
        ChannelLaunch sums = ChannelLaunch.Summing(groups, rows, channels, context.IsAligned(input));
        using Scratch partials = context.Scratch((long)groups * sums.Chunks * channels * sizeof(double));
        context.Kernel(Module, "sum_columns", input.DType).Tensor(input).Count(rows).Count(channels).Int(sums.Width).Pointer(partials.Address).Launch(sums.Shape);
        context.Kernel(Module, "sum_columns_finish").Pointer(partials.Address).Count(sums.Chunks).Count(channels).Double(scale).Tensor(output).Flag(accumulate)
            .Launch(LaunchShape.Columns(channels, groups));
    }

    private void SumGeneral(Tensor input, List<ReducedDimension> dimensions, double scale, Tensor output, bool accumulate)
    {
        if (output.Count == 0)
        {
            return;
        }

        KernelCall call = context.Kernel(Module, "sum_general", input.DType).Tensor(input);
        foreach (bool kept in (bool[])[true, false])
        {
            // Five dimensions that alternate are at most three of a kind.
            ReducedDimension[] kind = [.. dimensions.Where(d => d.IsKept == kept)];
            if (!kept)
            {
                call.Count(kind.Aggregate(1L, static (product, d) => product * d.Size));
            }

            for (int i = 0; i < DimensionsOfKind - 1; i++)
            {
                call.Count(i < kind.Length ? kind[i].Size : 1);
            }

            for (int i = 0; i < DimensionsOfKind; i++)
            {
                call.Count(i < kind.Length ? kind[i].Step : 0);
            }
        }

        call.Double(scale).Tensor(output).Flag(accumulate).Launch(LaunchShape.Blocks(output.Count));
    }
}
