namespace AdaShare.Native.Engine.Tensors;

/// <summary>The element types of tensors.</summary>
public enum DType
{
    /// <summary>IEEE single precision, the type of training.</summary>
    Float32,

    /// <summary>IEEE double precision, for verification and gradient checks.</summary>
    Float64,

    /// <summary>32-bit signed integer: class labels and indices.</summary>
    Int32,

    /// <summary>8-bit unsigned integer: masks and stored pixels.</summary>
    UInt8,

    /// <summary>
    /// The upper half of single precision, see <see cref="Tensors.BFloat16"/>: how activations and their gradients are stored where a backend has it. Kernels compute in single precision, and
    /// parameters stay in it.
    /// </summary>
    BFloat16,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bytes an element.</summary>
    public static int Size(this DType type) => type switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Float64 => 8,
        DType.UInt8 => 1,
        DType.BFloat16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };

    /// <summary>Whether gradients can flow through the type.</summary>
    public static bool IsFloating(this DType type) => type is DType.Float32 or DType.Float64 or DType.BFloat16;

    /// <summary>The type of the parameters, statistics and gates that ops take with activations of a floating type: the same, but single precision for bfloat16.</summary>
    public static DType ParameterType(this DType type) => type == DType.BFloat16 ? DType.Float32 : type;

    /// <summary>The element type of a .NET type.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is none of float, double, int, byte, BFloat16.</exception>
    public static DType Of<T>() where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return DType.Float32;
        }

        if (typeof(T) == typeof(double))
        {
            return DType.Float64;
        }

        if (typeof(T) == typeof(int))
        {
            return DType.Int32;
        }

        if (typeof(T) == typeof(BFloat16))
        {
            return DType.BFloat16;
        }

        return typeof(T) == typeof(byte)
            ? DType.UInt8
            : throw new NotSupportedException($"tensors hold float, double, int, byte or BFloat16, not {typeof(T).Name}");
    }
}
