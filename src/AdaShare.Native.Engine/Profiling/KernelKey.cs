using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>What calls have in common that are booked together: the part of the computation, the kernel, its sizes.</summary>
/// <param name="Section">The part of the computation.</param>
/// <param name="Family">The op family, for example <c>convolution</c>.</param>
/// <param name="Kernel">The kernel within it, for example <c>forward</c>.</param>
/// <param name="Shape">The shape of the largest operand; of a matrix product [M, N, K]; empty for convolutions and where calls of all sizes are booked together.</param>
/// <param name="Type">The element type of the largest operand.</param>
/// <param name="Convolution">The sizes of a convolution, otherwise null.</param>
internal readonly record struct KernelKey(Section Section, string Family, string Kernel, Shape Shape, DType Type, Conv2dGeometry? Convolution)
{
    /// <summary>The family of convolutions.</summary>
    public const string ConvolutionFamily = "convolution";

    /// <summary>The family of matrix products.</summary>
    public const string MatrixFamily = "matrix";

    /// <summary>Multiply-adds of one call: those of convolutions and matrix products, taps in the padding left out; 0 for all else.</summary>
    public long MultiplyAdds => Convolution?.UsefulMultiplyAdds ?? (Family == MatrixFamily ? Shape.Count : 0);

    /// <summary>For example <c>convolution forward 3x3 d6 512>1024 [16, 41, 41]</c>.</summary>
    public string Name => $"{Family} {Kernel}{Sizes()}{(Type == DType.Float32 ? "" : " " + Type.ToString().ToLowerInvariant())}";

    private string Sizes()
    {
        if (Convolution is not { } g)
        {
            return Shape.Rank == 0 ? "" : $" {Shape}";
        }

        Conv2dOptions o = g.Options;
        return $" {g.KernelHeight}x{g.KernelWidth}{Pair('s', o.StrideHeight, o.StrideWidth)}{Pair('d', o.DilationHeight, o.DilationWidth)} {g.InputChannels}>{g.OutputChannels} " +
            $"[{g.Batch}, {g.OutputHeight}, {g.OutputWidth}]";
    }

    private static string Pair(char letter, int height, int width) => (height, width) == (1, 1) ? "" : height == width ? $" {letter}{height}" : $" {letter}{height}x{width}";
}
