using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Catalogue;

/// <summary>A use of the kernel contract that no op makes, or only with other arguments: flat buffers, offsets, transposes, optimiser updates.</summary>
/// <param name="Name">What is special about it.</param>
/// <param name="Run">Calls kernels on tensors of a step and returns what is to be compared.</param>
public sealed record KernelCase(string Name, Func<Step, DType, Tensor[]> Run)
{
    /// <summary>How far single precision may be from the truth, as a share of the largest magnitude of the result. Double precision gets 2^-29 of it.</summary>
    public double Tolerance { get; init; } = 2e-6;

    /// <summary>Whether the tolerance is a share of each element's own magnitude.</summary>
    public bool IsPointwise { get; init; }

    /// <summary>Whether it may run with tensors of bfloat16.</summary>
    public bool TakesBfloat16 { get; init; }

    /// <summary>Runs the case and copies the results.</summary>
    /// <param name="backend">Where.</param>
    /// <param name="type">The floating type.</param>
    public HostArray[] RunOn(Backend backend, DType type)
    {
        using var step = new Step(backend, recordGradients: false);
        return [.. Run(step, type).Select(static result => new HostArray(result.Shape, result.ToDoubles()))];
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
