using System.Runtime.InteropServices;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Cudnn;
using AdaShare.Native.CudaSimulation.Driver;
using AdaShare.Native.CudaSimulation.Interpreter;

namespace AdaShare.Native.CudaSimulation.Cublas;

/// <summary>A column-major matrix in device memory.</summary>
internal sealed record MatrixView(string Name, ulong Address, CublasDataType Type, int Leading, int Rows, int Columns, bool IsTransposed)
{
    private int ElementBytes => Type == CublasDataType.Bfloat16 ? 2 : 4;

    /// <summary>Why the library refuses it, or null.</summary>
    public string? Problem =>
        Type is not (CublasDataType.Float32 or CublasDataType.Bfloat16) ? $"the type {(int)Type} of {Name} is not simulated"
        : Leading < Math.Max(1, Rows) ? $"the leading dimension {Leading} of {Name} is less than its {Rows} rows"
        : Address == 0 || Address % (ulong)ElementBytes != 0 ? $"{Name} at 0x{Address:X} is null, or not aligned to its elements"
        : null;

    /// <summary>The matrix so many elements further on.</summary>
    public MatrixView At(long elements) => this with { Address = Address + (ulong)(elements * ElementBytes) };

    /// <summary>Reads it as op(matrix) [rows of op, columns of op], row by row.</summary>
    public double[] Read(RangeAccess access)
    {
        var values = new double[Rows * Columns];
        for (int column = 0; column < Columns; column++)
        {
            ReadOnlySpan<byte> bytes = access.Read(ColumnAddress(column), (long)Rows * ElementBytes, Name);
            for (int row = 0; row < Rows; row++)
            {
                float value = Type == CublasDataType.Bfloat16
                    ? BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(bytes[(row * 2)..]) << 16)
                    : MemoryMarshal.Read<float>(bytes[(row * 4)..]);
                values[IsTransposed ? (column * Rows) + row : (row * Columns) + column] = value;
            }
        }

        return values;
    }

    /// <summary>Writes it from values that are given row by row.</summary>
    public void Write(RangeAccess access, double[] values)
    {
        for (int column = 0; column < Columns; column++)
        {
            Span<byte> bytes = access.Write(ColumnAddress(column), (long)Rows * ElementBytes, Name);
            for (int row = 0; row < Rows; row++)
            {
                var value = (float)values[(row * Columns) + column];
                if (Type == CublasDataType.Bfloat16)
                {
                    MemoryMarshal.Write(bytes[(row * 2)..], Bfloat16.FromSingle(value));
                }
                else
                {
                    MemoryMarshal.Write(bytes[(row * 4)..], value);
                }
            }
        }
    }

    private ulong ColumnAddress(int column) => Address + ((ulong)column * (ulong)Leading * (ulong)ElementBytes);
}

/// <summary>C = alpha op(A) op(B) + beta C, summed in double precision.</summary>
internal sealed record ProductWork(MatrixView A, MatrixView B, MatrixView C, int M, int N, int K, float Alpha, float Beta, bool IsTf32)
{
    public void Run(WorkContext context)
    {
        var access = new RangeAccess(context);
        double[] a = Operand(A, access), b = Operand(B, access);

        // The library does not read C where beta is 0.
        double[] c = Beta != 0 ? C.Read(access) : new double[M * N];
        for (int i = 0; i < M; i++)
        {
            Span<double> row = c.AsSpan(i * N, N);
            for (int j = 0; j < N; j++)
            {
                row[j] *= Beta;
            }

            for (int p = 0; p < K; p++)
            {
                double factor = Alpha * a[(i * K) + p];
                ReadOnlySpan<double> values = b.AsSpan(p * N, N);
                for (int j = 0; j < N; j++)
                {
                    row[j] += factor * values[j];
                }
            }
        }

        C.Write(access, c);
    }

    private double[] Operand(MatrixView matrix, RangeAccess access)
    {
        if (K == 0)
        {
            return [];
        }

        double[] values = matrix.Read(access);
        for (int i = 0; IsTf32 && i < values.Length; i++)
        {
            values[i] = Precision.ToTf32((float)values[i]);
        }

        return values;
    }
}
