namespace AdaShare.Native.CudaSimulation.Interpreter;

/// <summary>Three extents or indices.</summary>
internal readonly record struct Dim3(uint X, uint Y, uint Z)
{
    public long Count => (long)X * Y * Z;

    /// <summary>The place of a number among the extents, x fastest.</summary>
    public (int X, int Y, int Z) At(long index) => ((int)(index % X), (int)(index / X % Y), (int)(index / X / Y));

    public override string ToString() => $"({X}, {Y}, {Z})";
}

/// <summary>A kernel with everything that a launch gives it.</summary>
/// <param name="Program">The kernel.</param>
/// <param name="Grid">Blocks.</param>
/// <param name="Block">Threads a block.</param>
/// <param name="DynamicSharedBytes">Dynamic shared memory a block.</param>
/// <param name="Parameters">The parameter block.</param>
internal sealed record Launch(KernelProgram Program, Dim3 Grid, Dim3 Block, int DynamicSharedBytes, byte[] Parameters);
