using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Optimizers;

/// <summary>
/// Moves the parameters of its groups along their gradients, one fused kernel over each run of trained parameters in a flat buffer.
/// </summary>
/// <remarks>
/// A trained parameter that no backward pass has reached counts as having gradient 0, so weight decay and momentum still move it; PyTorch does
/// the same with <c>zero_grad(set_to_none=False)</c>. Frozen parameters do not move at all.
/// </remarks>
public abstract class Optimizer : IDisposable
{
    private readonly List<OptimizerGroup> _groups;
    private readonly List<NamedBuffer> _state = [];
    private bool _disposed;

    /// <summary>Checks that every parameter group of a model is optimised exactly once.</summary>
    /// <param name="store">The model's parameters.</param>
    /// <param name="groups">The groups that this optimiser moves.</param>
    /// <param name="elsewhere">The groups that another optimiser moves.</param>
    /// <exception cref="AdaShareException">A group is missing, or named twice.</exception>
    protected Optimizer(ParameterStore store, IReadOnlyList<OptimizerGroup> groups, IReadOnlyList<ParameterGroup> elsewhere)
    {
        CheckCoverage(store, groups, elsewhere);
        _groups = [.. groups];
    }

    /// <summary>The groups.</summary>
    public IReadOnlyList<OptimizerGroup> Groups => _groups;

    /// <summary>The steps done.</summary>
    public long StepCount { get; set; }

    /// <summary>The optimiser's memory, buffer by buffer, named for checkpoints: for example <c>velocity.backbone</c>.</summary>
    public IReadOnlyList<NamedBuffer> State => _state;

    /// <summary>Forgets the gradients of all groups (PyTorch's <c>zero_grad</c>).</summary>
    public void ClearGradients()
    {
        foreach (OptimizerGroup group in _groups)
        {
            group.Parameters.ClearGradients();
        }
    }

    /// <summary>Moves every trained parameter once.</summary>
    public void Step()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        StepCount++;
        for (int i = 0; i < _groups.Count; i++)
        {
            foreach ((long start, int count) in TrainedRuns(_groups[i].Parameters))
            {
                Update(i, start, count);
            }
        }
    }

    /// <summary>Returns the optimiser's memory.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            foreach (NamedBuffer buffer in _state)
            {
                buffer.Tensor.Storage.Release();
            }

            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Updates elements <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> of a group's flat buffers.</summary>
    protected abstract void Update(int group, long start, int count);

    /// <summary>A buffer of zeros beside each group's values.</summary>
    protected Tensor[] NewState(string name)
    {
        var tensors = new Tensor[_groups.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            ParameterGroup parameters = _groups[i].Parameters;
            tensors[i] = Tensor.Allocate(parameters.Values.Backend, parameters.Values.Shape, parameters.Values.DType);
            parameters.Values.Backend.Elementwise.Fill(tensors[i], 0);
            _state.Add(new NamedBuffer(name, parameters, tensors[i]));
        }

        return tensors;
    }

    /// <summary>The parts of a group's buffers that are trained, neighbours merged; gradients nobody wrote are set to zero on the way.</summary>
    private static List<(long Start, int Count)> TrainedRuns(ParameterGroup group)
    {
        var runs = new List<(long Start, int Count)>();
        bool open = false;
        foreach (Parameter parameter in group.Parameters)
        {
            if (!parameter.Trainable)
            {
                open = false;
                continue;
            }

            parameter.CompleteGradient();
            long start = parameter.Value.Offset - group.Values.Offset;
            long end = start + parameter.Count;
            if (open)
            {
                (long first, _) = runs[^1];
                runs[^1] = (first, (int)(end - first));
            }
            else
            {
                runs.Add((start, (int)parameter.Count));
                open = true;
            }
        }

        return runs;
    }

    private static void CheckCoverage(ParameterStore store, IReadOnlyList<OptimizerGroup> groups, IReadOnlyList<ParameterGroup> elsewhere)
    {
        var times = new Dictionary<ParameterGroup, int>();
        foreach (ParameterGroup group in groups.Select(static g => g.Parameters).Concat(elsewhere))
        {
            times[group] = times.GetValueOrDefault(group) + 1;
        }

        foreach (ParameterGroup group in store.Groups)
        {
            int count = times.GetValueOrDefault(group);
            if (!group.IsBuffer && count != 1)
            {
                throw new AdaShareException(
                    $"optimiser: parameter group {group.Name} ({group.Parameters.Count} parameters, the first is {(group.Parameters.Count > 0 ? group.Parameters[0].Name : "none")}) " +
                    $"is in {count} optimiser groups; every parameter must be in exactly one, so name it once, or as optimised elsewhere");
            }

            times.Remove(group);
        }

        if (times.Count > 0)
        {
            throw new AdaShareException($"optimiser: group {times.Keys.First().Name} does not belong to this model's parameters");
        }
    }
}

/// <summary>A buffer of an optimiser that lies beside a group's values.</summary>
/// <param name="Name">What it holds, for example <c>velocity</c>.</param>
/// <param name="Group">Beside whose values.</param>
/// <param name="Tensor">The buffer.</param>
public sealed record NamedBuffer(string Name, ParameterGroup Group, Tensor Tensor);
