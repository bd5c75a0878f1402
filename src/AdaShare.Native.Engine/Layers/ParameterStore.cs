using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>All parameters and buffers of a model, in named groups; layers add theirs, then <see cref="Allocate"/> gives them memory.</summary>
public sealed class ParameterStore : IDisposable
{
    private readonly Dictionary<string, Parameter> _byName = [];
    private readonly List<Parameter> _ordered = [];
    private readonly List<ParameterGroup> _groups = [];
    private readonly List<Counter> _counters = [];
    private bool _allocated;

    /// <summary>The groups in the order in which they were first named.</summary>
    public IReadOnlyList<ParameterGroup> Groups => _groups;

    /// <summary>Every parameter and buffer, in the order in which layers added them (PyTorch's state-dict order).</summary>
    public IReadOnlyList<Parameter> Parameters => _ordered;

    /// <summary>The whole numbers of the model's state.</summary>
    public IReadOnlyList<Counter> Counters => _counters;

    /// <summary>The elements of all parameters, buffers left out.</summary>
    public long ParameterCount => _ordered.Where(static p => !p.Group.IsBuffer).Sum(static p => p.Count);

    /// <summary>The elements of everything that a checkpoint of the model holds: parameters, buffers and counters (PyTorch's state dict).</summary>
    public long StateCount => _ordered.Sum(static p => p.Count) + _counters.Count;

    /// <summary>The parameter of a name.</summary>
    /// <exception cref="AdaShareException">There is none.</exception>
    public Parameter this[string name] => _byName.TryGetValue(name, out Parameter? parameter)
        ? parameter
        : throw new AdaShareException($"no parameter is called {name}; the model has {_ordered.Count}, the first is {(_ordered.Count > 0 ? _ordered[0].Name : "none")}");

    /// <summary>Whether a parameter of a name exists.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The group of a name, made if new.</summary>
    /// <param name="name">The group's name.</param>
    /// <param name="isBuffer">Whether it holds buffers instead of trained parameters.</param>
    public ParameterGroup Group(string name, bool isBuffer = false)
    {
        ParameterGroup? group = _groups.Find(g => g.Name == name);
        if (group is null)
        {
            group = new ParameterGroup(this, name, isBuffer);
            _groups.Add(group);
        }

        return group;
    }

    /// <summary>Adds a whole number to the model's state.</summary>
    public Counter AddCounter(string name)
    {
        if (_byName.ContainsKey(name) || _counters.Exists(c => c.Name == name))
        {
            throw new AdaShareException($"two entries of the model's state are called {name}; give each layer a name of its own");
        }

        var counter = new Counter(name);
        _counters.Add(counter);
        return counter;
    }

    /// <summary>Gives every group its flat buffers, set to zero.</summary>
    /// <param name="backend">Whose memory.</param>
    /// <param name="type">Float32, or Float64 for verification.</param>
    public void Allocate(Backend backend, DType type)
    {
        ArgumentNullException.ThrowIfNull(backend);
        if (_allocated)
        {
            throw new InvalidOperationException("the parameter store has its memory already");
        }

        _allocated = true;
        foreach (ParameterGroup group in _groups)
        {
            group.Allocate(backend, type);
        }
    }

    /// <summary>Sets every parameter and buffer from a seed by its initialiser, and every counter to 0.</summary>
    public void Initialize(ulong seed)
    {
        foreach (Counter counter in _counters)
        {
            counter.Value = 0;
        }

        foreach (Parameter parameter in _ordered)
        {
            parameter.Initialize(seed);
        }
    }

    /// <summary>Returns the flat buffers.</summary>
    public void Dispose()
    {
        if (_allocated)
        {
            _allocated = false;
            foreach (ParameterGroup group in _groups)
            {
                group.Free();
            }
        }
    }

    internal void Register(Parameter parameter)
    {
        if (_allocated)
        {
            throw new InvalidOperationException($"parameter {parameter.Name} comes too late: the store has its memory already");
        }

        if (!_byName.TryAdd(parameter.Name, parameter))
        {
            throw new AdaShareException($"two parameters are called {parameter.Name}; give each layer a name of its own");
        }

        _ordered.Add(parameter);
    }
}
