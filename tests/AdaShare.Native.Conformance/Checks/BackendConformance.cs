using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Checks;

/// <summary>Holds a backend against the reference backend in double precision, case by case: values, gradients, memory, determinism.</summary>
public static class BackendConformance
{
    // Double precision has 29 more bits than single precision.
    private const double DoubleShare = 1.0 / (1 << 29);

    // Where the last bits of single precision decide, bfloat16 numbers are neighbours: one in 128 apart at most.
    private const double Bfloat16Step = 1.0 / 128;

    /// <summary>What differs from the reference, counting outputs, gradients and gradients added to earlier ones; empty if nothing does.</summary>
    /// <param name="opCase">The case.</param>
    /// <param name="backend">The backend under test.</param>
    /// <param name="type">The floating type to run in.</param>
    public static IReadOnlyList<string> Values(OpCase opCase, Backend backend, DType type)
    {
        using var reference = new ReferenceBackend();
        return
        [
            .. Compare(opCase, "once: ", type, CaseRun.WithWatchedInputs(opCase, backend, type), CaseRun.WithWatchedInputs(opCase, reference, ReferenceType(type))),
            .. Compare(opCase, "twice on parameters: ", type, CaseRun.TwiceWithParameters(opCase, backend, type), CaseRun.TwiceWithParameters(opCase, reference, ReferenceType(type))),
        ];
    }

    /// <summary>
    /// What a second run of the case does differently from the first: other bits, buffers that stay live after a step, memory asked of the system again; empty if nothing.
    /// </summary>
    /// <param name="opCase">The case.</param>
    /// <param name="backend">The backend under test.</param>
    /// <param name="type">The floating type to run in.</param>
    /// <param name="cachesMemory">Whether the backend promises to reuse the first run's memory.</param>
    public static IReadOnlyList<string> Repetition(OpCase opCase, Backend backend, DType type, bool cachesMemory = true)
    {
        MemoryStatistics before = backend.Memory;
        CaseResult first = CaseRun.TwiceWithParameters(opCase, backend, type);
        MemoryStatistics between = backend.Memory;
        CaseResult second = CaseRun.TwiceWithParameters(opCase, backend, type);
        MemoryStatistics after = backend.Memory;
        var failures = new List<string>();
        if (between.LiveBuffers != before.LiveBuffers || between.LiveBytes != before.LiveBytes || after.LiveBuffers != before.LiveBuffers)
        {
            failures.Add($"{between.LiveBuffers - before.LiveBuffers} buffers with {between.LiveBytes - before.LiveBytes} bytes stay live after a step, {after.LiveBuffers - before.LiveBuffers} after two");
        }

        if (cachesMemory && after.SystemAllocations != between.SystemAllocations)
        {
            failures.Add($"the second step asked the system for memory {after.SystemAllocations - between.SystemAllocations} times");
        }

        return [.. failures, .. OtherBits(opCase, first, second, "the second time")];
    }

    /// <summary>What two backends that promise the same bits (one device with different numbers of threads) compute differently; empty if nothing.</summary>
    /// <param name="opCase">The case.</param>
    /// <param name="backend">One backend.</param>
    /// <param name="other">The other one.</param>
    /// <param name="type">The floating type to run in.</param>
    public static IReadOnlyList<string> SameBits(OpCase opCase, Backend backend, Backend other, DType type) =>
        [.. OtherBits(opCase, CaseRun.TwiceWithParameters(opCase, backend, type), CaseRun.TwiceWithParameters(opCase, other, type), "on the other backend")];

    /// <summary>What a kernel call gives that differs from the reference; empty if nothing does.</summary>
    /// <param name="kernel">The call.</param>
    /// <param name="backend">The backend under test.</param>
    /// <param name="type">The floating type to run in.</param>
    public static IReadOnlyList<string> Kernel(KernelCase kernel, Backend backend, DType type)
    {
        using var reference = new ReferenceBackend();
        HostArray[] actual = kernel.RunOn(backend, type), expected = kernel.RunOn(reference, ReferenceType(type));
        double tolerance = Tolerance(kernel.Tolerance, type);
        return [.. actual.Zip(expected).SelectMany((pair, i) => Comparison.Differences($"result {i}", pair.First, pair.Second, tolerance, kernel.IsPointwise))];
    }

    /// <summary>What a backend's memory does other than its contract says; empty if nothing.</summary>
    public static IReadOnlyList<string> Memory(Backend backend)
    {
        const int Bytes = 12345;
        var failures = new List<string>();
        MemoryStatistics before = backend.Memory;
        Storage storage = backend.Allocate(Bytes);
        MemoryStatistics held = backend.Memory;
        Expect(held.LiveBuffers == before.LiveBuffers + 1 && held.LiveBytes >= before.LiveBytes + Bytes, $"after one allocation: {held}, before: {before}");
        Expect(held.PeakBytes >= held.LiveBytes, $"the peak is below what is live: {held}");
        storage.Retain();
        storage.Release();
        Expect(!storage.IsFreed && backend.Memory.LiveBuffers == held.LiveBuffers, "a block with a holder left was freed");
        storage.Release();
        Expect(backend.Memory.LiveBuffers == before.LiveBuffers && backend.Memory.LiveBytes == before.LiveBytes, $"after the release: {backend.Memory}, before the allocation: {before}");
        long asked = backend.Memory.SystemAllocations;
        backend.Allocate(Bytes).Release();
        Expect(backend.Memory.SystemAllocations == asked, "memory of the same size was not reused");
        backend.TrimCache();
        Expect(backend.Memory.CachedBytes == 0, $"after trimming, {backend.Memory.CachedBytes} bytes are still cached");
        return failures;

        void Expect(bool holds, string failure)
        {
            if (!holds)
            {
                failures.Add(failure);
            }
        }
    }

    // The reference computes in double precision whatever it stores: in bfloat16 it rounds where every backend does.
    private static DType ReferenceType(DType type) => type == DType.BFloat16 ? DType.BFloat16 : DType.Float64;

    private static double Tolerance(double ofSingle, DType type) => type switch
    {
        DType.Float64 => ofSingle * DoubleShare,
        DType.BFloat16 => Math.Max(ofSingle, Bfloat16Step),
        _ => ofSingle,
    };

    private static IEnumerable<string> OtherBits(OpCase opCase, CaseResult first, CaseResult second, string when)
    {
        for (int i = 0; i < first.Outputs.Length; i++)
        {
            if (!Comparison.SameBits(first.Outputs[i], second.Outputs[i]))
            {
                yield return $"output {i} has other bits {when}";
            }
        }

        for (int i = 0; i < opCase.Inputs.Count; i++)
        {
            if (!Comparison.SameBits(first.Gradients[i], second.Gradients[i]))
            {
                yield return $"the gradient of {opCase.Inputs[i].Name} has other bits {when}";
            }
        }
    }

    private static IEnumerable<string> Compare(OpCase opCase, string run, DType type, CaseResult actual, CaseResult expected)
    {
        double tolerance = Tolerance(opCase.Tolerance, type);
        for (int i = 0; i < expected.Outputs.Length; i++)
        {
            foreach (string failure in Comparison.Differences($"{run}output {i}", actual.Outputs[i], expected.Outputs[i], tolerance, opCase.IsPointwise, opCase.MagnitudeFloor))
            {
                yield return failure;
            }
        }

        for (int i = 0; i < opCase.Inputs.Count; i++)
        {
            string what = $"{run}gradient of {opCase.Inputs[i].Name}";
            if (actual.Gradients[i] is null != expected.Gradients[i] is null)
            {
                yield return $"{what}: {(actual.Gradients[i] is null ? "missing" : "there")}, on the reference {(expected.Gradients[i] is null ? "missing" : "there")}";
            }
            else if (expected.Gradients[i] is { } gradient)
            {
                foreach (string failure in Comparison.Differences(what, actual.Gradients[i]!, gradient, 2 * (opCase.Inputs[i].IsParameter ? Tolerance(opCase.Tolerance, type.ParameterType()) : tolerance), floor: opCase.MagnitudeFloor))
                {
                    yield return failure;
                }
            }
        }
    }
}
