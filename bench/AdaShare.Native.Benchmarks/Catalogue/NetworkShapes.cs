using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Methods.AdaShare;

namespace AdaShare.Native.Benchmarks.Catalogue;

/// <summary>A convolution of the networks.</summary>
/// <param name="Role">Where it stands, for example <c>stage2-first</c>.</param>
/// <param name="Geometry">Its sizes.</param>
/// <param name="AddsBias">Whether it adds its bias itself; the heads' hidden layers leave that to the kernel that follows.</param>
internal sealed record NetworkConvolution(string Role, Conv2dGeometry Geometry, bool AddsBias);

/// <summary>An activation of the networks, [N, H, W, C].</summary>
/// <param name="Role">Where it stands: <c>stem</c>, <c>stage1</c> … <c>stage4</c>.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record NetworkActivation(string Role, Shape Shape)
{
    /// <summary>The sizes as <c>NHWC</c>.</summary>
    public Extents Extents => new(('N', Shape[0]), ('H', Shape[1]), ('W', Shape[2]), ('C', Shape[3]));
}

/// <summary>The shapes that occur in the published NYU v2 three-task network, read from the network itself.</summary>
internal sealed class NetworkShapes
{
    private const string Preset = "nyu_v2_3task";

    private NetworkShapes(BenchmarkScale scale, AdaShareNetwork network)
    {
        NetworkSpec spec = network.Spec;
        Scale = scale;
        Images = new Shape(scale.Batch, scale.Crop, scale.Crop, 3);
        Backbone backbone = network.Backbone;
        (Conv2dLayer Layer, Shape Input) stem = backbone.Stem.Convolution(Images);
        var convolutions = new List<NetworkConvolution> { Convolution("stem", stem) };
        var activations = new List<NetworkActivation> { new("stem", OutputOf(convolutions[0].Geometry)) };
        Shape shape = backbone.Stem.OutputShape(Images);
        int block = 0;
        for (int stage = 0; stage < spec.Backbone.Blocks.Count; stage++)
        {
            for (int b = 0; b < spec.Backbone.Blocks[stage]; b++, block++)
            {
                (ResidualBlock body, Projection? projection) = backbone.Blocks[block];
                string role = $"stage{stage + 1}";
                (Conv2dLayer Layer, Shape Input)[] inBody = [.. body.Convolutions(shape)];
                convolutions.Add(Convolution(projection is null ? role : role + "-first", inBody[0]));
                convolutions.Add(Convolution(role, inBody[1]));
                if (projection is not null)
                {
                    convolutions.Add(Convolution(role + "-projection", projection.Convolution(shape)));
                }

                shape = body.OutputShape(shape);
            }

            activations.Add(new NetworkActivation($"stage{stage + 1}", shape));
        }

        convolutions.AddRange(network.Heads.SelectMany(head => head.Convolutions(shape)).Select(convolution => HeadConvolution(convolution, spec.HeadChannels)));
        Convolutions = [.. convolutions.DistinctBy(static c => c.Geometry)];
        Activations = activations;
        Features = shape;
        HeadChannels = spec.HeadChannels;
        Decisions = network.DecisionCount;
        Classes = spec.Tasks[0].Channels;
        Streams = spec.Tasks.Count;
        Weights = (int)Math.Min(scale.MostWeights, network.BackboneGroup.Values.Count + network.HeadGroup.Values.Count);
    }

    /// <summary>The scale.</summary>
    public BenchmarkScale Scale { get; }

    /// <summary>A batch of images, [N, H, W, 3].</summary>
    public Shape Images { get; }

    /// <summary>Every distinct convolution.</summary>
    public IReadOnlyList<NetworkConvolution> Convolutions { get; }

    /// <summary>What the batch norms normalise: the stem before pooling, then each stage.</summary>
    public IReadOnlyList<NetworkActivation> Activations { get; }

    /// <summary>What the heads read, [N, h, w, C].</summary>
    public Shape Features { get; }

    /// <summary>Hidden channels of the heads.</summary>
    public int HeadChannels { get; }

    /// <summary>Blocks that have a decision.</summary>
    public int Decisions { get; }

    /// <summary>Classes of the segmentation.</summary>
    public int Classes { get; }

    /// <summary>Tasks, each a stream of its own where no block is shared.</summary>
    public int Streams { get; }

    /// <summary>Elements of the flat buffers of all weights, backbone and heads; at most as many as the scale allows.</summary>
    public int Weights { get; }

    /// <summary>The shapes at a scale.</summary>
    public static NetworkShapes Of(BenchmarkScale scale)
    {
        FormattableString backbone = $"model.width={scale.Width}", heads = $"model.head_width={scale.Width}";
        string[] size = [FormattableString.Invariant(backbone), FormattableString.Invariant(heads)];
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var network = (AdaShareNetwork)new AdaShareMethod().Build(ConfigLoader.LoadNetwork(new ConfigRequest(null, Preset, size)).Config, backend);
        return new NetworkShapes(scale, network);
    }

    private static NetworkConvolution Convolution(string role, (Conv2dLayer Layer, Shape Input) convolution) => new(role, convolution.Layer.Geometry(convolution.Input), AddsBias: false);

    private static NetworkConvolution HeadConvolution((Conv2dLayer Layer, Shape Input) convolution, int hidden)
    {
        Conv2dLayer layer = convolution.Layer;
        int outputs = layer.Weight.Shape[0];
        string role = layer.Options.DilationHeight > 1 ? $"head-dilation{layer.Options.DilationHeight}" : outputs == hidden ? "head-hidden" : $"head-out{outputs}";
        return Convolution(role, convolution) with { AddsBias = outputs != hidden };
    }

    private static Shape OutputOf(in Conv2dGeometry g) => new(g.Batch, g.OutputHeight, g.OutputWidth, g.OutputChannels);
}
