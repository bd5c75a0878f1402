using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>Parameters that are filled in the order of memory by several threads hold what a copy from PyTorch's order would.</summary>
internal sealed class ParameterFillTests
{
    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void AParameterHoldsTheInitialisersNumbers(DType type)
    {
        using var backend = new CpuBackend();
        using var store = new ParameterStore();
        ParameterGroup group = store.Group("g");

        // More elements than fit into one buffer, and rows that no piece ends with.
        Parameter filter = group.Add("filter", new Shape(130, 1201, 3, 3), Initializers.Normal(1, 2), isFilter: true);
        Parameter plain = group.Add("plain", new Shape(3, 40_001), Initializers.Uniform(0.5));
        Parameter one = group.Add("one", new Shape(1), Initializers.Constant(7));
        store.Allocate(backend, type);
        store.Initialize(5);
        Assert.That(filter.Count, Is.GreaterThan(1 << 20));
        RandomStream normal = RandomStream.For(5, "initialize/filter"), uniform = RandomStream.For(5, "initialize/plain");
        Check(filter, i => 1 + (2 * normal.Normal((ulong)i)));
        Check(plain, i => 0.5 * ((2 * uniform.UniformDouble((ulong)i)) - 1));
        Check(one, static _ => 7);
    }

    private static void Check(Parameter parameter, Func<long, double> expected)
    {
        double[] actual = parameter.Value.ToDoubles();
        bool single = parameter.Value.DType == DType.Float32;
        for (int i = 0; i < actual.Length; i++)
        {
            double value = expected(i);
            if (actual[i] != (single ? (float)value : value))
            {
                Assert.Fail($"{parameter.Name}: element {i} is {actual[i]:r}, expected {value:r}");
            }
        }
    }
}
