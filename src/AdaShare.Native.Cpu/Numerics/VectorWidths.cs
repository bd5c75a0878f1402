using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>What this processor offers of <see cref="VectorWidth"/>.</summary>
internal static class VectorWidths
{
    /// <summary>The widths that can be asked for here, the narrowest first.</summary>
    public static IReadOnlyList<VectorWidth> Supported { get; } =
        [.. new[] { VectorWidth.Scalar, VectorWidth.Bits128, VectorWidth.Bits256, VectorWidth.Bits512 }.Where(IsSupported)];

    /// <summary>What <see cref="VectorWidth.Auto"/> stands for. Processors that slow down for 512 bits are not counted as accelerating them.</summary>
    public static VectorWidth Widest { get; } = Vector512.IsHardwareAccelerated ? Supported[^1] : Supported.Last(static w => w <= VectorWidth.Bits256);

    /// <summary>Whether the processor has vectors of a width, and for 256 bits and more the fused multiply-add.</summary>
    public static bool IsSupported(VectorWidth width) => width switch
    {
        VectorWidth.Bits128 => Vector128.IsHardwareAccelerated,
        VectorWidth.Bits256 => Vector256.IsHardwareAccelerated && Fma.IsSupported,
        VectorWidth.Bits512 => Avx512F.IsSupported,
        _ => true,
    };

    /// <summary>The width to compute in.</summary>
    /// <exception cref="ConfigurationException">The processor does not have it, or there is no such width.</exception>
    public static VectorWidth Resolve(VectorWidth wanted) => wanted == VectorWidth.Auto ? Widest : Resolve(wanted, Supported);

    /// <summary>The same for given widths.</summary>
    /// <exception cref="ConfigurationException"><paramref name="wanted"/> is not among them.</exception>
    public static VectorWidth Resolve(VectorWidth wanted, IReadOnlyList<VectorWidth> supported) =>
        supported.Contains(wanted)
            ? wanted
            : throw new ConfigurationException($"cpu: vector width {wanted} was asked for, this processor has {string.Join(", ", supported)}; ask for one of these, or for {VectorWidth.Auto}");

    /// <summary>A width in words.</summary>
    public static string Describe(VectorWidth width) => width switch
    {
        VectorWidth.Bits512 => "512-bit vectors",
        VectorWidth.Bits256 => "256-bit vectors",
        VectorWidth.Bits128 => "128-bit vectors",
        _ => "no vectors",
    };
}
