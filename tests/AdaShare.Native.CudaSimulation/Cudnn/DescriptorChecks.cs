using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.CudaSimulation.Cudnn;

/// <summary>What finalizing checks beyond the presence of attributes. Each gives what is wrong, or null.</summary>
internal static class DescriptorChecks
{
    public static string? Tensor(BackendDescriptor tensor)
    {
        long[] dimensions = tensor.Longs(CudnnAttribute.TensorDimensions), strides = tensor.Longs(CudnnAttribute.TensorStrides);
        long alignment = tensor.Longs(CudnnAttribute.TensorByteAlignment)[0];
        var type = (CudnnDataType)tensor.Int(CudnnAttribute.TensorDataType);
        if (dimensions.Length != strides.Length || dimensions.Length < 3)
        {
            return $"a tensor has {dimensions.Length} dimensions and {strides.Length} strides";
        }

        if (Array.Exists(dimensions, static d => d <= 0) || Array.Exists(strides, static s => s <= 0))
        {
            return "dimensions and strides of a tensor are positive";
        }

        if (type is not (CudnnDataType.Float or CudnnDataType.Bfloat16))
        {
            return $"the data type {(int)type} is not simulated";
        }

        // Two elements at one place: sort by stride, each must step over what the smaller ones cover.
        int[] order = [.. Enumerable.Range(0, dimensions.Length).Where(d => dimensions[d] > 1).OrderBy(d => strides[d])];
        long covered = 1;
        foreach (int d in order)
        {
            if (strides[d] < covered)
            {
                return $"strides {string.Join(", ", strides)} of dimensions {string.Join(", ", dimensions)} let elements overlap";
            }

            covered = strides[d] * (dimensions[d] - 1) + covered;
        }

        return alignment < (type == CudnnDataType.Bfloat16 ? 2 : 4) || (alignment & (alignment - 1)) != 0 ? $"{alignment} is no alignment of such elements" : null;
    }

    public static string? Window(BackendDescriptor window)
    {
        long dimensions = window.Longs(CudnnAttribute.ConvolutionSpatialDimensions)[0];
        long[] before = window.Longs(CudnnAttribute.ConvolutionPrePaddings), after = window.Longs(CudnnAttribute.ConvolutionPostPaddings);
        long[] dilations = window.Longs(CudnnAttribute.ConvolutionDilations), strides = window.Longs(CudnnAttribute.ConvolutionFilterStrides);
        if (dimensions != 2 || new[] { before, after, dilations, strides }.Any(values => values.Length != dimensions))
        {
            return "only convolutions over two dimensions are simulated, with two paddings before and after, dilations and strides";
        }

        if (window.Int(CudnnAttribute.ConvolutionComputeType) != (int)CudnnDataType.Float)
        {
            return "the compute type is not float";
        }

        return Array.Exists(before, static v => v < 0) || Array.Exists(after, static v => v < 0) || Array.Exists(dilations, static v => v < 1) || Array.Exists(strides, static v => v < 1)
            ? "paddings are 0 or more, dilations and strides 1 or more"
            : null;
    }

    public static string? Operation(BackendDescriptor operation, OperationAttributes names)
    {
        BackendDescriptor x = operation.Descriptor(names.Input), w = operation.Descriptor(names.Filter), y = operation.Descriptor(names.Output);
        BackendDescriptor window = operation.Descriptor(names.Convolution);
        long[] input = x.Longs(CudnnAttribute.TensorDimensions), filter = w.Longs(CudnnAttribute.TensorDimensions), output = y.Longs(CudnnAttribute.TensorDimensions);
        if (input.Length != 4 || filter.Length != 4 || output.Length != 4)
        {
            return "the tensors of a convolution over two dimensions have four";
        }

        long[] expected = [input[0], filter[0], Extent(window, input, filter, 0), Extent(window, input, filter, 1)];
        if (!output.SequenceEqual(expected) || filter[1] != input[1])
        {
            return $"input {string.Join("x", input)} and filter {string.Join("x", filter)} give an output {string.Join("x", expected)}, not {string.Join("x", output)}";
        }

        long[] ids = [.. new[] { x, w, y }.Select(static tensor => tensor.Longs(CudnnAttribute.TensorUniqueId)[0])];
        return ids.Distinct().Count() < 3 ? "two tensors have the same identifier" : null;
    }

    public static string? VariantPack(BackendDescriptor pack)
    {
        long[] ids = pack.Longs(CudnnAttribute.VariantPackUniqueIds), pointers = pack.Longs(CudnnAttribute.VariantPackDataPointers);
        return ids.Length != pointers.Length ? $"{ids.Length} identifiers and {pointers.Length} pointers" : ids.Distinct().Count() < ids.Length ? "an identifier appears twice" : null;
    }

    private static long Extent(BackendDescriptor window, long[] input, long[] filter, int d)
    {
        long padded = input[2 + d] + window.Longs(CudnnAttribute.ConvolutionPrePaddings)[d] + window.Longs(CudnnAttribute.ConvolutionPostPaddings)[d];
        long reach = ((filter[2 + d] - 1) * window.Longs(CudnnAttribute.ConvolutionDilations)[d]) + 1;
        return ((padded - reach) / window.Longs(CudnnAttribute.ConvolutionFilterStrides)[d]) + 1;
    }
}
