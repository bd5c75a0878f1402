using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Kernels;

/// <summary>
/// Products of row-major matrices by cuBLAS, which knows column-major ones: a row-major matrix is its own transpose column by column, so C = A B is asked for as C^T = B^T A^T.
/// </summary>
internal sealed class MatrixKernels(DeviceContext context) : IMatrixKernels, IDescribable, IDisposable
{
    // What NVIDIA recommends: 32 MiB from Hopper on, 4 MiB before.
    private const int HopperWorkspace = 32 << 20;
    private const int Workspace = 4 << 20;

    private static readonly Version Hopper = new(9, 0);

    private readonly ulong[] _words = new ulong[1 + (Unsafe.SizeOf<ProductCommand>() / sizeof(ulong))];
    private string _current = string.Empty;
    private nint _handle;
    private ulong _workspace;

    /// <inheritdoc/>
    public void Multiply(Tensor left, bool transposeLeft, Tensor right, bool transposeRight, Tensor result, bool accumulate)
    {
        Start();
        _current = $"{left.Shape}{(transposeLeft ? "^T" : string.Empty)} {right.Shape}{(transposeRight ? "^T" : string.Empty)}";
        _words[0] = (ulong)CommandKind.Product;
        MemoryMarshal.Cast<ulong, ProductCommand>(_words.AsSpan(1))[0] = new ProductCommand
        {
            OperationA = transposeRight ? CublasOperation.Transpose : CublasOperation.None,
            OperationB = transposeLeft ? CublasOperation.Transpose : CublasOperation.None,
            M = result.Shape[1],
            N = result.Shape[0],
            K = left.Shape[transposeLeft ? 0 : 1],
            A = context.Pointer(right),
            LeadingA = right.Shape[1],
            B = context.Pointer(left),
            LeadingB = left.Shape[1],
            C = context.Pointer(result),
            LeadingC = result.Shape[1],
            Beta = accumulate ? 1 : 0,
            Compute = context.Options.AllowTf32 ? CublasCompute.Float32FastTf32 : CublasCompute.Float32,
        };
        context.Commands.Issue(_words, this);
    }

    /// <inheritdoc/>
    public string Describe() => $"matrix product {_current}";

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
        device.Check("cublasSetMathMode", cublas.SetMathMode(_handle, context.Options.AllowTf32 ? CublasMath.Tf32TensorOp : CublasMath.Default));
        context.Commands.BlasHandle = _handle;
    }
}
