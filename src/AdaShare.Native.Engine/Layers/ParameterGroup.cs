using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>
/// Parameters that lie side by side in one flat buffer of values and, where somebody asks for whole gradients, one of gradients: one optimiser kernel, one read and one write
/// serve them all.
/// </summary>
public sealed class ParameterGroup
{
    // Every parameter starts on a cache line, so that vector kernels never straddle two parameters' first elements.
    private const int Alignment = 16;

    private readonly List<Parameter> _parameters = [];
    private readonly ParameterStore _store;
    private Tensor? _values;
    private Tensor? _gradients;
    private Tensor? _rounded;
    private long _roundedVersion;

    internal ParameterGroup(ParameterStore store, string name, bool isBuffer)
    {
        _store = store;
        Name = name;
        IsBuffer = isBuffer;
    }

    /// <summary>The group's name.</summary>
    public string Name { get; }

    /// <summary>Whether the group holds buffers, which are kept but never trained.</summary>
    public bool IsBuffer { get; }

    /// <summary>The parameters in the order of the flat buffer.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>All values, one after another, each parameter at a multiple of 16 elements.</summary>
    public Tensor Values => _values ?? throw new InvalidOperationException($"group {Name} has no memory yet; call ParameterStore.Allocate first");

    /// <summary>
    /// All gradients, in the order of <see cref="Values"/>. The buffer gets its memory, set to zero, when it is first asked for: frozen groups, and those that an optimiser
    /// moves during the backward pass, never need it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The store has not been allocated, or the group holds buffers.</exception>
    public Tensor Gradients => _gradients ??= !IsBuffer
        ? Zeros(Values.Backend, Values.DType, (int)Values.Count)
        : throw new InvalidOperationException($"group {Name} has no gradients: it holds buffers, which are never trained");

    /// <summary>
    /// All values rounded to bfloat16, for convolutions over activations of that type. The buffer gets its memory when it is first asked for; optimisers write it beside the values, and what the
    /// host writes to the values is rounded when it is next asked for. Whoever writes to <see cref="Values"/> by kernels of their own calls <see cref="ValuesChanged"/>.
    /// </summary>
    /// <exception cref="DeviceException">The backend does not compute in bfloat16.</exception>
    public Tensor Rounded
    {
        get
        {
            if (_rounded is null || _roundedVersion != Values.Storage.Version)
            {
                using BackendScope scope = Values.Backend.Enter("rounded values");
                _rounded ??= Tensor.Allocate(Values.Backend, Values.Shape, DType.BFloat16);
                _roundedVersion = Values.Storage.Version;
                _rounded.Storage.Version++;
                Values.Backend.Elementwise.Cast(Values, _rounded);
            }

            return _rounded;
        }
    }

    /// <summary>Whether every parameter is trained; setting it freezes or frees them all.</summary>
    public bool Trainable
    {
        get => _parameters.TrueForAll(static p => p.Trainable);
        set
        {
            foreach (Parameter parameter in _parameters)
            {
                parameter.Trainable = value;
            }
        }
    }

    /// <summary>Adds a parameter before the store is allocated.</summary>
    /// <param name="name">A name that no other parameter of the store has.</param>
    /// <param name="shape">The shape in PyTorch's order.</param>
    /// <param name="initializer">How <see cref="Parameter.Initialize"/> fills it.</param>
    /// <param name="isFilter">Whether it is a convolution's filter.</param>
    /// <exception cref="ShapeException">A filter's shape does not have four dimensions.</exception>
    public Parameter Add(string name, Shape shape, Initializer initializer, bool isFilter = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(initializer);
        if (isFilter && shape.Rank != 4)
        {
            throw new ShapeException($"parameter {name}: a filter of shape {shape}; filters are [out, in, kh, kw]");
        }

        var parameter = new Parameter(this, name, shape, isFilter, initializer);
        _store.Register(parameter);
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Forgets all gradients (PyTorch's <c>zero_grad</c>) without touching memory.</summary>
    public void ClearGradients()
    {
        foreach (Parameter parameter in _parameters)
        {
            parameter.ClearGradient();
        }
    }

    /// <summary>Says that kernels have written to <see cref="Values"/>, so that <see cref="Rounded"/> is out of date.</summary>
    public void ValuesChanged() => Values.Storage.Version++;

    /// <summary>Says that one parameter's values were overwritten; those of the others are as they were.</summary>
    internal void RoundAgain() => _roundedVersion = -1;

    /// <summary>A part of <see cref="Rounded"/> for an optimiser to write; null where nobody has asked for it.</summary>
    internal Tensor? RoundedPart(long start, Shape shape) => _rounded?.Part(start, shape);

    internal void Allocate(Backend backend, DType type)
    {
        long total = 0;
        var starts = new long[_parameters.Count];
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = total;
            total += (_parameters[i].Count + Alignment - 1) / Alignment * Alignment;
        }

        if (total > int.MaxValue)
        {
            throw new AdaShareException($"group {Name} has {total} elements; a flat buffer holds at most {int.MaxValue}, so split the group");
        }

        _values = Zeros(backend, type, (int)total);
        for (int i = 0; i < starts.Length; i++)
        {
            Parameter p = _parameters[i];
            p.Attach(_values.Part(starts[i], p.Shape, p.IsFilter));
        }
    }

    internal void Free()
    {
        _values?.Storage.Release();
        _gradients?.Storage.Release();
        _rounded?.Storage.Release();
        _values = null;
        _gradients = null;
        _rounded = null;
    }

    private static Tensor Zeros(Backend backend, DType type, int count)
    {
        using BackendScope scope = backend.Enter("allocate");
        Tensor tensor = Tensor.Allocate(backend, new Shape(count), type);
        backend.Elementwise.Fill(tensor, 0);
        return tensor;
    }
}
