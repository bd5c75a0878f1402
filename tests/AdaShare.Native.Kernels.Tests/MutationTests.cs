using AdaShare.Native.KernelCompiler;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>
/// Faults planted in the kernels' source are found on the simulated device; the kernels as they are have none. Skipped, but for the clean runs, where NVRTC is not installed.
/// </summary>
internal sealed class MutationTests
{
    private const string Target = "compute_80";

    private static readonly string[] Modules = ["activation", "batch_norm", "loss", "softmax", "gate"];

    [Test]
    public void KernelsAsTheyAreRunWithoutFindings([ValueSource(nameof(Modules))] string module, [Values("compute_75", "compute_80")] string target)
    {
        using var bench = new KernelBench(CommittedKernels.Ptx[$"{module}.{target}.ptx"]);
        float[] results = KernelScenario.Run(module, bench);
        Assert.That(bench.Findings, Is.Empty);
        Assert.That(results, Is.Not.Empty.And.All.Matches<float>(float.IsFinite));
    }

    [TestCase("activation", "common.cuh", "i < vectors; i += step", "i <= vectors; i += step", "OutOfBounds|Misaligned|GlobalRace")]
    [TestCase("activation", "common.cuh", "i < count; i += step", "i <= count; i += step", "OutOfBounds")]
    [TestCase("activation", "common.cuh", "vectors * 4 + first", "vectors + first", "GlobalRace")]
    [TestCase("batch_norm", "reduce.cuh", "        u32 half = (count + 1) / 2;\n        __syncthreads();\n", "        u32 half = (count + 1) / 2;\n", "SharedRace|UninitializedRead")]
    [TestCase("batch_norm", "reduce.cuh", "    // Whoever read the scratch before must have finished.\n    __syncthreads();\n#pragma unroll\n    for (int m = 0; m < M; m++)\n    {\n        scratch[m * THREADS + thread] = sums[m];\n    }\n\n    __syncthreads();\n", "#pragma unroll\n    for (int m = 0; m < M; m++)\n    {\n        scratch[m * THREADS + thread] = sums[m];\n    }\n\n", "SharedRace|UninitializedRead")]
    [TestCase("batch_norm", "reduce.cuh", "k < chunks; k += 8", "k <= chunks; k += 8", "UninitializedRead|OutOfBounds")]
    [TestCase("batch_norm", "reduce.cuh", "threadIdx.y == 0 && first < channels", "threadIdx.y == 0 && first <= channels", "GlobalRace|OutOfBounds")]
    [TestCase("batch_norm", "reduce.cuh", "blockIdx.z * gridDim.x + blockIdx.x", "blockIdx.x", "GlobalRace")]
    [TestCase("batch_norm", "batch_norm.cu", "threadIdx.y != 0 || channel >= channels", "threadIdx.y != 0 || channel > channels", "GlobalRace|OutOfBounds")]
    [TestCase("batch_norm", "batch_norm.cu", "x + (size_t)row * channels", "x + (size_t)row * (channels + 1)", "OutOfBounds")]
    [TestCase("loss", "reduce.cuh", "    __syncthreads();\n    if (threadIdx.x == 0)\n", "    if (threadIdx.x == 0)\n", "SharedRace|UninitializedRead")]
    [TestCase("loss", "loss.cu", "k < chunks; k += WARP", "k <= chunks; k += WARP", "OutOfBounds")]
    [TestCase("loss", "reduce.cuh", "        if (lane == 0)\n", "        if (lane == 1)\n        {\n            __syncthreads();\n        }\n        if (lane == 0)\n", "Divergence")]
    [TestCase("softmax", "softmax.cu", "        for (u32 i = lane; i < length; i += WARP)\n        {\n            float difference", "        for (u32 i = lane; i <= length; i += WARP)\n        {\n            float difference", "GlobalRace|OutOfBounds")]
    [TestCase("softmax", "softmax.cu", "row < count; row += gridDim.x * WARPS", "row <= count; row += gridDim.x * WARPS", "OutOfBounds")]
    [TestCase("gate", "gate.cu", "if (s < open_streams)\n            {\n                double", "if (s <= open_streams)\n            {\n                double", "OutOfBounds")]
    [TestCase("gate", "gate.cu", "gate >= 2 * streams", "gate > 2 * streams", "OutOfBounds")]
    public void APlantedFaultIsFound(string module, string file, string text, string fault, string findings)
    {
        using Nvrtc? compiler = Nvrtc.TryLoad();
        if (compiler is null)
        {
            Assert.Ignore("NVRTC is not installed; run .ci/install-cuda-tools");
        }

        string folder = Directory.CreateTempSubdirectory("kernels").FullName;
        try
        {
            foreach ((string name, string source) in CommittedKernels.Folder.Sources.Concat(CommittedKernels.Folder.Headers))
            {
                Assert.That(name != file || source.Contains(text, StringComparison.Ordinal), $"{file} no longer holds the text to change");
                File.WriteAllText(Path.Combine(folder, name), name == file ? source.Replace(text, fault, StringComparison.Ordinal) : source);
            }

            using var bench = new KernelBench(KernelBuild.Compile(new KernelFolder(folder), new KernelUnit(module, module + KernelFolder.SourceExtension, []), Target, compiler));
            KernelScenario.Run(module, bench);
            Assert.That(bench.Findings, Has.Some.Match($"^({findings}) in "), "the fault was not found");
            Assert.That(bench.Findings, Has.Some.Match(@"\((\w+\.cuh?):\d+\)"), "no finding names a source line");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
