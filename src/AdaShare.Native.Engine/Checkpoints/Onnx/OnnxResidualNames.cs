namespace AdaShare.Native.Engine.Checkpoints.Onnx;

/// <summary>
/// Names for the initialisers of a residual network, found in its graph: convolutions lie on the two ways that meet in an addition, and the way with fewer of them is the shortcut. A convolution without
/// a batch norm behind it has one folded into it: it becomes the convolution and a batch norm that adds the bias.
/// </summary>
/// <remarks>A batch norm's epsilon is taken to be 1e-5, as in torchvision: another one is added to the variance.</remarks>
internal sealed class OnnxResidualNames
{
    private const double Epsilon = 1e-5;
    private const string Stem = "conv1.weight";

    // What lies on a way without changing which convolutions do.
    private static readonly string[] Passing = ["Relu", "BatchNormalization", "Conv", "Identity", "Dropout", "Clip"];

    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, OnnxNode> _makers = [];
    private readonly Dictionary<string, OnnxNode> _norms = [];
    private readonly HashSet<string> _used = [];
    private readonly List<WeightTensor> _tensors = [];

    private OnnxResidualNames(OnnxGraph graph)
    {
        _graph = graph;
        foreach (OnnxNode node in graph.Nodes.Where(static node => node.Outputs.Count > 0))
        {
            _makers[node.Outputs[0]] = node;
            if (node.Type == "BatchNormalization" && node.Inputs.Count >= 5)
            {
                _norms[node.Inputs[0]] = node;
            }
        }
    }

    /// <summary>The initialisers: under their own names where those are torchvision's or the graph is no residual network, otherwise under the names that torchvision gives them, with all others behind.</summary>
    public static IEnumerable<WeightTensor> Of(OnnxGraph graph)
    {
        if (HasNames(graph))
        {
            return graph.Initializers.Where(static named => named.Value.Format is not null).Select(static named => Weight(named.Key, named.Value));
        }

        var names = new OnnxResidualNames(graph);
        names.Walk();
        return [.. names._tensors, .. graph.Initializers.Where(named => named.Value.Format is not null && !names._used.Contains(named.Key)).Select(static named => Weight(named.Key, named.Value))];
    }

    /// <summary>Whether the initialisers have the names that torchvision gives them.</summary>
    public static bool HasNames(OnnxGraph graph) => graph.Initializers.Keys.Any(static name => name.EndsWith(Stem, StringComparison.Ordinal)) && graph.Initializers.Keys.Any(static name => name.EndsWith("bn1.running_mean", StringComparison.Ordinal));

    private static WeightTensor Weight(string name, OnnxTensor tensor) => new(name, tensor.Format!, tensor.Shape, tensor.Values);

    private void Walk()
    {
        if (_graph.Nodes.FirstOrDefault(static node => node.Type == "Conv") is { } first)
        {
            Take(first, "conv1", "bn1");
        }

        int stage = 0, block = 0;
        foreach (OnnxNode sum in _graph.Nodes.Where(static node => node is { Type: "Add" or "Sum", Inputs.Count: 2 }))
        {
            if (Branches(sum) is not (var body, var shortcut) || body.Count is < 2 or > 3 || shortcut.Count > 1)
            {
                continue;
            }

            // A stage begins where a shortcut has a convolution; the first one may have none.
            if (stage == 0 || shortcut.Count == 1)
            {
                (stage, block) = (stage + 1, 0);
            }

            for (int c = 0; c < body.Count; c++)
            {
                Take(body[c], $"layer{stage}.{block}.conv{c + 1}", $"layer{stage}.{block}.bn{c + 1}");
            }

            foreach (OnnxNode convolution in shortcut)
            {
                Take(convolution, $"layer{stage}.{block}.downsample.0", $"layer{stage}.{block}.downsample.1");
            }

            block++;
        }
    }

    /// <summary>The convolutions on the two ways into an addition, from the first to the last; null where the ways do not part behind the same value.</summary>
    private (List<OnnxNode> Body, List<OnnxNode> Shortcut)? Branches(OnnxNode sum)
    {
        List<string> left = Back(sum.Inputs[0]), right = Back(sum.Inputs[1]);
        if (left.Find(right.Contains) is not { } common)
        {
            return null;
        }

        List<OnnxNode> a = Convolutions(left, common), b = Convolutions(right, common);
        return a.Count >= b.Count ? (a, b) : (b, a);
    }

    /// <summary>The values on the way back from a value, up to where ways meet, an image comes in, or something is pooled.</summary>
    private List<string> Back(string value)
    {
        var way = new List<string> { value };
        while (way.Count <= _graph.Nodes.Count && _makers.TryGetValue(way[^1], out OnnxNode? maker) && Passing.Contains(maker.Type) && maker.Inputs.Count > 0)
        {
            way.Add(maker.Inputs[0]);

            // No block has more on its way than this; a longer way is another network's.
            if (way.Count > 32)
            {
                break;
            }
        }

        return way;
    }

    private List<OnnxNode> Convolutions(List<string> way, string end)
    {
        List<OnnxNode> found = [.. way.TakeWhile(value => value != end).Where(_makers.ContainsKey).Select(value => _makers[value]).Where(static node => node.Type == "Conv")];
        found.Reverse();
        return found;
    }

    private void Take(OnnxNode convolution, string conv, string norm)
    {
        if (convolution is not { Inputs.Count: >= 2, Outputs.Count: > 0 } || Find(convolution.Inputs[1]) is not { } weight)
        {
            throw new NotSupportedException($"the convolution that should be {conv} has no weights of its own");
        }

        OnnxTensor? bias = convolution.Inputs.Count > 2 ? Find(convolution.Inputs[2]) : null;
        _tensors.Add(Weight(conv + ".weight", weight));
        if (_norms.TryGetValue(convolution.Outputs[0], out OnnxNode? node))
        {
            OnnxTensor[] parts = [.. node.Inputs.Skip(1).Take(4).Select(name => Find(name) ?? throw new NotSupportedException($"the batch norm that should be {norm} has no weights of its own"))];
            _tensors.AddRange(Norm(norm, parts, bias, node.Epsilon));
        }
        else if (bias is not null)
        {
            _tensors.AddRange(Folded(norm, bias));
        }
        else
        {
            throw new NotSupportedException($"the convolution that should be {conv} has neither a batch norm nor a bias behind it, so this is no such network");
        }
    }

    private static IEnumerable<WeightTensor> Norm(string name, OnnxTensor[] parts, OnnxTensor? bias, double epsilon)
    {
        yield return Weight(name + ".weight", parts[0]);
        yield return Weight(name + ".bias", parts[1]);
        yield return Weight(name + ".running_mean", parts[2]) with
        {
            Read = bias is null ? parts[2].Values : () => Combine(parts[2].Values(), bias.Values(), static (mean, shift) => mean - shift),
        };
        yield return Weight(name + ".running_var", parts[3]) with { Read = () => Array.ConvertAll(parts[3].Values(), variance => variance + (epsilon - Epsilon)) };
    }

    private static IEnumerable<WeightTensor> Folded(string name, OnnxTensor bias)
    {
        WeightTensor Constant(string part, double value) => Weight(name + part, bias) with { Read = () => Array.ConvertAll(bias.Values(), _ => value) };
        return [Constant(".weight", 1), Weight(name + ".bias", bias), Constant(".running_mean", 0), Constant(".running_var", 1 - Epsilon)];
    }

    private static double[] Combine(double[] left, double[] right, Func<double, double, double> of) => left.Length == right.Length
        ? [.. left.Zip(right, of)]
        : throw new FormatException($"a bias has {right.Length} elements, and the batch norm behind it {left.Length}");

    private OnnxTensor? Find(string name)
    {
        for (int passed = 0; passed < 8 && !_graph.Initializers.ContainsKey(name) && _makers.TryGetValue(name, out OnnxNode? maker) && maker is { Type: "Identity", Inputs.Count: 1 }; passed++)
        {
            name = maker.Inputs[0];
        }

        if (_graph.Initializers.TryGetValue(name, out OnnxTensor? tensor) && tensor.Format is not null)
        {
            _used.Add(name);
            return tensor;
        }

        return null;
    }
}
