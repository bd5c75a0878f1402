using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Autograd;

/// <summary>
/// One forward and backward pass: it owns every tensor that its ops make, records the ops whose gradients somebody wants, and runs them backward.
/// </summary>
/// <remarks>
/// Ops are extension methods on the step (<c>step.Conv2d(…)</c>). <see cref="Backward"/> frees each activation as soon as nothing needs it any
/// more; disposing the step returns the rest to the backend's allocator, so nothing waits for the garbage collector.
/// The tape is PyTorch's autograd graph; a step made with <c>recordGradients: false</c> is its <c>no_grad</c>. A step that is forgotten instead of disposed keeps its memory for good, and
/// shows in <see cref="Backends.Backend.OpenSteps"/>: there is no finalizer, since memory of a device must not be freed from the collector's thread.
/// </remarks>
public sealed partial class Step : IDisposable
{
    private readonly List<Tensor> _owned = [];
    private readonly List<Node> _tape = [];
    private readonly List<Parameter> _wanting = [];
    private TransientGradients? _transient;
    private int _pauses;
    private bool _ranBackward;
    private bool _disposed;

    /// <summary>Begins a step.</summary>
    /// <param name="backend">Where the ops run.</param>
    /// <param name="recordGradients">Whether <see cref="Backward"/> will be wanted.</param>
    /// <param name="hasEffects">See <see cref="HasEffects"/>.</param>
    /// <exception cref="ObjectDisposedException">The backend has been disposed.</exception>
    public Step(Backend backend, bool recordGradients = true, bool hasEffects = true)
    {
        ArgumentNullException.ThrowIfNull(backend);
        using BackendScope scope = backend.Enter("step");
        Backend = backend;
        RecordsGradients = recordGradients;
        HasEffects = hasEffects;
        backend.Entrance.StepBegun();
    }

    /// <summary>Where the ops run.</summary>
    public Backend Backend { get; }

    /// <summary>Whether ops are recorded for <see cref="Backward"/>.</summary>
    public bool RecordsGradients { get; }

    /// <summary>
    /// Whether a pass does what it does beside its outputs, such as moving running statistics and their counters. A step that only looks at a network leaves it as it was.
    /// </summary>
    public bool HasEffects { get; }

    /// <summary>The number of recorded ops that have not yet run backward.</summary>
    public int TapeLength => _tape.Count;

    /// <summary>A tensor of this step with arbitrary content.</summary>
    /// <exception cref="DeviceException">The backend does not compute in the type.</exception>
    public Tensor New(Shape shape, DType type)
    {
        using BackendScope scope = Enter("new");
        return Own(Tensor.Allocate(Backend, shape, type));
    }

    /// <summary>A filter tensor of this step with arbitrary content; the shape is PyTorch's [out, in, kh, kw].</summary>
    public Tensor NewFilter(Shape shape, DType type)
    {
        using BackendScope scope = Enter("new filter");
        return Own(Tensor.Allocate(Backend, shape, type, isFilter: true));
    }

    /// <summary>A tensor of this step with elements from the host, row-major.</summary>
    public Tensor FromHost<T>(Shape shape, ReadOnlySpan<T> values) where T : unmanaged
    {
        Tensor tensor = New(shape, DTypes.Of<T>());
        tensor.CopyFrom(values);
        return tensor;
    }

    /// <summary>A tensor of this step whose first elements come from the host; see <see cref="Tensor.CopyPrefixFrom"/>.</summary>
    public Tensor FromHostPrefix<T>(Shape shape, ReadOnlySpan<T> values) where T : unmanaged
    {
        Tensor tensor = New(shape, DTypes.Of<T>());
        tensor.CopyPrefixFrom(values);
        return tensor;
    }

    /// <summary>A floating tensor of this step with elements from the host, rounded to the type.</summary>
    public Tensor FromDoubles(Shape shape, DType type, ReadOnlySpan<double> values)
    {
        Tensor tensor = New(shape, type);
        tensor.CopyFromDoubles(values);
        return tensor;
    }

    /// <summary>
    /// Says that the caller will not read a tensor of this step again: its memory is free at once, or, where a recorded op reads it in its
    /// backward rule, as soon as that has run. Tensors that belong to somebody else are left alone.
    /// </summary>
    public void Release(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Owner == this)
        {
            using BackendScope scope = Backend.Entrance.EnterToRelease(Backend, "release");
            tensor.Owner = null;
            tensor.Storage.ReleaseIfHeld();
        }
    }

    /// <summary>Keeps a tensor readable after <see cref="Backward"/>, until the step is disposed: a loss, a prediction.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        tensor.IsKept = true;
        return tensor;
    }

    /// <summary>Marks an input of the step as wanting a gradient, which <see cref="GradientOf"/> gives after <see cref="Backward"/>.</summary>
    /// <returns>The same tensor.</returns>
    /// <exception cref="ShapeException">The tensor is not of a floating type, or is a parameter's, whose <see cref="Layers.Parameter.Trainable"/> decides.</exception>
    /// <exception cref="InvalidOperationException">Another step, which is still open, gives the tensor its gradient.</exception>
    public Tensor Watch(Tensor tensor)
    {
        using BackendScope scope = Enter(WatchOp, [tensor]);
        if (!tensor.DType.IsFloating() || tensor.Parameter is not null)
        {
            throw new ShapeException(tensor.Parameter is { } parameter
                ? $"watch: {tensor} is the value of parameter {parameter.Name}; set Parameter.Trainable instead"
                : $"watch: {tensor} has no gradient; only floating tensors do, so cast it first");
        }

        if (tensor.RequiresGradient && tensor.Home is { _disposed: false } home && home != this)
        {
            throw new InvalidOperationException($"watch: the tensor {tensor} gets its gradient from another step, which is still open; dispose that step first, or watch a copy");
        }

        if (tensor.Home != this)
        {
            tensor.Home = this;
            tensor.Gradient = null;
        }

        tensor.RequiresGradient = RecordsGradients;
        return tensor;
    }

    /// <summary>Stops recording until the result is disposed: ops in between have no gradient (PyTorch's <c>no_grad</c> block).</summary>
    public IDisposable PauseRecording()
    {
        _pauses++;
        return new Pause(this);
    }

    /// <summary>
    /// The gradient of a watched or kept tensor after <see cref="Backward"/>, or null where none reached it. Parameters that an optimiser moved during the backward pass
    /// have none any more.
    /// </summary>
    public Tensor? GradientOf(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Parameter is { } parameter ? parameter.GradientIfAny : tensor.Gradient ?? GradientOfPart(tensor);
    }

    /// <summary>
    /// Runs every recorded op backward from a loss with one element. Gradients of parameters are added to their flat buffers; gradients that
    /// nobody needs are not computed. Activations are freed on the way, except those that <see cref="Keep"/> names.
    /// </summary>
    /// <param name="loss">A tensor with one element.</param>
    /// <param name="seed">The gradient of the loss itself, usually 1.</param>
    /// <exception cref="ShapeException">The loss has more than one element, or nothing that it was computed from wants a gradient.</exception>
    /// <exception cref="InvalidOperationException">
    /// The step has run backward before: its activations are gone. Add losses up and run backward once. Or the loss is another step's, or what a recorded op saved has been overwritten since.
    /// </exception>
    public void Backward(Tensor loss, double seed = 1.0)
    {
        using BackendScope scope = Enter("backward", [loss]);
        CheckBackward(loss);
        RunBackward(loss, seed);
    }

    /// <summary>Returns every tensor of the step to the allocator.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        using BackendScope scope = Backend.Entrance.EnterToRelease(Backend, "dispose of a step");
        _disposed = true;
        Backend.Entrance.StepEnded();
        foreach (Node node in _tape)
        {
            ReleaseSaved(node);
        }

        _tape.Clear();
        foreach (Tensor tensor in _owned)
        {
            Release(tensor);
        }

        _owned.Clear();
    }

    /// <summary>Runs backward as <see cref="Backward"/> does, and moves each parameter of an updater as soon as its gradient is complete.</summary>
    /// <param name="loss">A tensor that <see cref="CheckBackward"/> has accepted.</param>
    /// <param name="seed">The gradient of the loss itself.</param>
    /// <param name="updater">Moves its parameters, whose gradients then never reach the flat buffers.</param>
    internal void BackwardAndMove(Tensor loss, double seed, IParameterUpdater updater)
    {
        using var transient = new TransientGradients(updater);
        _tape.ForEach(transient.Expect);
        _transient = transient;
        try
        {
            RunBackward(loss, seed);
        }
        finally
        {
            _transient = null;
        }
    }

    /// <summary>A view of a tensor that counts as one more holder of its memory and as an op's output.</summary>
    internal Tensor ViewOf(Tensor tensor, Shape shape)
    {
        Tensor view = tensor.View(shape);
        view.Storage.Retain();
        return Own(view);
    }

    /// <summary>Whether any of an op's inputs wants a gradient in this step. Ask with every input that the backward rule may ask <see cref="TargetFor"/> about.</summary>
    internal bool Wants(params ReadOnlySpan<Tensor?> inputs)
    {
        _wanting.Clear();
        bool wants = false;
        foreach (Tensor? input in inputs)
        {
            if (input is { RequiresGradient: true })
            {
                wants = true;
                _region?.Add(input);
                Note(input);
            }
        }

        return wants && RecordsGradients && _pauses == 0;
    }

    /// <summary>Records an op whose output wants a gradient. Call only after <see cref="Wants"/> said so.</summary>
    /// <param name="op">The op's name.</param>
    /// <param name="output">What it made.</param>
    /// <param name="saved">Everything that the rule reads.</param>
    /// <param name="backward">The rule.</param>
    internal Node Record(string op, Tensor output, ReadOnlySpan<Tensor?> saved, Action<Tensor> backward)
    {
        int count = 0;
        foreach (Tensor? tensor in saved)
        {
            count += tensor is null ? 0 : 1;
        }

        var held = new SavedTensor[count];
        foreach (Tensor? tensor in saved)
        {
            if (tensor is not null)
            {
                tensor.Storage.Retain();
                held[^count--] = new SavedTensor(tensor, tensor.Version);
                Note(tensor);
            }
        }

        output.RequiresGradient = true;
        var node = new Node(op, output, held, [.. _wanting], Backend.Section.Name, backward);
        _tape.Add(node);
        _wanting.Clear();
        return node;
    }

    /// <summary>
    /// A new tensor of this step in the memory of one that its caller gives up, or null where the memory is still needed: it belongs to somebody else, is kept, or is held
    /// by a view or by a recorded op whose backward rule reads it.
    /// </summary>
    internal Tensor? TryTake(Tensor tensor)
    {
        if (tensor.Owner != this || tensor.IsKept || tensor.Storage.IsShared)
        {
            return null;
        }

        Tensor taken = Own(tensor.View(tensor.Shape));
        tensor.Owner = null;
        tensor.IsTaken = true;
        return taken;
    }

    /// <summary>A part of a tensor along its first axis, in the same memory; its gradient is that part of the tensor's.</summary>
    internal Tensor PartOf(Tensor tensor, int start, int length)
    {
        // Of a part of a part the gradient belongs to the whole as well.
        Tensor whole = tensor.Whole ?? tensor;
        long row = tensor.Count / Math.Max(1, tensor.Shape[0]);
        var part = new Tensor(tensor.Storage, tensor.Offset + (start * row), tensor.Shape.With(0, length), tensor.DType) { Whole = whole };
        part.Storage.Retain();
        part.RequiresGradient = RecordsGradients && _pauses == 0 && whole.RequiresGradient;
        return Own(part);
    }

    private Tensor Own(Tensor tensor)
    {
        tensor.Owner = this;
        tensor.Home = this;
        _owned.Add(tensor);
        return tensor;
    }

    /// <summary>Remembers a trained parameter for the op that is recorded next.</summary>
    private void Note(Tensor tensor)
    {
        if (tensor is { Parameter: { } parameter, RequiresGradient: true } && !_wanting.Contains(parameter))
        {
            _wanting.Add(parameter);
        }
    }

    private sealed class Pause(Step step) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            if (!_ended)
            {
                _ended = true;
                step._pauses--;
            }
        }
    }
}
