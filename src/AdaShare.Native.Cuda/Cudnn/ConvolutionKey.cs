using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Cuda.Cudnn;

/// <summary>The three products of a convolution.</summary>
internal enum ConvolutionKind
{
    /// <summary>Output from input and filter.</summary>
    Forward,

    /// <summary>Input's gradient from filter and output's gradient.</summary>
    BackwardInput,

    /// <summary>Filter's gradient from input and output's gradient.</summary>
    BackwardFilter,
}

/// <summary>Everything that decides which plan runs a convolution.</summary>
/// <param name="Kind">Which product.</param>
/// <param name="Geometry">Sizes, stride, padding, dilation.</param>
/// <param name="Type">The type of all three tensors.</param>
/// <param name="Alignment">Bytes to which all three addresses are multiples, at most 16.</param>
/// <param name="Accumulate">Whether the result is added to what is there.</param>
internal readonly record struct ConvolutionKey(ConvolutionKind Kind, Conv2dGeometry Geometry, CudnnDataType Type, int Alignment, bool Accumulate)
{
    /// <summary>The key of a file of measured engines.</summary>
    public override string ToString()
    {
        (Conv2dGeometry g, Conv2dOptions o) = (Geometry, Geometry.Options);
        return $"{Kind} {Type} n{g.Batch} {g.InputHeight}x{g.InputWidth}x{g.InputChannels}>{g.OutputChannels} k{g.KernelHeight}x{g.KernelWidth} " +
            $"s{o.StrideHeight}x{o.StrideWidth} p{o.PadHeight}x{o.PadWidth} d{o.DilationHeight}x{o.DilationWidth} nhwc a{Alignment}{(Accumulate ? " added" : string.Empty)}";
    }
}
