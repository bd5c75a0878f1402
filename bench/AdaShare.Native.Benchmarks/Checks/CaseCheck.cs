using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Timing;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Checks;

/// <summary>What a check of a case found.</summary>
/// <param name="Extent">How much was compared: <c>whole</c>, or <c>sample and reduced</c>.</param>
/// <param name="Differences">What differs from the reference; empty if nothing.</param>
internal sealed record CheckResult(string Extent, IReadOnlyList<string> Differences);

/// <summary>Holds what is about to be timed against the reference backend in double precision.</summary>
/// <param name="backend">The backend under test.</param>
/// <param name="operands">Makes the tensors.</param>
/// <param name="tolerances">How far results may be off.</param>
/// <param name="reduced">For each key the case at sizes that the reference computes whole.</param>
internal sealed class CaseCheck(Backend backend, OperandSet operands, Tolerances tolerances, IReadOnlyDictionary<string, BenchmarkCase> reduced)
{
    // About half a second of the reference.
    private const long MostReferenceWork = 40_000_000;

    private static readonly Dictionary<char, AxisRange> Everything = [];

    /// <summary>
    /// Compares all results at the timed shape or, where the reference would take too long, a sample of them there (the same call, on the same operands) and all results of the same call at
    /// a small shape.
    /// </summary>
    public CheckResult Run(BenchmarkCase benchmark) => benchmark.Samples.Count == 0 || benchmark.ReferenceWork <= MostReferenceWork
        ? new CheckResult("whole", Whole(benchmark))
        : new CheckResult("sample and reduced", [.. Whole(reduced[benchmark.Key]).Select(static difference => "at the reduced shape, " + difference), .. Compare(benchmark, Sample(benchmark))]);

    /// <summary>What differs at the case's own shape, all results compared.</summary>
    public IReadOnlyList<string> Whole(BenchmarkCase benchmark) => Compare(benchmark, Everything);

    /// <summary>What differs in a sample of the results. Those that every index of a sampled axis has a say in are left out.</summary>
    public IReadOnlyList<string> Sampled(BenchmarkCase benchmark) => Compare(benchmark, Sample(benchmark));

    // The last indices: what a kernel does at the end of its ranges is what most often goes wrong.
    private static Dictionary<char, AxisRange> Sample(BenchmarkCase benchmark) => benchmark.Samples.ToDictionary(static sample => sample.Axis, sample =>
    {
        int size = benchmark.Extents[sample.Axis], count = Math.Min(size, sample.Count);
        return new AxisRange(benchmark.IsPositional ? 0 : size - count, count);
    });

    private List<string> Compare(BenchmarkCase benchmark, IReadOnlyDictionary<char, AxisRange> ranges)
    {
        using var step = new Step(backend, recordGradients: false);
        Tensor[] tensors = operands.Make(step, benchmark, number: 0);
        double[][] inputs = [.. benchmark.Operands.Select((operand, i) => TensorPart.Read(tensors[i], operand.Axes, benchmark.Extents, ranges))];
        benchmark.Call(backend, tensors)();

        // The reference starts from what the device's tensors hold, rounding to their types included.
        using var reference = new ReferenceBackend();
        using var referenceStep = new Step(reference, recordGradients: false);
        Extents extents = benchmark.Extents.With(ranges);
        Tensor[] expected = OperandSet.Make(referenceStep, benchmark, extents, inputs, DType.Float64);
        benchmark.Call(reference, expected)();

        var differences = new List<string>();
        for (int i = 0; i < tensors.Length; i++)
        {
            Operand operand = benchmark.Operands[i];
            if (operand.Use == OperandUse.Read || ranges.Keys.Any(axis => !operand.Axes.Contains(axis)))
            {
                continue;
            }

            Shape shape = extents.ShapeOf(operand.Axes);
            var actual = new HostArray(shape, TensorPart.Read(tensors[i], operand.Axes, benchmark.Extents, ranges));
            differences.AddRange(Comparison.Differences(operand.Name, actual, new HostArray(shape, expected[i].ToDoubles()), tolerances.Of(benchmark, operand)));
        }

        return differences;
    }
}
