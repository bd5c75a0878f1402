using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Weights;

/// <summary>A residual network that a file of weights holds.</summary>
internal sealed class SourceBackbone
{
    private readonly Dictionary<string, WeightTensor> _tensors = [];

    private SourceBackbone(string prefix) => Prefix = prefix;

    /// <summary>What its names begin with, the dot included; empty for none.</summary>
    public string Prefix { get; }

    /// <summary>Whether its names are torchvision's.</summary>
    public bool IsTorchvision { get; private set; }

    /// <summary>Its tensors by their places in a backbone of ours.</summary>
    public IReadOnlyDictionary<string, WeightTensor> Tensors => _tensors;

    /// <summary>The blocks of each stage.</summary>
    public int[] Blocks => BlockCounts(_tensors.Keys);

    /// <summary>The residual networks of a file, by what their names begin with.</summary>
    /// <param name="tensors">Its tensors by their names.</param>
    public static Dictionary<string, SourceBackbone> Of(IReadOnlyDictionary<string, WeightTensor> tensors)
    {
        var found = new Dictionary<string, SourceBackbone>();
        foreach ((string name, WeightTensor tensor) in tensors)
        {
            if (BackboneNames.Parse(name) is { } parsed)
            {
                if (!found.TryGetValue(parsed.Prefix, out SourceBackbone? backbone))
                {
                    found[parsed.Prefix] = backbone = new SourceBackbone(parsed.Prefix);
                }

                backbone._tensors.TryAdd(parsed.Place, tensor);
                backbone.IsTorchvision |= parsed.IsTorchvision;
            }
        }

        return found.Where(static entry => entry.Value.Blocks.Length > 0).ToDictionary();
    }

    /// <summary>The blocks of each stage, of which some places tell.</summary>
    public static int[] BlockCounts(IEnumerable<string> places)
    {
        (int Stage, int Block)[] blocks = [.. places.Select(BackboneNames.BlockOf).OfType<(int Stage, int Block)>().Distinct()];
        int stages = blocks.Length == 0 ? 0 : blocks.Max(static block => block.Stage) + 1;
        return [.. Enumerable.Range(0, stages).Select(stage => blocks.Count(block => block.Stage == stage))];
    }

    /// <summary>The network that goes into the backbone of a prefix: that of the same one, the only one, or the one that all tasks share.</summary>
    public static SourceBackbone? For(string prefix, IReadOnlyDictionary<string, SourceBackbone> all) =>
        all.GetValueOrDefault(prefix) ?? (all.Count == 1 ? all.Values.First() : all.GetValueOrDefault(Backbone.OfficialName + "."));
}
