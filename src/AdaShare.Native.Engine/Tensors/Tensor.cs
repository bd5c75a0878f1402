using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Engine.Tensors;

/// <summary>
/// A dense, contiguous array of up to five dimensions in the memory of one backend. Activations are channels last: [N, H, W, C].
/// </summary>
/// <remarks>
/// Filters of convolutions carry PyTorch's shape [out, in, kh, kw] and lie in memory as the backend's <see cref="FilterLayout"/> says;
/// copies to and from the host speak PyTorch's order. A tensor made by an op belongs to the <see cref="Autograd.Step"/> that ran it.
/// </remarks>
public sealed class Tensor
{
    internal Tensor(Storage storage, long offset, Shape shape, DType type, bool isFilter = false)
    {
        Storage = storage;
        Offset = offset;
        Shape = shape;
        DType = type;
        IsFilter = isFilter;
    }

    /// <summary>The dimensions.</summary>
    public Shape Shape { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The memory that holds the elements.</summary>
    public Storage Storage { get; }

    /// <summary>The index in <see cref="Storage"/> of the first element, in elements.</summary>
    public long Offset { get; }

    /// <summary>Whether the elements are a convolution's filter, kept in the backend's <see cref="FilterLayout"/>.</summary>
    public bool IsFilter { get; }

    /// <summary>The number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary>The backend that holds the tensor.</summary>
    public Backend Backend => Storage.Backend;

    /// <summary>Whether a gradient is wanted for this tensor: it is a trainable parameter, or was computed from one while recording.</summary>
    public bool RequiresGradient { get; internal set; }

    /// <summary>The gradient during a backward pass, for tensors that an op made.</summary>
    internal Tensor? Gradient { get; set; }

    /// <summary>The tensor of which this is a part, if its gradient is the same part of that one's; see <see cref="Ops.AssemblyOps.Narrow"/>.</summary>
    internal Tensor? Whole { get; init; }

    /// <summary>The step that will release the memory, until it has.</summary>
    internal Autograd.Step? Owner { get; set; }

    /// <summary>The step that made the tensor, or watches it: the only one whose backward pass gives it a gradient. It stays when the memory has gone.</summary>
    internal Autograd.Step? Home { get; set; }

    /// <summary>Whether an op has put its output over the elements, because its caller had given them up.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>Whether the tensor stays readable after a backward pass.</summary>
    internal bool IsKept { get; set; }

    /// <summary>The parameter whose value this is, or whose value rounded to bfloat16, if any: its gradient goes to the group's flat buffer.</summary>
    internal Layers.Parameter? Parameter { get; set; }

    /// <summary>
    /// How often the elements were overwritten from outside of ops: by the host, by an optimiser, by a batch norm's running statistics. A recorded op remembers it for what its backward rule
    /// reads. Views share it; the parameters of a group, which share memory, have their own besides.
    /// </summary>
    /// <remarks>PyTorch: <c>Tensor._version</c>.</remarks>
    internal long Version => Storage.Version + (Parameter?.Version ?? 0);

    /// <summary>A tensor outside any step, for example a parameter buffer. The caller releases its <see cref="Storage"/>.</summary>
    /// <exception cref="DeviceException">The backend does not compute in the type, or has no memory left.</exception>
    /// <exception cref="ShapeException">A filter's shape does not have four dimensions.</exception>
    public static Tensor Allocate(Backend backend, Shape shape, DType type, bool isFilter = false)
    {
        ArgumentNullException.ThrowIfNull(backend);
        CheckFilter("allocate", shape, isFilter);
        if (!backend.Supports(type))
        {
            throw new DeviceException($"{backend.Name} does not compute in {type}; use {DType.Float32}");
        }

        return new Tensor(backend.Allocate(Math.Max(1, shape.Count) * type.Size()), 0, shape, type, isFilter);
    }

    /// <summary>Another shape over the same elements; no copy.</summary>
    /// <exception cref="ShapeException">The element counts differ, or this is a filter.</exception>
    public Tensor View(Shape shape)
    {
        if (shape.Count != Count || IsFilter)
        {
            throw new ShapeException($"view: {Shape} has {Count} elements, {shape} has {shape.Count}{(IsFilter ? ", and a filter keeps its shape" : string.Empty)}; the counts must be the same");
        }

        return new Tensor(Storage, Offset, shape, DType) { IsTaken = IsTaken };
    }

    /// <summary>A contiguous part of the elements as a tensor of its own; no copy.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="shape">The shape of the part.</param>
    /// <param name="isFilter">Whether the part is a filter, see <see cref="IsFilter"/>.</param>
    /// <exception cref="ShapeException">The part lies outside, or a filter's shape does not have four dimensions.</exception>
    public Tensor Part(long start, Shape shape, bool isFilter = false)
    {
        if (start < 0 || start > Count - shape.Count)
        {
            throw new ShapeException($"part: {shape.Count} elements from {start} on lie outside {Shape} with {Count} elements");
        }

        CheckFilter("part", shape, isFilter);
        return new Tensor(Storage, Offset + start, shape, DType, isFilter) { IsTaken = IsTaken };
    }

    /// <summary>Copies elements from the host, in row-major (for filters PyTorch's) order.</summary>
    /// <exception cref="ShapeException">The count or the element type does not fit.</exception>
    public void CopyFrom<T>(ReadOnlySpan<T> source) where T : unmanaged
    {
        CheckHost<T>("copy from host", source.Length);
        if (IsFilter && Backend.FilterLayout != FilterLayout.Oihw)
        {
            var stored = new T[source.Length];
            Backend.FilterLayout.Store(Shape, source, stored.AsSpan());
            Backend.Upload(MemoryMarshal.AsBytes<T>(stored), this);
            return;
        }

        Backend.Upload(MemoryMarshal.AsBytes(source), this);
    }

    /// <summary>
    /// Copies some first elements from the host; the others hold anything from then on. A captured step is the same one however many there are, and no others cross the bus.
    /// </summary>
    /// <exception cref="ShapeException">There are more than the tensor has, the element type does not fit, or this is a filter.</exception>
    public void CopyPrefixFrom<T>(ReadOnlySpan<T> source) where T : unmanaged
    {
        if (DTypes.Of<T>() != DType || source.Length > Count || IsFilter)
        {
            throw new ShapeException($"copy from host: the tensor is {this} with {Count} elements{(IsFilter ? " of a filter" : string.Empty)}, the host side has {source.Length} of {typeof(T).Name}; give at most as many, of one type");
        }

        CheckBytes<T>("copy from host", source.Length);
        Backend.Upload(MemoryMarshal.AsBytes(source), this);
    }

    /// <summary>Copies elements to the host, in row-major (for filters PyTorch's) order. Waits for the device.</summary>
    /// <exception cref="ShapeException">The count or the element type does not fit.</exception>
    public void CopyTo<T>(Span<T> target) where T : unmanaged
    {
        CheckHost<T>("copy to host", target.Length);
        if (IsFilter && Backend.FilterLayout != FilterLayout.Oihw)
        {
            var stored = new T[target.Length];
            Backend.Download(this, MemoryMarshal.AsBytes(stored.AsSpan()));
            Backend.FilterLayout.Load(Shape, stored, target);
            return;
        }

        Backend.Download(this, MemoryMarshal.AsBytes(target));
    }

    /// <summary>The elements in a new array; see <see cref="CopyTo"/>.</summary>
    /// <exception cref="ShapeException">The element type does not fit, or there are more elements than an array holds.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        CheckHost<T>("copy to host", Count);
        var values = new T[Count];
        CopyTo<T>(values);
        return values;
    }

    /// <summary>The elements of a floating tensor as doubles, whatever its precision; see <see cref="CopyTo"/>.</summary>
    public double[] ToDoubles() => DType switch
    {
        DType.Float64 => ToArray<double>(),
        DType.Float32 => Array.ConvertAll(ToArray<float>(), static x => (double)x),
        DType.BFloat16 => Array.ConvertAll(ToArray<BFloat16>(), static x => (double)(float)x),
        DType.Int32 => Array.ConvertAll(ToArray<int>(), static x => (double)x),
        _ => Array.ConvertAll(ToArray<byte>(), static x => (double)x),
    };

    /// <summary>Copies doubles into a floating tensor, rounding to its precision; see <see cref="CopyFrom"/>.</summary>
    public void CopyFromDoubles(ReadOnlySpan<double> source)
    {
        if (DType == DType.Float64)
        {
            CopyFrom(source);
            return;
        }

        if (DType == DType.BFloat16)
        {
            var halves = new BFloat16[source.Length];
            for (int i = 0; i < halves.Length; i++)
            {
                halves[i] = (BFloat16)(float)source[i];
            }

            CopyFrom<BFloat16>(halves);
            return;
        }

        var rounded = new float[source.Length];
        for (int i = 0; i < rounded.Length; i++)
        {
            rounded[i] = (float)source[i];
        }

        CopyFrom<float>(rounded);
    }

    /// <summary>The only element of a floating tensor with one element.</summary>
    public double Item() => Count == 1
        ? ToDoubles()[0]
        : throw new ShapeException($"item: {Shape} has {Count} elements; only a tensor with one element is a number");

    /// <summary>For example <c>Float32 [2, 13, 13, 40]</c>.</summary>
    public override string ToString() => $"{DType} {Shape}";

    /// <summary>Refuses a tensor whose elements are gone.</summary>
    /// <param name="op">Who was about to read or write them.</param>
    /// <exception cref="ObjectDisposedException">Its memory has been freed or taken, or is gone with its backend.</exception>
    public void ThrowIfFreed(string op)
    {
        if (Storage.IsFreed || IsTaken)
        {
            throw Freed(op);
        }
    }

    /// <summary>Takes note that the elements were overwritten from outside of ops.</summary>
    internal void MarkOverwritten()
    {
        if (Parameter is { } parameter)
        {
            parameter.MarkOverwritten();
        }
        else
        {
            Storage.Version++;
        }
    }

    private ObjectDisposedException Freed(string op)
    {
        string why = Backend.IsDisposed
            ? $"is gone with its backend {Backend.Name}, which has been disposed; dispose the backend last"
            : IsTaken
                ? "has given its memory to an op's output; read it before, or call that op with takeInput: false"
                : "has been freed: by Step.Release, by Backward, which keeps only what Step.Keep names, or with its step or owner; keep it, or use it before";
        return new ObjectDisposedException(null, $"{op}: the tensor {this} {why}");
    }

    private static void CheckFilter(string op, Shape shape, bool isFilter)
    {
        if (isFilter && shape.Rank != 4)
        {
            throw new ShapeException($"{op}: a filter of shape {shape}; filters are [out, in, kh, kw]");
        }
    }

    private void CheckHost<T>(string op, long length) where T : unmanaged
    {
        if (DTypes.Of<T>() != DType || length != Count)
        {
            throw new ShapeException($"{op}: the tensor is {this} with {Count} elements, the host side has {length} of {typeof(T).Name}; both must agree");
        }

        CheckBytes<T>(op, length);
    }

    private void CheckBytes<T>(string op, long length) where T : unmanaged
    {
        if (length * DType.Size() > int.MaxValue)
        {
            throw new ShapeException($"{op}: {length} of {typeof(T).Name} are {length * DType.Size()} bytes; at most {int.MaxValue} are copied at a time, so copy the tensor part by part");
        }
    }
}
