using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Bench.Cases;

/// <summary>The evaluation of one image of 480x640 under the published NYU v2 3-task policy of ResNet-34.</summary>
internal sealed class EvaluationCase : BenchCase
{
    private const int Height = 480;
    private const int Width = 640;

    private readonly IReadOnlyList<TaskSpec> _tasks = WorkloadNames.Tasks(["seg", "sn", "depth"]);
    private readonly InferenceWorkload _workload;
    private readonly InferencePolicy _policy;

    /// <summary>Makes the network with the golden weights.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="activations">The type in which activations are stored.</param>
    public EvaluationCase(Backend backend, DType activations = DType.Float32)
    {
        BackboneSpec backbone = BackboneSpec.Of("ResNet34");
        _workload = new InferenceWorkload(backend, backbone, _tasks, WorkloadNames.PublishedHeadChannels, Height, Width, activations: activations);
        _policy = InferencePolicy.Published(backbone, _tasks)[0];
    }

    /// <inheritdoc/>
    public override void Run() => _workload.Predict(_policy);

    /// <inheritdoc/>
    public override IEnumerable<(string Name, float[] Values)> Results() => _workload.Predict(_policy).Select((values, t) => ($"output.{_tasks[t].Name}", values));

    /// <inheritdoc/>
    public override void Dispose() => _workload.Dispose();
}
