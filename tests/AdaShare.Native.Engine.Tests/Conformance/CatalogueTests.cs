using System.Reflection;
using System.Runtime.CompilerServices;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Conformance;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class CatalogueTests
{
    private static IEnumerable<TestCaseData> Cases => OpCatalogue.All.Select(c => new TestCaseData(c).SetArgDisplayNames(c.FullName));

    private static IEnumerable<TestCaseData> DifferentiableCases => OpCatalogue.All
        .Where(c => c.NoCentralDifference is null && c.Inputs.Any(i => i.IsDifferentiable))
        .Select(c => new TestCaseData(c).SetArgDisplayNames(c.FullName));

    [TestCaseSource(nameof(Cases))]
    public void Values_are_those_of_the_definition(OpCase opCase) => Assert.That(ValueCheck.Run(opCase), Is.Empty);

    [TestCaseSource(nameof(DifferentiableCases))]
    public void Gradients_are_central_differences(OpCase opCase) => Assert.That(GradientCheck.Run(opCase), Is.Empty);

    [TestCaseSource(nameof(Cases))]
    public void Gradients_add_up_in_parameters(OpCase opCase) => Assert.That(GradientCheck.RunAccumulation(opCase), Is.Empty);

    [TestCaseSource(nameof(Cases))]
    public void A_step_repeats_itself_and_leaves_nothing_behind(OpCase opCase)
    {
        using var backend = new ReferenceBackend();
        Assert.That(BackendConformance.Repetition(opCase, backend, DType.Float64, cachesMemory: false), Is.Empty);
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    [Test]
    public void Every_public_op_is_in_the_catalogue()
    {
        IEnumerable<string> ops = typeof(Step).Assembly.GetExportedTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(m => m.IsDefined(typeof(ExtensionAttribute)) && m.GetParameters()[0].ParameterType == typeof(Step))
            .Select(m => m.Name)
            .Distinct();
        Assert.That(ops, Is.EquivalentTo(OpCatalogue.All.Select(c => c.Op).Concat(OpCatalogue.NoOps.Keys).Distinct()));
    }

    [Test]
    public void Case_names_are_unique() => Assert.That(OpCatalogue.All.Select(c => c.FullName), Is.Unique);
}
