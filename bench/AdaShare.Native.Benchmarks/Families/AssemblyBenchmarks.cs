using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>Streams of the first stage brought together as one batch and taken apart (a view where nothing need be copied), channels joined, and a decision cut out of a task's sample.</summary>
internal static class AssemblyBenchmarks
{
    public static IEnumerable<BenchmarkCase> Of(NetworkShapes network)
    {
        Shape stage = network.Activations[1].Shape;
        var streams = new Extents(('N', stage[0]), ('H', stage[1]), ('W', stage[2]), ('C', stage[3]), ('S', network.Streams));
        return
        [
            ConcatStreams(streams, network.Streams),
            Slice(
                "slice-stream",
                streams,
                [Batch with { Touched = stage.Count }, Operand.Activation("stream", "NHWC").Written()],
                static (backend, x) => () => backend.Elementwise.CopyBlocks(x[0], x[1].Count, x[0].Count, x[1], 0, x[1].Count, blocks: 1, x[1].Count, accumulate: false)) with
            {
                Samples = [('C', 8)],
            },
            Slice(
                "slice-stream-backward",
                streams,
                [Operand.Activation("gradient of stream", "NHWC"), Batch.Updated() with { Touched = stage.Count }],
                static (backend, x) => () => backend.Elementwise.CopyBlocks(x[0], 0, x[0].Count, x[1], x[0].Count, x[1].Count, blocks: 1, x[0].Count, accumulate: true)) with
            {
                Samples = [('C', 8)],
            },
            ConcatChannels(streams),
            Slice(
                "slice-decision",
                new Extents(('D', network.Decisions)),
                [Operand.Parameter("sample", "D2") with { Touched = 2 }, Operand.Parameter("decision", "12").Written()],
                static (backend, x) => () => backend.Elementwise.CopyBlocks(x[0], x[0].Count - 2, x[0].Count, x[1], 0, 2, blocks: 1, 2, accumulate: false)),
        ];
    }

    private static Operand Batch => Operand.Activation("batch", "(SN)HWC");

    private static BenchmarkCase ConcatStreams(Extents extents, int streams) => Concat(
        "concat-streams",
        extents,
        [.. Enumerable.Range(1, streams).Select(static i => Operand.Activation($"stream {i}", "NHWC")), Batch.Written()],
        static (backend, x) => () =>
        {
            for (int i = 0; i < x.Count - 1; i++)
            {
                backend.Elementwise.CopyBlocks(x[i], 0, x[i].Count, x[^1], i * x[i].Count, x[^1].Count, blocks: 1, x[i].Count, accumulate: false);
            }
        });

    private static BenchmarkCase ConcatChannels(Extents extents) => Concat(
        "concat-channels",
        extents,
        [Operand.Activation("left", "NHWC"), Operand.Activation("right", "NHWC"), Operand.Activation("joined", "NHW(2C)").Written()],
        static (backend, x) =>
        {
            long channels = x[0].Shape[-1], pixels = x[0].Count / channels;
            return () =>
            {
                backend.Elementwise.CopyBlocks(x[0], 0, channels, x[2], 0, 2 * channels, pixels, channels, accumulate: false);
                backend.Elementwise.CopyBlocks(x[1], 0, channels, x[2], channels, 2 * channels, pixels, channels, accumulate: false);
            };
        });

    private static BenchmarkCase Concat(string variant, Extents extents, Operand[] operands, KernelCall call) =>
        new("assembly", variant, extents, operands, call) { Ops = [nameof(AssemblyOps.Concat), nameof(LayoutOps.Stack)], Samples = [('N', 1)] };

    private static BenchmarkCase Slice(string variant, Extents extents, Operand[] operands, KernelCall call) =>
        new("assembly", variant, extents, operands, call) { Ops = [nameof(AssemblyOps.Slice), nameof(AssemblyOps.Narrow)] };
}
