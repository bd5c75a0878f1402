using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Backends;

/// <summary>Runs the kernels of ops that are written outside the engine and bring their kernels along; see <see cref="CustomOps.CustomOp"/>.</summary>
/// <remarks>A backend has nothing to do here but to run them; what counts, times or records kernels stands between.</remarks>
public interface ICustomKernels
{
    /// <summary>Runs a kernel by <see cref="CustomCall.Run"/>.</summary>
    void Run(CustomCall call);
}

/// <summary>The forward or the backward kernel of an op from outside the engine, with its tensors.</summary>
public abstract class CustomCall
{
    private protected CustomCall(string op, string kernel, IReadOnlyList<Tensor> reads, IReadOnlyList<Tensor> writes) => (Op, Kernel, Reads, Writes) = (op, kernel, reads, writes);

    /// <summary>The op's name.</summary>
    public string Op { get; }

    /// <summary><c>forward</c> or <c>backward</c>.</summary>
    public string Kernel { get; }

    /// <summary>What it reads: the inputs; backward the output's gradient and what was saved.</summary>
    public IReadOnlyList<Tensor> Reads { get; }

    /// <summary>What it writes: the output; backward the inputs whose gradients it writes, which have those gradients' shapes and types.</summary>
    public IReadOnlyList<Tensor> Writes { get; }

    /// <summary>Runs it.</summary>
    public abstract void Run();
}

/// <summary>Runs kernels as they come.</summary>
internal sealed class DirectCustomKernels : ICustomKernels
{
    public static readonly DirectCustomKernels Instance = new();

    public void Run(CustomCall call) => call.Run();
}
