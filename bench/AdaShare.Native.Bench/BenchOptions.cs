using System.Globalization;
using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda;
using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Bench;

/// <summary>What the server is started with: <c>THREADS exact|fast [--vector-width auto|scalar|128|256|512]</c>, or <c>cuda:N exact|fast|bfloat16 [--autotune]</c>.</summary>
/// <param name="Numerics">How convolutions may round.</param>
/// <param name="Threads">Threads of the CPU; 0 for a GPU.</param>
/// <param name="Open">Takes the device into use.</param>
internal sealed record BenchOptions(string Numerics, int Threads, Func<Backend> Open)
{
    /// <summary>How the program is called.</summary>
    public const string Usage = "usage: AdaShare.Native.Bench THREADS exact|fast [--vector-width auto|scalar|128|256|512], or AdaShare.Native.Bench cuda:N exact|fast|bfloat16 [--autotune]";

    private const string Cuda = "cuda:";

    /// <summary>The type in which networks store activations.</summary>
    public DType Activations => NetworkSpec.ActivationsOf(Numerics);

    /// <summary>Reads the arguments; null where they are wrong.</summary>
    public static BenchOptions? Parse(string[] args) => args is [var device, ..] && device.StartsWith(Cuda, StringComparison.Ordinal) ? ParseCuda(args) : ParseCpu(args);

    private static BenchOptions? ParseCpu(string[] args)
    {
        VectorWidth? vectors = args switch
        {
            [_, _] => VectorWidth.Auto,
            [_, _, "--vector-width", var width] => ParseWidth(width),
            _ => null,
        };
        if (vectors is not { } chosen || !int.TryParse(args[0], CultureInfo.InvariantCulture, out int threads) || !Enum.TryParse(args[1], ignoreCase: true, out NumericsMode numerics))
        {
            return null;
        }

        return new BenchOptions(args[1].ToLowerInvariant(), threads, () => new CpuBackend(new CpuBackendOptions { Threads = threads, Numerics = numerics, VectorWidth = chosen }));
    }

    private static BenchOptions? ParseCuda(string[] args)
    {
        bool known = args is [_, "exact" or "fast" or "bfloat16"] or [_, "exact" or "fast" or "bfloat16", "--autotune"];
        if (!known || !int.TryParse(args[0].AsSpan(Cuda.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal))
        {
            return null;
        }

        var options = new CudaBackendOptions
        {
            Device = ordinal,
            AllowTf32 = args[1] != "exact",
            Autotune = args.Length == 3,
        };
        return new BenchOptions(args[1], 0, () => new CudaBackend(CudaSearch.Find().Require(), options));
    }

    private static VectorWidth? ParseWidth(string width) => width switch
    {
        "auto" => VectorWidth.Auto,
        "scalar" => VectorWidth.Scalar,
        "128" => VectorWidth.Bits128,
        "256" => VectorWidth.Bits256,
        "512" => VectorWidth.Bits512,
        _ => null,
    };
}
