using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda.Device;
using AdaShare.Native.Cuda.Search;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Learning.Configuration;

namespace AdaShare.Native.Host.Console;

/// <summary>What <c>adashare doctor</c> prints.</summary>
/// <param name="output">Where it goes.</param>
public sealed class DoctorReport(TextWriter output)
{
    private const double GibiByte = 1 << 30;
    private const int Indent = 13;

    /// <summary>Writes the report.</summary>
    /// <param name="cuda">What was found of CUDA.</param>
    public void Write(CudaSearch cuda)
    {
        ArgumentNullException.ThrowIfNull(cuda);
        string? version = typeof(DoctorReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        Line("adashare", $"{version?.Split('+')[0]} on {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        WriteProcessor();
        WriteCuda(cuda);
        Line("precision", "numerics fast (what train and bench use unless told otherwise): convolutions by Winograd on the CPU, factors rounded to TF32 on a GPU; sums and everything else in single precision");
        Line("", "numerics exact: single precision throughout, every product of the definition; adashare verify on the CPU uses double precision");
        Line("", "numerics bfloat16 (GPU only): activations and their gradients in bfloat16; weights, sums, statistics and losses in single precision");
        Line("", "deterministic on every device: the same seed, data and device give the same bits");
        WritePlaces(cuda);
        using SelectedDevice chosen = DeviceSelector.Open(() => cuda, "auto", numerics: new RunConfig().Numerics);
        Line("--device auto", $"takes {chosen.FullDescription}");
    }

    private void WriteProcessor()
    {
        string widest = Vector512.IsHardwareAccelerated ? "512" : Vector256.IsHardwareAccelerated ? "256" : Vector128.IsHardwareAccelerated ? "128" : "no";
        string[] sets = [.. new[] { (Avx2.IsSupported, "AVX2"), (Fma.IsSupported, "FMA"), (Avx512F.IsSupported, "AVX-512") }.Where(set => set.Item1).Select(set => set.Item2)];
        string memory = Gibibytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        Line("processor", $"{Environment.ProcessorCount} logical processors, vectors of up to {widest} bits{(sets.Length > 0 ? $" ({string.Join(", ", sets)})" : "")}, {memory} of memory");
        using var cpu = new CpuBackend(new CpuBackendOptions { Numerics = NumericsMode.Fast });
        Line("", cpu.Description);
    }

    private void WriteCuda(CudaSearch cuda)
    {
        Line("CUDA", cuda.Obstacle is null ? "can be used" : $"can't be used: {cuda.Obstacle}");
        foreach (CudaDeviceFacts device in cuda.Devices)
        {
            Line($"cuda:{device.Ordinal}", $"{device.Name}, compute capability {device.ComputeCapability}, {device.MultiprocessorCount} multiprocessors, {Gibibytes(device.MemoryBytes)}");
            if (cuda.Libraries is not null)
            {
                CudaDeviceCheck check = CudaDeviceCheck.Run(cuda.Libraries, device.Ordinal);
                string kernels = $"{check.Modules} kernel modules for {check.Architecture} accepted by the driver in {check.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s";
                Line("", check.Fault is null ? $"{Gibibytes(check.FreeBytes)} free; {kernels}" : $"can't be used: {check.Fault}");
            }
        }

        foreach (FoundLibrary library in cuda.Found)
        {
            Line(library.Name, $"{(library.Version.Length > 0 ? library.Version + ": " : "")}{library.Path}");
        }

        foreach (string note in cuda.Notes)
        {
            Line("note", note);
        }
    }

    private void WritePlaces(CudaSearch cuda)
    {
        if (cuda.Places.Count == 0)
        {
            return;
        }

        Line("searched", $"for cuDNN and cuBLAS, in this order; {CudaSearch.OverrideVariable} names folders that come first");
        foreach (SearchedPlace place in cuda.Places)
        {
            Line("", $"{place.Origin}: {(place.Path.Length > 0 ? place.Path : "bare names")}: {place.Outcome}");
        }
    }

    private void Line(string title, string text) => output.WriteLine($"{title.PadRight(Indent)} {text}");

    private static string Gibibytes(long bytes) => $"{(bytes / GibiByte).ToString("0.0", CultureInfo.InvariantCulture)} GiB";
}
