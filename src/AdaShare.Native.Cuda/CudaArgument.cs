using System.Globalization;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda;

/// <summary>An argument of a <see cref="CudaKernel"/>: tensors and numbers become one by themselves.</summary>
public readonly struct CudaArgument
{
    private readonly Kind _kind;
    private readonly Tensor? _tensor;
    private readonly long _integer;
    private readonly double _number;
    private readonly byte[]? _varying;

    private CudaArgument(Kind kind, Tensor? tensor = null, long integer = 0, double number = 0, byte[]? varying = null) =>
        (_kind, _tensor, _integer, _number, _varying) = (kind, tensor, integer, number, varying);

    // A default argument is a null pointer.
    private enum Kind
    {
        Pointer,
        Int32,
        Int64,
        Single,
        Double,
        Varying,
    }

    /// <summary>A pointer to a tensor's first element; a null pointer where there is no tensor.</summary>
    public static implicit operator CudaArgument(Tensor? tensor) => new(Kind.Pointer, tensor: tensor);

    /// <summary>An integer of 32 bits or fewer: <c>int</c>, <c>unsigned</c>, <c>bool</c>.</summary>
    public static implicit operator CudaArgument(int value) => new(Kind.Int32, integer: value);

    /// <summary>An integer of 64 bits, <c>long long</c>; or of 32 bits where it fits, so that counts of elements need no cast.</summary>
    public static implicit operator CudaArgument(long value) => new(Kind.Int64, integer: value);

    /// <summary>A condition, as <c>bool</c> or an integer 0 or 1.</summary>
    public static implicit operator CudaArgument(bool value) => new(Kind.Int32, integer: value ? 1 : 0);

    /// <summary>A <c>float</c>.</summary>
    public static implicit operator CudaArgument(float value) => new(Kind.Single, number: value);

    /// <summary>A <c>double</c>.</summary>
    public static implicit operator CudaArgument(double value) => new(Kind.Double, number: value);

    /// <summary>
    /// Numbers that change from step to step (a temperature, a learning rate): the kernel takes a pointer to them, <c>const float*</c>. A number that is passed by value is a part of a captured step, which has to be captured
    /// anew where it is another one; these are not.
    /// </summary>
    /// <typeparam name="T">float, double, int, or what else the kernel's pointer points to.</typeparam>
    /// <param name="numbers">The numbers, one at least.</param>
    public static CudaArgument Varying<T>(params ReadOnlySpan<T> numbers) where T : unmanaged => numbers.IsEmpty
        ? throw new ArgumentException("cuda: no numbers; give one at least", nameof(numbers))
        : new CudaArgument(Kind.Varying, varying: MemoryMarshal.AsBytes(numbers).ToArray());

    /// <summary>A random stream, as a pointer to two <c>unsigned long long</c>: its seed and its identity; see kernels/philox.cuh.</summary>
    public static CudaArgument Varying(RandomStream stream) => Varying<ulong>(stream.Seed, stream.Id);

    /// <summary>Why this can't be the argument for a parameter, as what follows <c>argument 2 of the kernel …</c>; null where it can.</summary>
    internal string? Obstacle(PtxParameter parameter) => _kind switch
    {
        Kind.Pointer or Kind.Varying => parameter.Bytes == sizeof(ulong) && !parameter.IsFloating ? null : $"is {Describe()}, and the parameter is {parameter.Type}, which is no pointer",
        Kind.Single => parameter.Type == "f32" ? null : $"is {Describe()}, and the parameter is {parameter.Type}{Cast(parameter)}",
        Kind.Double => parameter.Type == "f64" ? null : $"is {Describe()}, and the parameter is {parameter.Type}{Cast(parameter)}",
        _ => IntegerObstacle(parameter),
    };

    /// <summary>Adds this to the arguments of a call.</summary>
    internal void WriteTo(KernelCall call) => _ = _kind switch
    {
        Kind.Pointer => call.Tensor(_tensor),
        Kind.Varying => call.NumberBytes(_varying),
        Kind.Single => call.Float((float)_number),
        Kind.Double => call.Double(_number),
        _ => call.Long((ulong)_integer),
    };

    private string? IntegerObstacle(PtxParameter parameter)
    {
        if (parameter.IsPointer || parameter.IsFloating)
        {
            return $"is {Describe()}, and the parameter is {(parameter.IsPointer ? "a pointer" : parameter.Type)}{Cast(parameter)}";
        }

        if (_kind == Kind.Int32 && parameter.Bytes == sizeof(ulong))
        {
            return $"is {Describe()} of 32 bits, and the parameter is {parameter.Type}; give a long, or a tensor where the parameter is a pointer";
        }

        // Signed or not, the declarations of PTX don't tell.
        long most = parameter.Bytes == sizeof(ulong) ? long.MaxValue : (1L << (8 * parameter.Bytes)) - 1, least = parameter.Bytes == sizeof(ulong) ? long.MinValue : -(1L << ((8 * parameter.Bytes) - 1));
        return _integer >= least && _integer <= most ? null : $"is {Describe()}, which does not fit into {parameter.Type}";
    }

    private static string Cast(PtxParameter parameter) => parameter switch
    {
        { IsPointer: true } => "; give a tensor, or numbers by CudaArgument.Varying",
        { Type: "f32" } => "; give a float",
        { Type: "f64" } => "; give a double",
        { Bytes: sizeof(ulong) } => "; give a long or a tensor",
        _ => "; give an int",
    };

    private string Describe() => _kind switch
    {
        Kind.Pointer => _tensor is null ? "a null pointer" : $"the tensor {_tensor}",
        Kind.Varying => "a pointer to numbers",
        Kind.Single => $"the float {_number.ToString(CultureInfo.InvariantCulture)}",
        Kind.Double => $"the double {_number.ToString(CultureInfo.InvariantCulture)}",
        _ => $"the integer {_integer}",
    };
}
