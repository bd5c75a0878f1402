using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Bench.Cases;

/// <summary>The product of two square matrices in single precision.</summary>
internal sealed class MatrixCase : BenchCase
{
    private readonly Backend _backend;
    private readonly Step _inputs;
    private readonly Tensor _left;
    private readonly Tensor _right;

    /// <summary>Makes the matrices.</summary>
    /// <param name="name">The case's name, from which the numbers follow.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="size">Rows and columns.</param>
    public MatrixCase(string name, Backend backend, int size)
    {
        _backend = backend;
        _inputs = new Step(backend, recordGradients: false);
        var shape = new Shape(size, size);
        _left = _inputs.FromHost<float>(shape, Symmetric(name + "/left", shape.Count));
        _right = _inputs.FromHost<float>(shape, Symmetric(name + "/right", shape.Count));
    }

    /// <inheritdoc/>
    public override void Run()
    {
        using var step = new Step(_backend, recordGradients: false);
        step.MatMul(_left, _right);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, float[] Values)> Results()
    {
        using var step = new Step(_backend, recordGradients: false);
        yield return ("product", step.MatMul(_left, _right).ToArray<float>());
    }

    /// <inheritdoc/>
    public override void Dispose() => _inputs.Dispose();
}
