using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests.Safety;

/// <summary>What would touch memory that is not a tensor's is refused.</summary>
[TestFixture]
public sealed class SafetyTests
{
    [Test]
    public void After_its_release_a_backend_neither_reads_nor_writes()
    {
        var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        var step = new Step(backend);
        Tensor x = step.FromHost<float>(new Shape(3), [1, 2, 3]);
        backend.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => x.ToArray<float>(), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("has been disposed"));
            Assert.That(() => x.CopyFrom<float>([4, 5, 6]), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => step.Relu(x), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => backend.Elementwise.Fill(x, 1), Throws.InstanceOf<ObjectDisposedException>(), "kernels that are called directly have no address either");
            Assert.That(() => backend.Allocate(8), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(step.Dispose, Throws.Nothing);
        });
    }

    [Test]
    public void Tensors_of_another_backend_are_named()
    {
        using CpuBackend backend = new(new CpuBackendOptions { Threads = 1 }), other = new(new CpuBackendOptions { Threads = 1 });
        using Step step = new(backend), there = new(other);
        Tensor x = there.FromHost<float>(new Shape(1), [1]);
        Assert.That(() => step.Relu(x), Throws.TypeOf<ShapeException>().With.Message.Contains("lies on cpu").And.Message.Contains("a backend of its own"));
        Assert.That(() => backend.Upload(new byte[4], x), Throws.TypeOf<DeviceException>().With.Message.Contains("another backend"));
    }

    [TestCase(long.MaxValue)]
    [TestCase(1L << 60)]
    public void No_size_is_too_large_to_be_refused(long bytes)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Assert.That(() => backend.Allocate(bytes), Throws.TypeOf<DeviceException>().With.Message.Contains($"{bytes} bytes"));
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    // 11 channels: eight in a vector, three one by one.
    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void A_max_pool_keeps_what_is_not_a_number(DType type)
    {
        const int Channels = 11;
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var step = new Step(backend);
        var values = new double[4 * Channels];
        for (int c = 0; c < Channels; c++)
        {
            // Pixels 1 and 3 are not numbers; pixel 2 is the largest number.
            (values[c], values[Channels + c], values[(2 * Channels) + c], values[(3 * Channels) + c]) = (c, double.NaN, 100, double.NaN);
        }

        Tensor x = step.Watch(step.FromDoubles(new Shape(1, 2, 2, Channels), type, values));
        Tensor y = step.Keep(step.MaxPool2d(x, 2, 1));
        step.Backward(step.Sum(y));
        Assert.Multiple(() =>
        {
            Assert.That(y.ToDoubles(), Is.All.NaN);
            Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(Enumerable.Range(0, 4 * Channels).Select(static i => i / Channels == 1 ? 1.0 : 0.0)), "the first one has the gradient");
        });
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void A_k_max_pool_keeps_what_is_not_a_number_and_takes_the_earlier_ones(DType type)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var step = new Step(backend);
        Tensor x = step.Watch(step.FromDoubles(new Shape(1, 1, 8, 1), type, [1, double.NaN, 9, double.NegativeInfinity, double.PositiveInfinity, double.NaN, double.NaN, 9]));
        Tensor two = step.Keep(step.KMaxPool(x, 2)), five = step.KMaxPool(x, 5);
        double[] values = five.ToDoubles();
        step.Backward(step.Sum(two));
        Assert.Multiple(() =>
        {
            Assert.That(two.ToDoubles(), Is.All.NaN);
            Assert.That(step.GradientOf(x)!.ToDoubles(), Is.EqualTo(new double[] { 0, 1, 0, 0, 0, 1, 0, 0 }), "the first two that are no numbers");
            Assert.That(values, Is.EqualTo(new[] { double.NaN, 9, double.PositiveInfinity, double.NaN, double.NaN }), "then the largest, then the first 9");
        });
    }

    [Test]
    public void Threads_that_come_at_once_are_refused_or_get_their_own_numbers()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2, PoisonMemory = true });
        int refused = 0, done = 0;
        string? wrong = null;
        void Work(int number)
        {
            for (int i = 0; i < 400; i++)
            {
                Step? step = null;
                try
                {
                    // Large enough to be computed on all threads of the backend.
                    step = new Step(backend);
                    Tensor x = step.New(new Shape(1 << 16), DType.Float32);
                    using (backend.Enter("test"))
                    {
                        backend.Elementwise.Fill(x, number);
                    }

                    Tensor sum = step.Sum(step.Square(x));
                    if (sum.Item() != (double)number * number * x.Count)
                    {
                        wrong = $"{sum.Item()} instead of {(double)number * number * x.Count}";
                    }

                    Interlocked.Increment(ref done);
                }
                catch (InvalidOperationException error) when (error.Message.Contains("one thread at a time", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref refused);
                }
                finally
                {
                    while (step is not null && !TryDispose(step))
                    {
                        Thread.Yield();
                    }
                }
            }
        }

        Thread[] threads = [.. Enumerable.Range(2, 3).Select(number => new Thread(() => Work(number)))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Multiple(() =>
        {
            Assert.That(wrong, Is.Null);
            Assert.That(done + refused, Is.EqualTo(1200));
            Assert.That(done, Is.Positive);
            Assert.That(backend.OpenSteps, Is.Zero);
            Assert.That(backend.Memory.LiveBuffers, Is.Zero);
        });
    }

    private static bool TryDispose(Step step)
    {
        try
        {
            step.Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
