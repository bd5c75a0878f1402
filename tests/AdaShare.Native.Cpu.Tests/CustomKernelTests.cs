using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Checks;
using AdaShare.Native.Engine.CustomOps;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>What a kernel that is written outside the backend has of it: elements and loops.</summary>
[TestFixture]
public sealed class CustomKernelTests
{
    [Test]
    public void Elements_are_read_and_written_where_the_tensor_lies()
    {
        using CpuBackend backend = Of(1);
        using var step = new Step(backend);
        Tensor whole = step.FromHost<float>(new Shape(5), [1, 2, 3, 4, 5]);
        Assert.That(backend.Read<float>(whole).ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5 }));
        backend.Write<float>(whole.Part(1, new Shape(2))).Span.Fill(9);
        Assert.That(whole.ToArray<float>(), Is.EqualTo(new float[] { 1, 9, 9, 4, 5 }));
        Assert.That(backend.Read<int>(step.FromHost<int>(new Shape(2), [7, -7])).ToArray(), Is.EqualTo(new[] { 7, -7 }));
        Assert.That(backend.Read<byte>(step.New(new Shape(0), DType.UInt8)).Length, Is.Zero);
    }

    [Test]
    public unsafe void Memory_can_be_pinned()
    {
        using CpuBackend backend = Of(1);
        using var step = new Step(backend);
        Tensor tensor = step.FromHost<double>(new Shape(3), [1, 2, 3]);
        using System.Buffers.MemoryHandle handle = backend.Write<double>(tensor)[1..].Pin();
        *(double*)handle.Pointer = 8;
        Assert.That(tensor.ToArray<double>(), Is.EqualTo(new double[] { 1, 8, 3 }));
    }

    [Test]
    public void Another_type_another_backend_and_freed_memory_are_refused_in_a_sentence()
    {
        using CpuBackend backend = Of(1), other = Of(1);
        using var step = new Step(backend);
        Tensor tensor = step.FromHost<float>(new Shape(2), [1, 2]);
        Assert.That(() => backend.Read<double>(tensor), Throws.TypeOf<ShapeException>().With.Message.EqualTo(
            "read: the tensor is Float32 [2] with 2 elements, asked for as Double; ask for its own type, and for at most 2147483647 elements at a time"));
        Assert.That(() => backend.Write<short>(tensor), Throws.TypeOf<NotSupportedException>().With.Message.Contains("not Int16"));
        Assert.That(() => other.Read<float>(tensor), Throws.TypeOf<DeviceException>().With.Message.Contains("read: the tensor Float32 [2] lies on another backend"));
        ReadOnlyMemory<float> kept = backend.Read<float>(tensor);
        step.Release(tensor);
        Assert.That(() => backend.Write<float>(tensor), Throws.TypeOf<ObjectDisposedException>().With.Message.StartsWith("write: the tensor Float32 [2] has been freed"));
        Assert.That(() => kept.Span.Length, Throws.TypeOf<ObjectDisposedException>(), "memory that somebody has kept is refused too");
    }

    [Test]
    public void Writing_to_what_a_recorded_op_reads_backward_is_found()
    {
        using CpuBackend backend = Of(1);
        using var step = new Step(backend);
        Tensor x = step.Watch(step.FromHost<float>(new Shape(2), [1, 2])), loss = step.Sum(step.Square(x));
        backend.Read<float>(x);
        backend.Write<float>(x).Span[0] = 3;
        Assert.That(() => step.Backward(loss), Throws.InvalidOperationException.With.Message.Contains("was overwritten 1 times since"));
    }

    [Test]
    public void A_loop_does_every_item_once_in_pieces_that_follow_from_its_size([Values(1, 2, 5)] int threads, [Values(0, 1, 1000, 100_000)] int count, [Values(1, 300)] int cost)
    {
        using CpuBackend backend = Of(threads), alone = Of(1);
        Assert.That(Pieces(backend, count, cost), Is.EqualTo(Pieces(alone, count, cost)));
    }

    [Test]
    public void A_loop_inside_a_loop_is_done_by_whoever_comes_to_it([Values(1, 3)] int threads)
    {
        using CpuBackend backend = Of(threads);
        int items = 0;
        backend.For(100, 100_000, (start, end) =>
        {
            int thread = Environment.CurrentManagedThreadId;
            for (int i = start; i < end; i++)
            {
                backend.For(1000, 1000, (first, last) =>
                {
                    Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread));
                    Interlocked.Add(ref items, last - first);
                });
            }
        });
        Assert.That(items, Is.EqualTo(100_000));
    }

    [Test]
    public void A_loops_error_reaches_the_caller_and_its_arguments_are_checked()
    {
        using CpuBackend backend = Of(3);
        Assert.That(() => backend.For(1_000_000, 1, static (start, _) => throw new FormatException($"item {start}")), Throws.TypeOf<FormatException>());
        Assert.That(() => backend.For(-1, 1, static (_, _) => { }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => backend.For(1, 0, static (_, _) => { }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => backend.For(1, 1, null!), Throws.ArgumentNullException);
        backend.Dispose();
        Assert.That(() => backend.For(1, 1, static (_, _) => { }), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void An_op_of_such_kernels_has_the_right_gradients_and_the_same_bits_on_any_number_of_threads([Values(DType.Float32, DType.Float64)] DType type)
    {
        using CpuBackend backend = Of(2);
        GradientCheck.Of(backend, static (step, x) => step.Apply(new Cube(), x[0]), [new("x", new Shape(2, 3), [1, -2, 0.5, 0.25, -1, 1.5])], new GradientCheckOptions { Type = type }).ThrowIfWrong();
        Assert.That(Bits(5), Is.EqualTo(Bits(1)));
    }

    private static float[] Bits(int threads)
    {
        using CpuBackend backend = Of(threads);
        using var step = new Step(backend);
        Tensor x = step.Watch(step.FromHost<float>(new Shape(70_000), [.. Enumerable.Range(0, 70_000).Select(static i => MathF.Sin(i))]));
        step.Backward(step.Sum(step.Apply(new Cube(), x)));
        return step.GradientOf(x)!.ToArray<float>();
    }

    private static (int Start, int End)[] Pieces(CpuBackend backend, int count, int cost)
    {
        var pieces = new System.Collections.Concurrent.ConcurrentBag<(int Start, int End)>();
        backend.For(count, cost, (start, end) => pieces.Add((start, end)));
        (int Start, int End)[] ordered = [.. pieces.Order()];
        Assert.That(ordered.Select(static piece => piece.Start), Is.EqualTo(ordered.Select(static piece => piece.End).Prepend(0).Take(ordered.Length)), "one after another");
        Assert.That(ordered.LastOrDefault().End, Is.EqualTo(count));
        return ordered;
    }

    private static CpuBackend Of(int threads) => new(new CpuBackendOptions { Threads = threads, PoisonMemory = true });

    /// <summary>x^3.</summary>
    private sealed class Cube : CustomOp
    {
        public override string Name => "cube";

        public override OutputSpec OutputOf(ReadOnlySpan<Tensor> inputs)
        {
            RequireCount(inputs, "x");
            RequireType("x", inputs[0], DType.Float32, DType.Float64);
            return new OutputSpec(inputs[0].Shape, inputs[0].DType);
        }

        public override void Forward(ForwardContext context)
        {
            if (context.Device is not CpuBackend cpu)
            {
                throw context.NoKernel();
            }

            if (context.Output.DType == DType.Float32)
            {
                Run<float>(cpu, context.Inputs[0], context.Output, static x => x * x * x);
            }
            else
            {
                Run<double>(cpu, context.Inputs[0], context.Output, static x => x * x * x);
            }

            context.Save(context.Inputs[0]);
        }

        public override void Backward(BackwardContext context)
        {
            var cpu = (CpuBackend)context.Device;
            (Tensor target, bool accumulate) = context.TargetFor(0);
            if (target.DType == DType.Float32)
            {
                ReadOnlyMemory<float> dy = cpu.Read<float>(context.OutputGradient), x = cpu.Read<float>(context.Saved[0]);
                Memory<float> dx = cpu.Write<float>(target);
                cpu.For(dx.Length, 1, (start, end) =>
                {
                    for (int i = start; i < end; i++)
                    {
                        dx.Span[i] = (accumulate ? dx.Span[i] : 0) + (3 * x.Span[i] * x.Span[i] * dy.Span[i]);
                    }
                });
            }
            else
            {
                ReadOnlySpan<double> dy = cpu.Read<double>(context.OutputGradient).Span, x = cpu.Read<double>(context.Saved[0]).Span;
                Span<double> dx = cpu.Write<double>(target).Span;
                for (int i = 0; i < dx.Length; i++)
                {
                    dx[i] = (accumulate ? dx[i] : 0) + (3 * x[i] * x[i] * dy[i]);
                }
            }
        }

        private static void Run<T>(CpuBackend cpu, Tensor input, Tensor output, Func<T, T> function) where T : unmanaged
        {
            ReadOnlyMemory<T> x = cpu.Read<T>(input);
            Memory<T> y = cpu.Write<T>(output);
            cpu.For(y.Length, 1, (start, end) =>
            {
                for (int i = start; i < end; i++)
                {
                    y.Span[i] = function(x.Span[i]);
                }
            });
        }
    }
}
