using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Optimizers;

/// <summary>
/// Moves the parameters of its groups along their gradients: with <see cref="Step"/> one fused kernel over each run of trained parameters in a flat buffer of gradients, with
/// <see cref="BackwardAndStep"/> one over each parameter during the backward pass, which needs no such buffer. Both give the same bits.
/// </summary>
/// <remarks>
/// A trained parameter that no backward pass has reached counts as having gradient 0, so weight decay and momentum still move it; PyTorch does
/// the same with <c>zero_grad(set_to_none=False)</c>. Frozen parameters do not move at all.
/// </remarks>
public abstract class Optimizer : IParameterUpdater, IDisposable
{
    // Zeros for parameters without gradient come in pieces, so that they need next to no memory.
    private const int ZeroCount = 1 << 18;

    private readonly List<OptimizerGroup> _groups;
    private readonly Dictionary<ParameterGroup, int> _indices = [];
    private readonly HashSet<Parameter> _moved = [];
    private readonly List<NamedBuffer> _state = [];
    private bool _disposed;

    /// <summary>Checks that every parameter group of a model is optimised exactly once.</summary>
    /// <param name="store">The model's parameters.</param>
    /// <param name="groups">The groups that this optimiser moves.</param>
    /// <param name="elsewhere">The groups that another optimiser moves.</param>
    /// <exception cref="AdaShareException">A group is missing, or named twice.</exception>
    protected Optimizer(ParameterStore store, IReadOnlyList<OptimizerGroup> groups, IReadOnlyList<ParameterGroup> elsewhere)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(elsewhere);
        CheckCoverage(store, groups, elsewhere);
        _groups = [.. groups];
        for (int i = 0; i < _groups.Count; i++)
        {
            _indices.Add(_groups[i].Parameters, i);
        }
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

    /// <summary>Moves every trained parameter once, along the gradients that backward passes have left in the flat buffers.</summary>
    public void Step()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using BackendScope scope = Enter();
        StepCount++;
        for (int i = 0; i < _groups.Count; i++)
        {
            using SectionScope section = EnterSection(i);
            foreach ((long start, int count) in TrainedRuns(_groups[i].Parameters))
            {
                Update(i, start, _groups[i].Parameters.Gradients.Part(start, new Shape(count)));
            }
        }
    }

    /// <summary>
    /// Runs a step backward and moves every trained parameter of the groups once, each as soon as the last op that used it has run backward: its gradient is then still in the
    /// cache and gives its memory back, so that no buffer of all gradients is needed. Does what <see cref="ClearGradients"/>, <see cref="Autograd.Step.Backward"/>
    /// and <see cref="Step"/> do, to the bit; gradients that earlier passes have left are added to.
    /// </summary>
    /// <param name="step">The step that computed the loss. Afterwards it has no gradients of the moved parameters, and ops of it must not be differentiated again.</param>
    /// <param name="loss">A tensor with one element.</param>
    /// <param name="seed">The gradient of the loss itself, usually 1.</param>
    /// <exception cref="ShapeException">The loss has more than one element, or nothing that it was computed from wants a gradient; nothing has moved.</exception>
    /// <exception cref="InvalidOperationException">The step has run backward before, or something that a recorded op saved has been overwritten; nothing has moved.</exception>
    public void BackwardAndStep(Step step, Tensor loss, double seed = 1.0)
    {
        ArgumentNullException.ThrowIfNull(step);
        ObjectDisposedException.ThrowIf(_disposed, this);
        using BackendScope scope = step.Enter("backward", [loss]);
        step.CheckBackward(loss);
        step.CheckSaved();
        StepCount++;
        _moved.Clear();
        step.BackwardAndMove(loss, seed, this);
        MoveWithoutGradient();
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

    bool IParameterUpdater.Moves(Parameter parameter) => parameter.Trainable && _indices.ContainsKey(parameter.Group);

    void IParameterUpdater.Move(Parameter parameter, Tensor gradient)
    {
        _moved.Add(parameter);
        int group = _indices[parameter.Group];
        using SectionScope section = EnterSection(group);
        Update(group, parameter.Start, gradient.Part(0, new Shape((int)parameter.Count)));
        parameter.MarkMoved();
    }

    /// <summary>Updates a part of a group's flat buffers of values and state.</summary>
    /// <param name="group">The index in <see cref="Groups"/>.</param>
    /// <param name="start">The part's first element.</param>
    /// <param name="gradient">[length of the part], in the order of the flat buffers.</param>
    protected abstract void Update(int group, long start, Tensor gradient);

    /// <summary>A buffer of zeros beside each group's values.</summary>
    protected Tensor[] NewState(string name)
    {
        using BackendScope scope = Enter();
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

    /// <summary>Moves the trained parameters that no gradient has reached in the backward pass along a gradient of 0, or along what an earlier pass has left.</summary>
    private void MoveWithoutGradient()
    {
        Tensor? zeros = null;
        try
        {
            for (int i = 0; i < _groups.Count; i++)
            {
                using SectionScope section = EnterSection(i);
                foreach (Parameter parameter in _groups[i].Parameters.Parameters.Where(p => p.Trainable && !_moved.Contains(p)))
                {
                    parameter.MarkMoved();
                    if (parameter.GradientIfAny is { } left)
                    {
                        Update(i, parameter.Start, left.Part(0, new Shape((int)parameter.Count)));
                        parameter.ClearGradient();
                        continue;
                    }

                    zeros ??= Zeros(_groups[i].Parameters.Values);
                    for (long done = 0; done < parameter.Count; done += ZeroCount)
                    {
                        Update(i, parameter.Start + done, zeros.Part(0, new Shape((int)Math.Min(ZeroCount, parameter.Count - done))));
                    }
                }
            }
        }
        finally
        {
            zeros?.Storage.Release();
        }
    }

    // Of an optimiser without groups there is nothing to keep others from.
    private BackendScope Enter() => _groups.Count > 0 ? _groups[0].Parameters.Values.Backend.Enter("optimiser") : default;

    private SectionScope EnterSection(int group) => _groups[group].Parameters.Values.Backend.EnterSection(Section.Optimizer);

    private static Tensor Zeros(Tensor like)
    {
        Tensor zeros = Tensor.Allocate(like.Backend, new Shape(ZeroCount), like.DType);
        like.Backend.Elementwise.Fill(zeros, 0);
        return zeros;
    }

    /// <summary>The parts of a group's buffers that are about to be moved, neighbours merged; gradients nobody wrote are set to zero on the way.</summary>
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
            parameter.MarkMoved();
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
