using System.Runtime.InteropServices;
using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Runs one instruction, or a few, on arrays: one thread an element.</summary>
internal static class Instruction
{
    /// <summary>The results of an instruction whose operands are written d, a, b and c with a leading percent sign.</summary>
    /// <param name="text">One instruction or several, each with its semicolon.</param>
    /// <param name="resultType">The PTX type of d.</param>
    /// <param name="operands">PTX type and elements of a, b and c; all arrays have the same number of elements.</param>
    public static TResult[] Run<TResult>(string text, string resultType, params (string Type, Array Values)[] operands) where TResult : unmanaged
    {
        int count = operands[0].Values.Length;
        string names = "abc", body = $"mov.u32 %r0, %tid.x;\nsetp.ge.u32 %p0, %r0, {count};\n@%p0 bra DONE;\n";
        var declarations = $".reg .{Wide(resultType)} %d;\n";
        for (int i = 0; i < operands.Length; i++)
        {
            string type = operands[i].Type;
            declarations += $".reg .{Wide(type)} %{names[i]};\n";
            body += $"ld.param.u64 %rd{i}, [p{i}];\nmul.wide.u32 %rd9, %r0, {Bytes(type)};\nadd.s64 %rd{i}, %rd{i}, %rd9;\nld.global.{type} %{names[i]}, [%rd{i}];\n";
        }

        body += $"{text}\nld.param.u64 %rd8, [out];\nmul.wide.u32 %rd9, %r0, {Bytes(resultType)};\nadd.s64 %rd8, %rd8, %rd9;\nst.global.{resultType} [%rd8], %d;\nDONE:\n";
        string parameters = string.Join(", ", operands.Select(static (_, i) => $".param .u64 p{i}").Append(".param .u64 out"));
        using var bench = new PtxBench();
        MemoryRegion[] regions = [.. operands.Select(operand => Upload(bench, operand.Values)), bench.Allocate(count * Bytes(resultType))];
        bench.Run(PtxBench.Kernel(parameters, declarations + body), "test", (1, 1, 1), ((uint)(count + 31) / 32 * 32, 1, 1), 0, [.. regions]);
        Assert.That(bench.Log.Findings, Is.Empty);
        return PtxBench.Download<TResult>(regions[^1]);
    }

    private static MemoryRegion Upload(PtxBench bench, Array values)
    {
        var bytes = new byte[Buffer.ByteLength(values)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return bench.Upload<byte>(bytes);
    }

    private static int Bytes(string type) => int.Parse(type.AsSpan(1)) / 8;

    // Registers have 16 bits or more.
    private static string Wide(string type) => type.Length == 2 ? "b16" : type;
}
