using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>A shared network and each task's policy logits, under the official state-dict names.</summary>
public sealed class AdaShareNetwork : SharedNetwork
{
    private const double EqualLogit = 0.5;

    /// <summary>Declares and allocates the network; call <see cref="ParameterStore.Initialize"/> or load a checkpoint next.</summary>
    /// <param name="spec">The size.</param>
    /// <param name="backend">Whose memory holds the parameters.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    /// <param name="skipLayer">First blocks that have no decision.</param>
    /// <param name="logitInitializer">How logits start; 0.5 everywhere if null.</param>
    public AdaShareNetwork(NetworkSpec spec, Backend backend, DType type = DType.Float32, int skipLayer = 0, Initializer? logitInitializer = null)
        : this(spec, backend, type, skipLayer, logitInitializer ?? Initializers.Constant(EqualLogit), [])
    {
    }

    private AdaShareNetwork(NetworkSpec spec, Backend backend, DType type, int skipLayer, Initializer initializer, List<Parameter> logits)
        : base(spec, backend, type, builder => logits.AddRange(Declare(spec, builder, skipLayer, initializer)))
    {
        Logits = logits;
        SkipLayer = skipLayer;
    }

    /// <summary>Each task's logits [decisions, 2]: column 0 selects a block, column 1 skips it.</summary>
    public IReadOnlyList<Parameter> Logits { get; }

    /// <summary>The policy logits.</summary>
    public ParameterGroup LogitGroup => Logits[0].Group;

    /// <summary>First blocks that have no decision and always run.</summary>
    public int SkipLayer { get; }

    /// <summary>Blocks that have a decision.</summary>
    public int DecisionCount => Spec.Backbone.BlockCount - SkipLayer;

    private static IEnumerable<Parameter> Declare(NetworkSpec spec, NetworkBuilder builder, int skipLayer, Initializer initializer)
    {
        ParameterGroup group = builder.Store.Group("logits");
        return Enumerable.Range(0, spec.Tasks.Count).Select(t => group.Add($"task{t + 1}_logits", new Shape(spec.Backbone.BlockCount - skipLayer, 2), initializer)).ToArray();
    }
}
