using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Tests.Execution;

/// <summary>A shared network with a pair of logits for each task and block, as a method that learns gates declares them: what soft gates are sampled from.</summary>
internal sealed class LogitNetwork : SharedNetwork
{
    private LogitNetwork(NetworkSpec spec, Backend backend, DType type, int skipLayer, List<Parameter> logits)
        : base(spec, backend, type, builder => Declare(spec, builder, skipLayer, logits)) => Logits = logits;

    /// <summary>The logits of each task, blocks without <c>skipLayer</c> x 2.</summary>
    public IReadOnlyList<Parameter> Logits { get; }

    /// <summary>The group that has them.</summary>
    public ParameterGroup LogitGroup => Logits[0].Group;

    /// <summary>A network of tasks that each have one channel; of texts two classes.</summary>
    public static LogitNetwork Of(Backend backend, string backbone, int tasks, double width = 0.125, double dropout = 0, int skipLayer = 0, DType type = DType.Float32, bool taskNorms = false) =>
        new(new NetworkSpec(BackboneSpec.Of(backbone, width), [.. Enumerable.Range(0, tasks).Select(_ => BackboneRegistry.Get(backbone).Inputs == InputKind.Text ? Learning.Tasks.TaskSpec.Of("class", 2, 1) : Learning.Tasks.TaskSpec.Of("depth", 1, 1))], 8, dropout) { HasTaskNorms = taskNorms }, backend, type, skipLayer, []);

    private static void Declare(NetworkSpec spec, NetworkBuilder builder, int skipLayer, List<Parameter> logits)
    {
        ParameterGroup group = builder.Store.Group("logits");
        for (int t = 0; t < spec.Tasks.Count; t++)
        {
            logits.Add(group.Add($"task{t + 1}_logits", new Shape(spec.Backbone.BlockCount - skipLayer, 2), Initializers.Constant(0.5)));
        }
    }
}
