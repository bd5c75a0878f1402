using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Methods.Mixtures;

/// <summary>Makes weighted sums of features of one width, through which gradients reach features and weights; dispose it when they are made.</summary>
internal sealed class FeatureMixer : IDisposable
{
    private readonly Step _step;
    private readonly Tensor _zeros;
    private readonly Tensor _ones;

    /// <summary>Begins with sums of features.</summary>
    /// <param name="step">The step that owns the sums.</param>
    /// <param name="features">Any of the features, [N, h, w, C].</param>
    public FeatureMixer(Step step, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(features);
        _step = step;
        _zeros = Filled(features, 0);
        _ones = Filled(features, 1);
    }

    /// <summary>The sum of features, each times its weights.</summary>
    /// <param name="terms">Features [N, h, w, C], which stay the caller's, and their weights: [C], or [1] for all channels.</param>
    /// <returns>[N, h, w, C].</returns>
    public Tensor Sum(IReadOnlyList<(Tensor Features, Tensor Weights)> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        Tensor sum = Scaled(terms[0].Features, terms[0].Weights);
        for (int i = 1; i < terms.Count; i++)
        {
            Tensor term = Scaled(terms[i].Features, terms[i].Weights);
            Tensor total = _step.Add(sum, term);
            _step.Release(sum);
            _step.Release(term);
            sum = total;
        }

        return sum;
    }

    /// <summary>The weights of <see cref="Sum"/> for each element of a tensor: the element, once for each channel. Release them when the sums are made.</summary>
    /// <param name="scalars">Of the parameters' type; any shape.</param>
    /// <returns>[C] for each element, in row-major order.</returns>
    public IReadOnlyList<Tensor> Spread(Tensor scalars)
    {
        ArgumentNullException.ThrowIfNull(scalars);
        var channels = new Shape((int)_ones.Count);
        Tensor column = _step.Reshape(scalars, new Shape((int)scalars.Count, 1));
        Tensor table = _step.Multiply(column, _ones);
        _step.Release(column);
        var rows = new Tensor[scalars.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            Tensor row = _step.Narrow(table, i, 1);
            rows[i] = _step.Reshape(row, channels);
            _step.Release(row);
        }

        _step.Release(table);
        return rows;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _step.Release(_zeros);
        _step.Release(_ones);
    }

    /// <summary>
    /// Features times a weight for each channel. This is a batch norm in evaluation mode, with mean 0, variance 1 and shift 0: its kernels read bfloat16 features beside weights in single
    /// precision, and give both gradients in one pass over memory, where a product that broadcasts takes three.
    /// </summary>
    private Tensor Scaled(Tensor features, Tensor weights)
    {
        bool isScalar = weights.Count != _ones.Count;
        Tensor scale = isScalar ? _step.Multiply(weights, _ones) : weights;
        Tensor output = _step.BatchNormInference(features, scale, _zeros, _zeros, _ones, epsilon: 0);
        if (isScalar)
        {
            _step.Release(scale);
        }

        return output;
    }

    private Tensor Filled(Tensor features, double value)
    {
        Tensor tensor = _step.New(new Shape(features.Shape[-1]), features.DType.ParameterType());
        _step.Backend.Elementwise.Fill(tensor, value);
        return tensor;
    }
}
