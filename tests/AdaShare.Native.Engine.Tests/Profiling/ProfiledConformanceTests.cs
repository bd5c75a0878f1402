using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Profiling;

/// <summary>A profile hands every argument on as it came: the op catalogue within one.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Children)]
public sealed class ProfiledConformanceTests
{
    private static IEnumerable<TestCaseData> Cases => OpCatalogue.All.Select(static opCase => new TestCaseData(opCase).SetArgDisplayNames(opCase.FullName));

    private static IEnumerable<TestCaseData> Kernels => KernelCases.All.Select(static kernel => new TestCaseData(kernel).SetArgDisplayNames(kernel.Name));

    [TestCaseSource(nameof(Cases))]
    public void Ops_and_gradients_are_those_of_the_definition(OpCase opCase) => Check(backend => BackendConformance.Values(opCase, backend, DType.Float32));

    [TestCaseSource(nameof(Kernels))]
    public void Kernels_are_those_of_the_definition(KernelCase kernel) => Check(backend => BackendConformance.Kernel(kernel, backend, DType.Float32));

    private static void Check(Func<Backend, IReadOnlyList<string>> check)
    {
        using var inner = new ReferenceBackend();
        using var backend = new ProfilingBackend(inner);
        IReadOnlyList<string> findings = ["not run"];
        backend.Profile(() => findings = check(backend));
        Assert.That(findings, Is.Empty);
        Assert.That(inner.Memory.LiveBuffers, Is.Zero);
    }
}
