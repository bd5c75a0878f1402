using AdaShare.Native.Benchmarking.Workloads;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Methods.AdaShare;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Bench.Cases;

/// <summary>One training step of the NYU v2 tasks, see <see cref="StepWorkload"/>.</summary>
internal sealed class StepCase : BenchCase
{
    private static readonly string[] CheckedWeights =
    [
        "backbone.conv1.weight", "backbone.blocks.1.0.conv1.weight", "backbone.blocks.3.1.bn2.weight", "backbone.ds.3.0.weight",
        "task1_fc1_c0.conv1.weight", "task2_fc1_c1.conv2.weight", "task3_fc1_c3.conv3.bias",
    ];

    private readonly StepWorkload _workload;
    private readonly StepSpec _spec;

    /// <summary>Makes the network with the golden weights, its optimiser and a batch.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="spec">What is trained and how large it is.</param>
    /// <param name="forCheck">Whether dropout is off and the noise follows the golden formula.</param>
    public StepCase(Backend backend, StepSpec spec, bool forCheck)
    {
        _spec = spec;
        _workload = forCheck ? new StepWorkload(backend, spec with { Dropout = 0 }, GumbelSource.Given(static (task, count) => GoldenFormula.Gumbel(1, task + 1, count))) : new StepWorkload(backend, spec);
    }

    /// <inheritdoc/>
    public override long StateBytes => _workload.StateBytes;

    private string[] Moved => _spec.Kind == StepKind.Policy ? [.. _workload.Network.Logits.Select(static logits => logits.Name)] : [.. CheckedWeights.Where(_workload.Network.Store.Contains)];

    /// <inheritdoc/>
    public override void Run() => _workload.Run();

    /// <inheritdoc/>
    public override IEnumerable<(string Name, float[] Values)> Results()
    {
        List<(string Name, float[] Values)> results = Gradients();

        // What Run does, from the same start: the update that is timed is the update that is checked.
        _workload.Restart();
        Run();
        string[] state = [.. Moved, "backbone.bn1.running_mean", "backbone.blocks.3.1.bn2.running_var"];
        results.AddRange(state.Where(_workload.Network.Store.Contains).Select(name => ("after." + name, _workload.Network.Store[name].Value.ToArray<float>())));
        return results;
    }

    /// <inheritdoc/>
    public override void Dispose() => _workload.Dispose();

    /// <summary>Outputs, losses and whole gradients of the first step, without its update.</summary>
    private List<(string Name, float[] Values)> Gradients()
    {
        using var step = new Step(_workload.Network.Backend);
        (IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> losses) = _workload.Forward(step);
        foreach (Tensor output in outputs)
        {
            step.Keep(output);
        }

        step.Backward(losses[^1]);
        var results = new List<(string Name, float[] Values)>();
        for (int t = 0; t < outputs.Count; t++)
        {
            results.Add(("output." + _spec.Tasks[t].Name, outputs[t].ToArray<float>()));
            results.Add(("loss." + _spec.Tasks[t].Name, losses[t].ToArray<float>()));
        }

        results.Add(("loss.total", losses[^1].ToArray<float>()));
        results.AddRange(Moved.Select(name => ("gradient." + name, _workload.Network.Store[name].Gradient.ToArray<float>())));
        _workload.Optimizer.ClearGradients();
        return results;
    }
}
