using System.Numerics;
using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.CustomOps;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Samples;

/// <summary>
/// The gate of SwiGLU (Shazeer: "GLU variants improve transformer", 2020) as one op: y = silu(gate) up, with silu(x) = x sigmoid(x). Of the engine's ops it would be made of three, each of which keeps what it makes;
/// this one keeps nothing but its inputs.
/// </summary>
public sealed class SwiGlu : CustomOp
{
    // An exponential is as much work as moving so many elements.
    private const int Cost = 8;

    private static readonly Lazy<string> Ptx = new(ReadPtx);

    private SwiGlu()
    {
    }

    /// <summary>The op. It has no settings, so there is one of it.</summary>
    public static SwiGlu Op { get; } = new();

    /// <inheritdoc/>
    public override string Name => "swiglu";

    /// <inheritdoc/>
    public override OutputSpec OutputOf(ReadOnlySpan<Tensor> inputs)
    {
        RequireCount(inputs, "gate", "up");
        (Tensor gate, Tensor up) = (inputs[0], inputs[1]);
        RequireType("the gate", gate, DType.Float32, DType.Float64);
        RequireType("up", up, gate.DType);
        RequireShape("up", up, gate.Shape);
        return gate.Count <= int.MaxValue ? new OutputSpec(gate.Shape, gate.DType) : throw Refuse($"the gate has {gate.Count} elements; give at most {int.MaxValue} at a time");
    }

    /// <inheritdoc/>
    public override void Forward(ForwardContext context)
    {
        (Tensor gate, Tensor up) = (context.Inputs[0], context.Inputs[1]);
        switch (context.Device)
        {
            case CpuBackend cpu when gate.DType == DType.Float64:
                Forward<double>(cpu, gate, up, context.Output);
                break;
            case CpuBackend cpu:
                Forward<float>(cpu, gate, up, context.Output);
                break;
            case CudaBackend cuda:
                Kernel(cuda, "swiglu_forward").Launch(CudaLaunchShape.Linear(gate.Count), gate, up, context.Output, gate.Count);
                break;
            default:
                throw context.NoKernel();
        }

        context.Save(gate, up);
    }

    /// <inheritdoc/>
    public override void Backward(BackwardContext context)
    {
        (Tensor gate, Tensor up) = (context.Saved[0], context.Saved[1]);
        GradientTarget? gradGate = context.Wants(0) ? context.TargetFor(0) : null, gradUp = context.Wants(1) ? context.TargetFor(1) : null;
        switch (context.Device)
        {
            case CpuBackend cpu when gate.DType == DType.Float64:
                Backward<double>(cpu, gate, up, context.OutputGradient, gradGate, gradUp);
                break;
            case CpuBackend cpu:
                Backward<float>(cpu, gate, up, context.OutputGradient, gradGate, gradUp);
                break;
            case CudaBackend cuda:
                Kernel(cuda, "swiglu_backward").Launch(
                    CudaLaunchShape.Linear(gate.Count), gate, up, context.OutputGradient,
                    gradGate?.Tensor, gradGate?.Accumulate ?? false, gradUp?.Tensor, gradUp?.Accumulate ?? false, gate.Count);
                break;
            default:
                throw context.NoKernel();
        }
    }

    private static void Forward<T>(CpuBackend cpu, Tensor gate, Tensor up, Tensor output) where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlyMemory<T> gates = cpu.Read<T>(gate), ups = cpu.Read<T>(up);
        Memory<T> outputs = cpu.Write<T>(output);
        cpu.For(outputs.Length, Cost, (start, end) =>
        {
            ReadOnlySpan<T> x = gates.Span[start..end], u = ups.Span[start..end];
            Span<T> y = outputs.Span[start..end];
            for (int i = 0; i < y.Length; i++)
            {
                y[i] = x[i] * Sigmoid(x[i]) * u[i];
            }
        });
    }

    private static void Backward<T>(CpuBackend cpu, Tensor gate, Tensor up, Tensor gradOutput, GradientTarget? gradGate, GradientTarget? gradUp) where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlyMemory<T> gates = cpu.Read<T>(gate), ups = cpu.Read<T>(up), gradients = cpu.Read<T>(gradOutput);
        if (gradGate is { } forGate)
        {
            Memory<T> target = cpu.Write<T>(forGate.Tensor);
            cpu.For(target.Length, Cost, (start, end) =>
            {
                ReadOnlySpan<T> x = gates.Span[start..end], u = ups.Span[start..end], dy = gradients.Span[start..end];
                Span<T> dx = target.Span[start..end];
                for (int i = 0; i < dx.Length; i++)
                {
                    T s = Sigmoid(x[i]), gradient = dy[i] * u[i] * s * (T.One + (x[i] * (T.One - s)));
                    dx[i] = forGate.Accumulate ? dx[i] + gradient : gradient;
                }
            });
        }

        if (gradUp is { } forUp)
        {
            Memory<T> target = cpu.Write<T>(forUp.Tensor);
            cpu.For(target.Length, Cost, (start, end) =>
            {
                ReadOnlySpan<T> x = gates.Span[start..end], dy = gradients.Span[start..end];
                Span<T> du = target.Span[start..end];
                for (int i = 0; i < du.Length; i++)
                {
                    T gradient = dy[i] * x[i] * Sigmoid(x[i]);
                    du[i] = forUp.Accumulate ? du[i] + gradient : gradient;
                }
            });
        }
    }

    private static T Sigmoid<T>(T x) where T : IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-x));

    // Loaded once a backend, whatever the number of calls.
    private static CudaKernel Kernel(CudaBackend cuda, string name) => cuda.LoadModule("swiglu", Ptx.Value).Kernel(name);

    private static string ReadPtx()
    {
        using var reader = new StreamReader(typeof(SwiGlu).Assembly.GetManifestResourceStream("swiglu.ptx")!);
        return reader.ReadToEnd();
    }
}

/// <summary>The op as the engine's are called.</summary>
public static class SwiGluOps
{
    /// <summary>silu(gate) up.</summary>
    /// <param name="step">The step that owns the output.</param>
    /// <param name="gate">Any shape, Float32 or, on a CPU, Float64.</param>
    /// <param name="up">The gate's shape and type.</param>
    /// <returns>The gate's shape and type.</returns>
    public static Tensor SwiGlu(this Step step, Tensor gate, Tensor up) => step.Apply(Samples.SwiGlu.Op, gate, up);
}
