using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Commands;

/// <summary>A column-major matrix product as cuBLAS takes it: C [m, n] = op(A) op(B) + beta C.</summary>
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
    public ulong A;
    public ulong B;
    public ulong C;
    public CublasDataType Operands;
    public CublasDataType Result;
    public float Beta;
    public CublasCompute Compute;
}
