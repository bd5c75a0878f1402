using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Catalogue;

/// <summary>What a kernel does with a tensor.</summary>
internal enum OperandUse
{
    /// <summary>Reads it.</summary>
    Read,

    /// <summary>Overwrites it.</summary>
    Written,

    /// <summary>Reads and overwrites it.</summary>
    Updated,
}

/// <summary>What a tensor is, which decides its element type.</summary>
internal enum OperandKind
{
    /// <summary>Values that flow through the network, and their gradients: the type of activations.</summary>
    Activation,

    /// <summary>Parameters, statistics, gates, predictions, losses, optimiser state and their gradients: single precision beside activations of any type.</summary>
    Parameter,

    /// <summary>A filter, in the backend's layout: the type of activations where it is read, single precision where it is a gradient.</summary>
    Filter,

    /// <summary>Labels and indices.</summary>
    Int32,

    /// <summary>Masks and pixels.</summary>
    UInt8,
}

/// <summary>A tensor that a benchmark's kernel reads or writes.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Axes">Its axes; see <see cref="Extents"/>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Fill">Its numbers before the call: random, whatever the kernel does with it, so that neither zeros nor a kernel that does nothing go unnoticed.</param>
internal sealed record Operand(string Name, string Axes, OperandKind Kind, Fill Fill)
{
    /// <summary>What the kernel does with it.</summary>
    public OperandUse Use { get; init; } = OperandUse.Read;

    /// <summary>The elements that the kernel touches, where it leaves some out.</summary>
    public long? Touched { get; init; }

    /// <summary>An activation or its gradient; normal numbers unless told otherwise.</summary>
    public static Operand Activation(string name, string axes, Fill? fill = null) => new(name, axes, OperandKind.Activation, fill ?? Fills.Normal);

    /// <summary>A parameter, statistic, prediction, loss or state; normal numbers unless told otherwise.</summary>
    public static Operand Parameter(string name, string axes, Fill? fill = null) => new(name, axes, OperandKind.Parameter, fill ?? Fills.Normal);

    /// <summary>A convolution's filter or its gradient, <c>OIab</c>.</summary>
    public static Operand Filter(string name, string axes) => new(name, axes, OperandKind.Filter, Fills.Normal);

    /// <summary>Labels or indices.</summary>
    public static Operand Integers(string name, string axes, Fill fill) => new(name, axes, OperandKind.Int32, fill);

    /// <summary>A mask or pixels.</summary>
    public static Operand Bytes(string name, string axes, Fill fill) => new(name, axes, OperandKind.UInt8, fill);

    /// <summary>This operand, overwritten by the kernel.</summary>
    public Operand Written() => this with { Use = OperandUse.Written };

    /// <summary>This operand, read and overwritten by the kernel.</summary>
    public Operand Updated() => this with { Use = OperandUse.Updated };

    /// <summary>The element type.</summary>
    /// <param name="activations">The type of activations.</param>
    public DType TypeOf(DType activations) => Kind switch
    {
        OperandKind.Activation => activations,
        OperandKind.Filter when Use == OperandUse.Read => activations,
        OperandKind.Filter or OperandKind.Parameter => activations == DType.Float64 ? DType.Float64 : DType.Float32,
        OperandKind.Int32 => DType.Int32,
        _ => DType.UInt8,
    };

    /// <summary>The bytes that a call must move: each touched element once for reading and once for writing.</summary>
    /// <param name="extents">The sizes.</param>
    /// <param name="activations">The type of activations.</param>
    public long BytesMoved(Extents extents, DType activations) => (Touched ?? extents.ShapeOf(Axes).Count) * TypeOf(activations).Size() * (Use == OperandUse.Updated ? 2 : 1);
}
