using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Commands;

/// <summary>Column-major matrix products of one size as cuBLAS takes them: C [m, n] = op(A) op(B) + beta C.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProductCommand
{
    public CublasOperation OperationA;
    public CublasOperation OperationB;
    public int M;
    public int N;
    public int K;
    public int LeadingA;
    public int LeadingB;
    public int LeadingC;
    public int Count;
    public ulong A;
    public ulong B;
    public ulong C;
    public long DistanceA;
    public long DistanceB;
    public long DistanceC;
    public CublasDataType Operands;
    public CublasDataType Result;
    public float Beta;
    public CublasCompute Compute;
}
