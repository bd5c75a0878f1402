namespace AdaShare.Native.Kernels.Tests;

/// <summary>Small runs of kernels with sizes that leave threads without work, so that a wrong bound or a missing barrier shows.</summary>
internal static class KernelScenario
{
    /// <summary>Runs the scenario of a module.</summary>
    /// <param name="module">The module's name.</param>
    /// <param name="bench">The module, loaded.</param>
    /// <returns>All results.</returns>
    public static float[] Run(string module, KernelBench bench) => module switch
    {
        "activation" => Activation(bench),
        "batch_norm" => BatchNorm(bench),
        "loss" => CrossEntropy(bench),
        "softmax" => Softmax(bench),
        "gate" => GatedResidual(bench),
        _ => throw new ArgumentOutOfRangeException(nameof(module), module, "no scenario"),
    };

    /// <summary>Numbers between -1 and 1 without a pattern.</summary>
    public static float[] Numbers(int count, int seed) => [.. Enumerable.Range(1, count).Select(i => MathF.Sin((i * 12.9898f) + (seed * 78.233f)))];

    private static float[] Activation(KernelBench bench)
    {
        const int Count = 301;
        ulong input = bench.Upload(Numbers(Count, 1)), output = bench.Allocate<float>(Count);
        bench.Launch("relu_forward", (2, 1, 1), (256, 1), input, output, 75u, (uint)Count);
        return bench.Download<float>(output, Count);
    }

    // Two groups of 90 rows of 33 channels: two tiles of 17 columns, of which the last has no channel.
    private static float[] BatchNorm(KernelBench bench)
    {
        const int Groups = 2, Rows = 90, Channels = 33, Chunks = 1;
        ulong input = bench.Upload(Numbers(Groups * Rows * Channels, 2));
        ulong partials = bench.Allocate<double>(Groups * Chunks * 2 * Channels), mean = bench.Allocate<float>(Groups * Channels), inverseStd = bench.Allocate<float>(Groups * Channels);
        ulong statistics = bench.Allocate<double>(Groups * 2 * Channels);
        bench.Launch("batch_norm_statistics", (Chunks, 2, Groups), (17, 15), input, (uint)Rows, (uint)Channels, 1, partials);
        bench.Launch("batch_norm_finalize", (2, Groups, 1), (32, 8), input, partials, (uint)Chunks, (uint)Rows, (uint)Channels, 1e-5, mean, inverseStd, statistics);
        return [.. bench.Download<float>(mean, Groups * Channels), .. bench.Download<float>(inverseStd, Groups * Channels)];
    }

    private static float[] CrossEntropy(KernelBench bench)
    {
        const int Pixels = 77, Classes = 40, Chunks = 2, Ignored = 255;
        ulong logits = bench.Upload(Numbers(Pixels * Classes, 3)), partials = bench.Allocate<double>(2 * Chunks), results = bench.Allocate<float>(2);
        ulong targets = bench.Upload([.. Enumerable.Range(0, Pixels).Select(static p => p % 5 == 0 ? Ignored : p % Classes)]);
        bench.Launch("cross_entropy", (Chunks, 1, 1), (256, 1), logits, targets, 0ul, Ignored, (uint)Pixels, (uint)Classes, partials);
        bench.Launch("loss_finish", (1, 1, 1), (32, 1), partials, (uint)Chunks, results, results + 4);
        return bench.Download<float>(results, 2);
    }

    private static float[] Softmax(KernelBench bench)
    {
        const int Rows = 13, Length = 37;
        ulong input = bench.Upload(Numbers(Rows * Length, 4)), output = bench.Allocate<float>(Rows * Length);
        bench.Launch("softmax_forward", (2, 1, 1), (256, 1), input, (uint)Rows, (uint)Length, 0, output);
        return bench.Download<float>(output, Rows * Length);
    }

    // Three streams share an input whose size is no multiple of four.
    private static float[] GatedResidual(KernelBench bench)
    {
        const int Streams = 3, Elements = 1301, Chunks = 2;
        ulong branch = bench.Upload(Numbers(Elements, 5)), residual = bench.Upload(Numbers(Elements, 6)), gates = bench.Upload(0.25f, 0.75f, 1, 0, 0.5f, 0.5f);
        ulong gradOutput = bench.Upload(Numbers(Streams * Elements, 7)), gradBranch = bench.Allocate<float>(Elements), gradResidual = bench.Allocate<float>(Elements);
        ulong partials = bench.Allocate<double>(Streams * Chunks * 2), gradGates = bench.Allocate<float>(Streams * 2);
        bench.Launch(
            "gated_residual_backward", (Chunks, 1, 1), (256, 1), branch, residual, gates, gradOutput, 1, 0u, (uint)Streams, gradBranch, 0, gradResidual, 0, partials, 0u, (uint)Elements);
        bench.Launch("gated_residual_gates", (1, 1, 1), (256, 1), partials, (uint)Chunks, (uint)Streams, gradGates, 0);
        return [.. bench.Download<float>(gradBranch, Elements), .. bench.Download<float>(gradResidual, Elements), .. bench.Download<float>(gradGates, Streams * 2)];
    }
}
