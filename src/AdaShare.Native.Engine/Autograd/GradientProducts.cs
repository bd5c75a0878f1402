using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>What <see cref="Step.BackwardProducts"/> adds up.</summary>
public enum ProductsOf
{
    /// <summary>Every trained parameter that a loss depends on.</summary>
    AllParameters,

    /// <summary>The last layer that all losses depend on: of the filters and matrices that each of them reaches, the one whose gradients are complete first. The pass ends there.</summary>
    LastCommonLayer,
}

/// <summary>
/// The inner products of several losses' gradients, parameter by parameter: as soon as the last op that used a parameter has run backward for every loss, its gradients are multiplied with one another and give
/// their memory back.
/// </summary>
internal sealed class GradientProducts : IDisposable
{
    // Products of elements come in pieces, so that they need next to no memory.
    private const int Piece = 1 << 20;

    private readonly Tensor _products;
    private readonly ProductsOf _what;
    private readonly LossLane[] _lanes;

    public GradientProducts(Tensor products, ProductsOf what, LossLane[] lanes)
    {
        (_products, _what, _lanes) = (products, what, lanes);
        products.Backend.Elementwise.Fill(products, 0);
    }

    /// <summary>Whether nothing is left to add.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Takes the parameters whose gradients are complete.</summary>
    public void Take()
    {
        Parameter[] complete = [.. _lanes.SelectMany(static lane => lane.Complete.Keys).Distinct()];
        foreach (Parameter parameter in complete)
        {
            Tensor?[] gradients = Array.ConvertAll(_lanes, lane => lane.Complete.GetValueOrDefault(parameter));
            if (!IsDone && (_what == ProductsOf.AllParameters || (parameter.Shape.Rank > 1 && Array.TrueForAll(gradients, static gradient => gradient is not null))))
            {
                Add(gradients, (int)parameter.Count);
                IsDone = _what == ProductsOf.LastCommonLayer;
            }
        }

        Release();
    }

    public void Dispose() => Release();

    private void Add(Tensor?[] gradients, int count)
    {
        Backend backend = _products.Backend;
        Tensor? product = null;
        for (int start = 0; start < count; start += Piece)
        {
            var piece = new Shape(Math.Min(Piece, count - start));
            for (int i = 0; i < gradients.Length; i++)
            {
                for (int j = i; j < gradients.Length; j++)
                {
                    if (gradients[i] is not { } left || gradients[j] is not { } right)
                    {
                        continue;
                    }

                    product ??= Tensor.Allocate(backend, new Shape(Math.Min(Piece, count)), left.DType);
                    Tensor part = product.Part(0, piece);
                    backend.Elementwise.Binary(BinaryOp.Multiply, left.Part(start, piece), right.Part(start, piece), part);
                    backend.Reduction.Sum(part, _products.Part((i * gradients.Length) + j, new Shape(1)), 1, accumulate: true);
                }
            }
        }

        product?.Storage.Release();
    }

    private void Release()
    {
        foreach (LossLane lane in _lanes)
        {
            foreach (Tensor gradient in lane.Complete.Values)
            {
                gradient.Storage.Release();
            }

            lane.Complete.Clear();
        }
    }
}

/// <summary>One loss of a backward pass that runs for several: its own gradients of activations and parameters.</summary>
internal sealed class LossLane : IParameterUpdater, IDisposable
{
    public LossLane() => Transient = new TransientGradients(this);

    /// <summary>The gradients of parameters that are not complete yet.</summary>
    public TransientGradients Transient { get; }

    /// <summary>The gradients of activations that have still to run backward, while another lane's stand in the tensors.</summary>
    public Dictionary<Tensor, Tensor> Waiting { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Gradients of parameters that are complete; this is one more holder of their memory.</summary>
    public Dictionary<Parameter, Tensor> Complete { get; } = [];

    /// <inheritdoc/>
    public bool Moves(Parameter parameter) => parameter.Trainable;

    /// <inheritdoc/>
    public void Move(Parameter parameter, Tensor gradient)
    {
        gradient.Storage.Retain();
        Complete.Add(parameter, gradient);
    }

    public void Dispose() => Transient.Dispose();
}
