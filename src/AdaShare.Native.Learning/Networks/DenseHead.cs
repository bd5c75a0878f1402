using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Learning.Networks;

/// <summary>
/// A task's head ("ASPP"): four parallel branches with dilation 6, 12, 18 and 24, each conv 3x3, ReLU, dropout, conv 1x1, ReLU, dropout, conv 1x1; their sum.
/// </summary>
public sealed class DenseHead : ITaskHead
{
    private static readonly int[] Rates = [6, 12, 18, 24];

    private readonly string _name;
    private readonly double _dropout;
    private readonly List<Conv2dLayer[]> _branches = [];

    /// <summary>Declares the head's layers.</summary>
    public DenseHead(NetworkBuilder builder, HeadSpec spec)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(spec);
        (int inputs, int hidden, int outputs) = (spec.Inputs, spec.Hidden, spec.Outputs);
        _name = spec.Prefix;
        _dropout = spec.Dropout;
        for (int i = 0; i < Rates.Length; i++)
        {
            string prefix = $"{_name}_c{i}";
            int rate = Rates[i];
            _branches.Add(
            [
                new Conv2dLayer(builder.Heads, prefix + ".conv1", inputs, hidden, 3, new Conv2dOptions(1, rate, rate), bias: true),
                new Conv2dLayer(builder.Heads, prefix + ".conv2", hidden, hidden, 1, new Conv2dOptions(1), bias: true),
                new Conv2dLayer(builder.Heads, prefix + ".conv3", hidden, outputs, 1, new Conv2dOptions(1), bias: true),
            ]);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(Conv2dLayer Layer, Shape Input)> Convolutions(Shape features)
    {
        foreach (Conv2dLayer[] branch in _branches)
        {
            Shape shape = features;
            foreach (Conv2dLayer layer in branch)
            {
                yield return (layer, shape);
                shape = shape.With(3, layer.Weight.Shape[0]);
            }
        }
    }

    /// <inheritdoc/>
    public Tensor Forward(Step step, Tensor features, bool training, ulong seed, long time)
    {
        Tensor? sum = null;
        for (int i = 0; i < _branches.Count; i++)
        {
            Tensor output = ForwardBranch(step, i, features, training && _dropout > 0, seed, time);
            if (sum is null)
            {
                sum = output;
                continue;
            }

            Tensor total = step.Add(sum, output);
            step.Release(sum);
            step.Release(output);
            sum = total;
        }

        return sum!;
    }

    private Tensor ForwardBranch(Step step, int index, Tensor features, bool dropout, ulong seed, long time)
    {
        Conv2dLayer[] layers = _branches[index];
        Tensor x = features;
        for (int l = 0; l < layers.Length; l++)
        {
            Tensor y = l == layers.Length - 1
                ? layers[l].Forward(step, x)
                : layers[l].ForwardReluDropout(step, x, dropout ? _dropout : 0, RandomStream.For(seed, $"dropout/{_name}_c{index}/{l}", time));
            if (x != features)
            {
                step.Release(x);
            }

            x = y;
        }

        if (x.DType != DType.BFloat16)
        {
            return x;
        }

        // Branches are added up, and losses computed, in single precision.
        Tensor wide = step.Cast(x, DType.Float32);
        step.Release(x);
        return wide;
    }
}
