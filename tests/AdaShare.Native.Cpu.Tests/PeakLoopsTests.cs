using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Peaks;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>The loops that measure a processor's peaks do the work that they are timed for.</summary>
[TestFixture]
internal sealed class PeakLoopsTests
{
    private static IEnumerable<VectorWidth> Widths => VectorWidths.Supported;

    [Test]
    public void Triad_adds_a_multiple([ValueSource(nameof(Widths))] VectorWidth width, [Values(1, 17, 40_003)] int count, [Values] bool pastCaches)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { VectorWidth = width, Threads = 3, PoisonMemory = true });
        using var step = new Step(backend, recordGradients: false);
        float[] left = [.. Enumerable.Range(0, count).Select(static i => i * 0.5f)], right = [.. Enumerable.Range(0, count).Select(static i => 7f - i)];
        Tensor target = step.New(new Shape(count), DType.Float32);
        new CpuPeakLoops(backend).Triad(target, step.FromHost<float>(target.Shape, left), step.FromHost<float>(target.Shape, right), 0.25f, pastCaches);
        Assert.That(target.ToArray<float>(), Is.EqualTo(left.Zip(right, static (a, b) => a + (0.25f * b))));
    }

    [Test]
    public void Triad_may_be_in_place()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using var step = new Step(backend, recordGradients: false);
        Tensor target = step.FromHost<float>(new Shape(3), [1, 2, 3]);
        new CpuPeakLoops(backend).Triad(target, target, step.FromHost<float>(target.Shape, [4, 8, 12]), 0.5f, pastCaches: false);
        Assert.That(target.ToArray<float>(), Is.EqualTo(new float[] { 3, 6, 9 }));
    }

    [Test]
    public void Multiply_adds_are_those_of_all_threads_and_lanes([ValueSource(nameof(Widths))] VectorWidth width)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { VectorWidth = width, Threads = 2 });
        var loops = new CpuPeakLoops(backend);
        int lanes = width switch
        {
            VectorWidth.Bits512 => 16,
            VectorWidth.Bits256 => 8,
            VectorWidth.Bits128 => 4,
            _ => 1,
        };
        Assert.That(loops.MultiplyAdd(1000), Is.EqualTo(2L * 12 * 1000 * lanes));
        Assert.That(() => loops.MultiplyAdd(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Triad_refuses_other_sizes()
    {
        using var backend = new CpuBackend();
        using var step = new Step(backend, recordGradients: false);
        Tensor three = step.New(new Shape(3), DType.Float32), four = step.New(new Shape(4), DType.Float32);
        Assert.That(() => new CpuPeakLoops(backend).Triad(three, three, four, 1, pastCaches: false), Throws.InstanceOf<ShapeException>());
    }
}
