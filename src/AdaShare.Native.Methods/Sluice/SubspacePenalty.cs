using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.Sluice;

/// <summary>
/// What keeps the halves of a task's channels apart: the sum over tasks and stages of ||W_1 W_2ᵀ||², the squares of all inner products between a filter of the first half and one of the
/// second, where the filters are those of the last convolution of the stage.
/// </summary>
/// <remarks>
/// The original (Ruder et al., AAAI 2019, after Bousmalis et al., NIPS 2016) takes the recurrent matrices of a layer's two halves; the last convolution of a stage is what makes the channels
/// that are mixed behind it.
/// </remarks>
internal sealed class SubspacePenalty
{
    private readonly Parameter[] _filters;
    private readonly double _weight;

    /// <summary>Finds the filters.</summary>
    /// <param name="store">Where they are declared.</param>
    /// <param name="spec">The size of the networks.</param>
    /// <param name="weight">The penalty's weight, above 0.</param>
    public SubspacePenalty(ParameterStore store, NetworkSpec spec, double weight)
    {
        BackboneSpec backbone = spec.Backbone;
        _weight = weight;
        _filters =
        [
            .. spec.Tasks.SelectMany(task => backbone.Blocks.Select((blocks, stage) => store[$"{TaskNames.Backbone(task.Name)}.blocks.{stage}.{blocks - 1}.conv{backbone.Block.Convolutions()}.weight"])),
        ];
    }

    /// <summary>The penalty in a step.</summary>
    public WeightedLoss Loss(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor? sum = null;
        foreach (Parameter filter in _filters)
        {
            Tensor term = Of(step, filter.Value);
            sum = sum is null ? term : step.Add(sum, term);
        }

        return new WeightedLoss("orthogonality", _weight, sum!);
    }

    private static Tensor Of(Step step, Tensor filter)
    {
        int half = filter.Shape[0] / 2;
        Tensor products = step.FilterGram(filter);
        Tensor rows = step.Narrow(products, 0, half);
        Tensor between = step.Slice(rows, 1, half, half);
        Tensor squares = step.Square(between);
        Tensor sum = step.Sum(squares);
        foreach (Tensor made in (Tensor[])[products, rows, between, squares])
        {
            step.Release(made);
        }

        return sum;
    }
}
