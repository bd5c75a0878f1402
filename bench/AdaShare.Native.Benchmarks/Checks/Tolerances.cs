using AdaShare.Native.Benchmarks.Catalogue;

namespace AdaShare.Native.Benchmarks.Checks;

/// <summary>How far a result may be from double precision, as a share of the largest magnitude of the result.</summary>
/// <param name="Products">For convolutions and matrix products.</param>
/// <param name="Single">For everything else.</param>
/// <param name="Activations">What storing activations in their type may add.</param>
internal sealed record Tolerances(double Products, double Single, double Activations)
{
    // Sums of thousands of products in single precision, in any order.
    private const double Exact = 1e-5;

    // Winograd's F(4x4, 3x3) multiplies by numbers up to 24 and back.
    private const double Winograd = 5e-5;

    // Factors with 10 bits of mantissa; errors of a sum's terms mostly cancel.
    private const double Tf32 = 4e-3;

    // Factors with 7 bits of mantissa; numbers that are stored in them lie up to one in 128 apart.
    private const double Bfloat16 = 3e-2;
    private const double Bfloat16Step = 1.0 / 128;

    /// <summary>The tolerances of a device and its numerics.</summary>
    /// <param name="device">For example <c>cpu</c> or <c>cuda:0</c>.</param>
    /// <param name="numerics"><c>exact</c>, <c>fast</c> or <c>bfloat16</c>.</param>
    public static Tolerances Of(string device, string numerics) => numerics switch
    {
        "exact" => new Tolerances(Exact, Exact, 0),
        "fast" => new Tolerances(device.StartsWith("cuda", StringComparison.Ordinal) ? Tf32 : Winograd, Exact, 0),
        _ => new Tolerances(Bfloat16, Exact, Bfloat16Step),
    };

    /// <summary>The tolerance of a result.</summary>
    /// <param name="benchmark">The case.</param>
    /// <param name="operand">Which of its operands.</param>
    public double Of(BenchmarkCase benchmark, Operand operand) =>
        (benchmark.Rounding == Rounding.Products ? Products : Single) + (operand.Kind == OperandKind.Activation ? Activations : 0);
}
