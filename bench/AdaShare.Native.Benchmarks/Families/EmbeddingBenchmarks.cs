using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Ops;

namespace AdaShare.Native.Benchmarks.Families;

/// <summary>The look-up that VD-CNN begins with: every character of a batch of texts, 16 numbers each.</summary>
internal static class EmbeddingBenchmarks
{
    private const int Characters = 70;
    private const int Columns = 16;

    public static IEnumerable<BenchmarkCase> Of(BenchmarkScale scale)
    {
        var texts = new Extents(('N', scale.Texts), ('L', scale.TextLength), ('V', Characters), ('E', Columns));
        Operand ids = Operand.Bytes("ids", "NL", Fills.Integers(0, Characters));
        return
        [
            Case("look-up", texts, [ids, Operand.Activation("table", "VE"), Operand.Activation("output", "NLE").Written()], static (backend, x) => () =>
                backend.Embedding.Forward(x[0], x[1], x[2])) with
            {
                Samples = [('N', 1)],
            },
            Case("look-up-backward", texts, [ids, Operand.Activation("gradient of output", "NLE"), Operand.Parameter("gradient of table", "VE").Written()], static (backend, x) => () =>
                backend.Embedding.Backward(x[0], x[1], paddingIndex: 0, x[2], accumulate: false)) with
            {
                Samples = [('E', 4)],
            },
        ];
    }

    private static BenchmarkCase Case(string variant, Extents extents, Operand[] operands, KernelCall call) => new("embedding", variant, extents, operands, call) { Ops = [nameof(EmbeddingOps.Embedding)] };
}
