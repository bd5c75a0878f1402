using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>A named tensor of a model: trained, or, as a buffer, merely kept (running statistics). It lies in its group's flat buffers.</summary>
public sealed class Parameter
{
    private readonly Initializer _initializer;
    private Tensor? _value;
    private Tensor? _gradient;
    private Tensor? _rounded;
    private bool _trainable;

    internal Parameter(ParameterGroup group, string name, Shape shape, bool isFilter, Initializer initializer)
    {
        Group = group;
        Name = name;
        Shape = shape;
        IsFilter = isFilter;
        _initializer = initializer;
        _trainable = !group.IsBuffer;
    }

    /// <summary>The group in whose flat buffers the parameter lies.</summary>
    public ParameterGroup Group { get; }

    /// <summary>The name in checkpoints, for example <c>backbone.blocks.0.0.conv1.weight</c>.</summary>
    public string Name { get; }

    /// <summary>The shape in PyTorch's order.</summary>
    public Shape Shape { get; }

    /// <summary>Whether this is a convolution's filter, kept in the backend's layout.</summary>
    public bool IsFilter { get; }

    /// <summary>The number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary>The values, a part of the group's flat buffer.</summary>
    /// <exception cref="InvalidOperationException">The store has not been allocated.</exception>
    public Tensor Value => _value ?? throw new InvalidOperationException($"parameter {Name} has no memory yet; call ParameterStore.Allocate first");

    /// <summary>The values for activations of a type: <see cref="Value"/>, or for bfloat16 the same rounded, see <see cref="ParameterGroup.Rounded"/>. Gradients are those of the values either way.</summary>
    /// <param name="activations">The activations' type.</param>
    public Tensor For(DType activations) => activations == DType.BFloat16 ? Rounded() : Value;

    /// <summary>
    /// The gradient, a part of the group's flat buffer; meaningful where <see cref="HasGradient"/>. The buffer gets its memory when one of the group's gradients is first
    /// asked for.
    /// </summary>
    /// <exception cref="InvalidOperationException">The store has not been allocated, or this is a buffer.</exception>
    public Tensor Gradient => _gradient ??= Group.Gradients.Part(Start, Shape, IsFilter);

    /// <summary>Whether a backward pass has written <see cref="Gradient"/> since gradients were last cleared.</summary>
    public bool HasGradient { get; private set; }

    /// <summary>Whether the parameter is trained (PyTorch's <c>requires_grad</c>); frozen parameters get no gradient. Buffers are never trained.</summary>
    public bool Trainable
    {
        get => _trainable;
        set
        {
            if (value && Group.IsBuffer)
            {
                throw new AdaShareException($"parameter {Name} is a buffer of group {Group.Name} and cannot be trained");
            }

            _trainable = value;
            _value?.RequiresGradient = value;
            _rounded?.RequiresGradient = value;
        }
    }

    /// <summary>How often these values alone were overwritten; see <see cref="Tensor.Version"/>.</summary>
    internal long Version { get; private set; }

    /// <summary>The gradient where one was written, otherwise null.</summary>
    internal Tensor? GradientIfAny => HasGradient ? Gradient : null;

    /// <summary>The index of the first element in the group's flat buffers.</summary>
    internal long Start => Value.Offset - Group.Values.Offset;

    /// <summary>Forgets the gradient; the next one overwrites it, so nothing needs to be set to zero.</summary>
    public void ClearGradient() => HasGradient = false;

    /// <summary>Sets the values from a seed, by the initialiser that the layer chose.</summary>
    public void Initialize(ulong seed) => Fill(_initializer(Shape, Random.RandomStream.For(seed, "initialize/" + Name)));

    /// <summary>Sets the values to a function of their positions, rounded to the parameter's type.</summary>
    /// <param name="element">From an element's position, in PyTorch's order, to its value; called from several threads at once.</param>
    public void Fill(Func<long, double> element)
    {
        ArgumentNullException.ThrowIfNull(element);
        using BackendScope scope = Value.Backend.Enter("fill");
        Value.ThrowIfFreed("fill");
        ParameterFill.Fill(Value, element);
        Group.ValuesChanged();
    }

    internal void Attach(Tensor value)
    {
        _value = value;
        _gradient = null;
        _rounded = null;
        HasGradient = false;
        value.Parameter = this;
        value.RequiresGradient = _trainable;
    }

    private Tensor Rounded()
    {
        Tensor all = Group.Rounded;
        if (_rounded is null || _rounded.Storage != all.Storage)
        {
            _rounded = all.Part(Start, Shape, IsFilter);
            _rounded.Parameter = this;
            _rounded.RequiresGradient = _trainable;
        }

        return _rounded;
    }

    /// <summary>Takes note that an optimiser or a batch norm has moved the values; an optimiser writes them rounded as well.</summary>
    internal void MarkMoved() => Version++;

    /// <summary>Takes note that the values were overwritten, and that those rounded are out of date.</summary>
    internal void MarkOverwritten()
    {
        Version++;
        Group.RoundAgain();
    }

    /// <summary>Where the next gradient goes: over the old content the first time, on top of it after that.</summary>
    internal Target TakeTarget()
    {
        var target = new Target(Gradient, HasGradient);
        HasGradient = true;
        return target;
    }

    /// <summary>Sets a gradient that no backward pass has written to zero, so that the group's buffer is whole.</summary>
    internal void CompleteGradient()
    {
        if (!HasGradient)
        {
            Value.Backend.Elementwise.Fill(Gradient, 0);
            HasGradient = true;
        }
    }
}
