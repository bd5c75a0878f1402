using AdaShare.Native.Cpu.Kernels;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class EmbeddingTests(DType type)
{
    [TestCase(5, 3, null)]
    [TestCase(70, 16, 0)]
    [TestCase(1000, 16, null)]
    [TestCase(50_000, 16, 49_999)]
    public void The_gradient_of_a_text_in_which_one_id_is_every_third(int rows, int columns, int? paddingIndex)
    {
        const int Count = 5000;
        int[] ids = [.. Enumerable.Range(0, Count).Select(i => i % 3 == 0 ? rows - 1 : (int)((i * 7919L) % rows))];
        var shape = new Shape(5, Count / 5);
        double[] dy = Bench.Normal(type, (long)Count * columns, "dy"), expected = new double[rows * columns];
        for (int i = 0; i < dy.Length; i++)
        {
            expected[(ids[i / columns] * columns) + (i % columns)] += ids[i / columns] == paddingIndex ? 0 : dy[i];
        }

        foreach (bool accumulate in new[] { false, true })
        {
            double[][] actual = Bench.Run(type, b =>
            {
                Tensor gradient = b.Target(new Shape(rows, columns), accumulate);
                new EmbeddingKernels(b.Threads).Backward(b.Integers(shape, ids), b.Of(new Shape(5, Count / 5, columns), dy), paddingIndex, gradient, accumulate);
                return [gradient];
            });
            Bench.Near(type, actual[0], Array.ConvertAll(expected, v => v + (accumulate ? 0.75 : 0)));
        }
    }

    [TestCase(DType.Int32, 4)]
    [TestCase(DType.Int32, -1)]
    [TestCase(DType.Int32, int.MaxValue)]
    [TestCase(DType.UInt8, 255)]
    public void An_id_that_is_no_row_is_named_with_its_position(DType ids, int wrong)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var step = new Step(backend);
        Tensor table = step.FromDoubles(new Shape(4, 2), type, new double[8]);
        var shape = new Shape(2, 3);
        Tensor numbers = ids == DType.Int32 ? step.FromHost<int>(shape, [0, 1, 2, 3, wrong, 0]) : step.FromHost<byte>(shape, [0, 1, 2, 3, (byte)wrong, 0]);
        AdaShareException error = Assert.Throws<AdaShareException>(() => step.Embedding(numbers, table))!;
        Assert.That(error.Message, Does.Contain($"id 4 of [2, 3] is {wrong}").And.Contain("which has 4: 0 to 3").And.Not.Contain("\n"));
        Assert.That(
            () => backend.Embedding.Backward(numbers, step.FromDoubles(new Shape(2, 3, 2), type, new double[12]), null, step.New(table.Shape, type), accumulate: false),
            Throws.TypeOf<AdaShareException>());
    }
}
