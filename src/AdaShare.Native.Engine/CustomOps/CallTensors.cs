using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.CustomOps;

/// <summary>The tensors that one call of an op asks for beside its output: they are let go of at its end, and live on where they were saved.</summary>
internal sealed class CallTensors(Step step) : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    public Tensor New(Shape shape, DType type) => Add(step.New(shape, type));

    public Tensor Like(Tensor tensor) => Add(tensor.IsFilter ? step.NewFilter(tensor.Shape, tensor.DType) : step.New(tensor.Shape, tensor.DType));

    public bool Has(Tensor tensor) => _tensors.Contains(tensor);

    public void Dispose() => _tensors.ForEach(step.Release);

    private Tensor Add(Tensor tensor)
    {
        _tensors.Add(tensor);
        return tensor;
    }
}
