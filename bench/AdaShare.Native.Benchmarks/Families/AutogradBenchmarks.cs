using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>What ops cost beyond their kernels: ten additions of a few numbers in a step, and the same recorded and run backward.</summary>
internal static class AutogradBenchmarks
{
    private const int Additions = 10;
    private const int Elements = 8;

    public static IEnumerable<BenchmarkCase> Of()
    {
        var extents = new Extents(('E', Elements));
        Operand input = Operand.Parameter("input", "E"), term = Operand.Parameter("term", "E"), output = Operand.Parameter("output", "E").Written();
        return
        [
            new("autograd", "ten-ops", extents, [input, term, output], static (backend, x) => () =>
            {
                using var step = new Step(backend, recordGradients: false);
                backend.Elementwise.Affine(Sum(step, x[0], x[1]), 1, 0, x[2], accumulate: false);
            })
            {
                MakesObjects = true,
            },
            new("autograd", "ten-ops-backward", extents, [input, term, output], static (backend, x) => () =>
            {
                using var step = new Step(backend);
                Tensor watched = step.Watch(x[0].View(x[0].Shape));
                step.Backward(step.Sum(Sum(step, watched, x[1])));
                backend.Elementwise.Affine(step.GradientOf(watched)!, 1, 0, x[2], accumulate: false);
            })
            {
                MakesObjects = true,
            },
        ];
    }

    private static Tensor Sum(Step step, Tensor input, Tensor term)
    {
        Tensor sum = input;
        for (int i = 0; i < Additions; i++)
        {
            sum = step.Add(sum, term);
        }

        return sum;
    }
}
