using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>A row-major matrix in device memory.</summary>
/// <param name="Address">Its first element.</param>
/// <param name="Type">Float32 or BFloat16.</param>
/// <param name="Stride">Elements from one row to the next.</param>
/// <param name="Distance">Elements from one matrix to the next, where there are several.</param>
internal readonly record struct MatrixAt(ulong Address, DType Type, int Stride, long Distance = 0);

/// <summary>
/// Products of row-major matrices by cuBLAS, which knows column-major ones: a row-major matrix is its own transpose column by column, so C = A B is asked for as C^T = B^T A^T.
/// </summary>
internal sealed class Products(DeviceContext context) : IDisposable
{
    // What NVIDIA recommends: 32 MiB from Hopper on, 4 MiB before.
    private const int HopperWorkspace = 32 << 20;
    private const int Workspace = 4 << 20;

    private static readonly Version Hopper = new(9, 0);

    private readonly ulong[] _words = new ulong[1 + (Unsafe.SizeOf<ProductCommand>() / sizeof(ulong))];
    private nint _handle;
    private ulong _workspace;

    /// <summary>result [rows, columns] (+)= op(left) [rows, depth] op(right) [depth, columns], summed in single precision.</summary>
    /// <param name="what">Who asks, for an error.</param>
    /// <param name="left">A, or its transpose.</param>
    /// <param name="transposeLeft">Whether the transpose is meant.</param>
    /// <param name="right">B, or its transpose, of the left one's type.</param>
    /// <param name="transposeRight">Whether the transpose is meant.</param>
    /// <param name="result">C.</param>
    /// <param name="sizes">Rows and columns of C, and the length of its sums.</param>
    /// <param name="accumulate">Whether to add to C.</param>
    /// <param name="count">How many products of these sizes.</param>
    public void Multiply(
        IDescribable what, MatrixAt left, bool transposeLeft, MatrixAt right, bool transposeRight, MatrixAt result, (int Rows, int Columns, int Depth) sizes, bool accumulate,
        int count = 1)
    {
        Start();
        _words[0] = (ulong)CommandKind.Product;
        MemoryMarshal.Cast<ulong, ProductCommand>(_words.AsSpan(1))[0] = new ProductCommand
        {
            OperationA = transposeRight ? CublasOperation.Transpose : CublasOperation.None,
            OperationB = transposeLeft ? CublasOperation.Transpose : CublasOperation.None,
            M = sizes.Columns,
            N = sizes.Rows,
            K = sizes.Depth,
            A = right.Address,
            LeadingA = right.Stride,
            B = left.Address,
            LeadingB = left.Stride,
            C = result.Address,
            LeadingC = result.Stride,
            DistanceA = right.Distance,
            DistanceB = left.Distance,
            DistanceC = result.Distance,
            Count = count,
            Operands = TypeOf(left.Type),
            Result = TypeOf(result.Type),
            Beta = accumulate ? 1 : 0,
            Compute = context.Options.AllowTf32 && left.Type == DType.Float32 ? CublasCompute.Float32FastTf32 : CublasCompute.Float32,
        };
        context.Commands.Issue(_words, what);
    }

    /// <summary>Destroys the handle and its workspace.</summary>
    public void Dispose()
    {
        if (_handle != 0)
        {
            context.Device.Libraries.Cublas.Destroy(_handle);
            context.Device.Driver.MemFree(_workspace);
            _handle = 0;
        }
    }

    private static CublasDataType TypeOf(DType type) => type == DType.BFloat16 ? CublasDataType.Bfloat16 : CublasDataType.Float32;

    private void Start()
    {
        if (_handle != 0)
        {
            return;
        }

        CudaDevice device = context.Device;
        ICublas cublas = device.Libraries.Cublas;
        device.Activate();
        int bytes = device.ComputeCapability >= Hopper ? HopperWorkspace : Workspace;
        device.Check($"cuMemAlloc of {bytes} bytes", device.Driver.MemAlloc(out _workspace, (nuint)bytes));
        device.Check("cublasCreate", cublas.Create(out _handle));
        device.Check("cublasSetStream", cublas.SetStream(_handle, device.ComputeStream));

        // The stream is set first: setting it forgets the workspace. A fixed one gives the same bits each time and may be captured.
        device.Check("cublasSetWorkspace", cublas.SetWorkspace(_handle, _workspace, (nuint)bytes));

        // Parts of a sum must not be rounded to bfloat16 on their way.
        CublasMath math = CublasMath.DisallowReducedPrecisionReduction | (context.Options.AllowTf32 ? CublasMath.Tf32TensorOp : CublasMath.Default);
        device.Check("cublasSetMathMode", cublas.SetMathMode(_handle, math));
        context.Commands.BlasHandle = _handle;
    }
}
