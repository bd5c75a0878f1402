using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>An activation of the first stage in another order: channels first (every element's neighbour changes), rows before columns (channels stay together), in reverse, padded, repeated.</summary>
internal static class LayoutBenchmarks
{
    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        Shape stage = network.Activations[1].Shape;
        var extents = new Extents(('N', stage[0]), ('H', stage[1]), ('W', stage[2]), ('C', stage[3]), ('P', stage[2] + 2));
        return
        [
            Permuted("channels-first", extents, "NCHW", [0, 3, 1, 2], [nameof(LayoutOps.Permute)]),
            Permuted("exchange-rows-and-columns", extents, "NWHC", [0, 2, 1, 3], [nameof(LayoutOps.Transpose)]),
            new BenchmarkCase("layout", "flip-columns", extents, [Input, Operand.Activation("output", "NHWC").Written()], static (backend, x) =>
            {
                var from = Strides.Of(x[0].Shape);
                from.Start = from[2] * (x[0].Shape[2] - 1);
                from[2] = -from[2];
                return () => backend.Elementwise.CopyStrided(x[0], from, x[1], Strides.Of(x[1].Shape), x[1].Shape, accumulate: false);
            })
            {
                Ops = [nameof(LayoutOps.Flip), nameof(LayoutOps.SliceRange)],
                Samples = [('N', 1)],
            },
            new BenchmarkCase("layout", "pad-columns", extents, [Input, Operand.Activation("output", "NHPC").Updated() with { Touched = stage.Count }], static (backend, x) =>
            {
                var to = Strides.Of(x[1].Shape);
                to.Start = to[2];
                return () => backend.Elementwise.CopyStrided(x[0], Strides.Of(x[0].Shape), x[1], to, x[0].Shape, accumulate: false);
            })
            {
                Ops = [nameof(LayoutOps.Pad)],
                Samples = [('C', 8)],
            },
            new BenchmarkCase("layout", "repeat-channels", extents, [Operand.Activation("input", "C"), Operand.Activation("output", "NHWC").Written()], static (backend, x) => () =>
                backend.Elementwise.Affine(x[0], 1, 0, x[1], accumulate: false))
            {
                Ops = [nameof(LayoutOps.BroadcastTo)],
                Samples = [('N', 1)],
            },
        ];
    }

    private static Operand Input => Operand.Activation("input", "NHWC");

    private static BenchmarkCase Permuted(string variant, Extents extents, string axes, int[] order, string[] ops) =>
        new("layout", variant, extents, [Input, Operand.Activation("output", axes).Written()], (backend, x) =>
        {
            Strides whole = Strides.Of(x[0].Shape), from = default;
            for (int d = 0; d < order.Length; d++)
            {
                from[d] = whole[order[d]];
            }

            return () => backend.Elementwise.CopyStrided(x[0], from, x[1], Strides.Of(x[1].Shape), x[1].Shape, accumulate: false);
        })
        {
            Ops = ops,
            Samples = [('N', 1)],
        };
}
