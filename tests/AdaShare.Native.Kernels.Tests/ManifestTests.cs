using AdaShare.Native.KernelCompiler;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>The manifest belongs to the sources and to the PTX beside it. Needs no tools.</summary>
internal sealed class ManifestTests
{
    private static readonly string[] Architectures = [.. KernelBuild.Targets.SelectMany(static t => t.Architectures)];

    private static IEnumerable<KernelModule> Modules => CommittedKernels.Manifest.Modules;

    [Test]
    public void EverySourceHasItsModulesAndNothingElseHas()
    {
        Assert.That(Modules.Select(static m => m.Name), Is.EqualTo(CommittedKernels.Folder.Units.Select(static unit => unit.Module)));
        Assert.That(Modules.Select(static m => m.Source).Distinct(), Is.EquivalentTo(CommittedKernels.Folder.Sources.Keys));
    }

    [Test]
    public void EveryModuleHasPtxForEveryTargetAndNothingElseHas() => Assert.That(
        CommittedKernels.PtxNames,
        Is.EqualTo(Modules.SelectMany(static m => KernelBuild.Targets.Select(t => $"{m.Name}.{t.Target}.ptx")).Order(StringComparer.Ordinal)));

    [TestCaseSource(nameof(Modules))]
    public void HashesAreThoseOfTheFiles(KernelModule module)
    {
        Assert.Multiple(() =>
        {
            Assert.That(module.SourceHash, Is.EqualTo(KernelBuild.SourceHash(CommittedKernels.Folder, module.Source)), "source changed; run the kernel compiler");
            foreach ((string name, string hash) in module.Ptx)
            {
                Assert.That(KernelBuild.Hash(CommittedKernels.Ptx[name]), Is.EqualTo(hash), $"{name} changed; run the kernel compiler");
            }
        });
    }

    [TestCaseSource(nameof(Modules))]
    public void EveryKernelFitsEveryArchitectureWithoutSpills(KernelModule module)
    {
        Assert.Multiple(() =>
        {
            foreach (KernelEntry kernel in module.Kernels)
            {
                Assert.That(kernel.Figures.Keys, Is.EquivalentTo(Architectures), kernel.Name);
                foreach ((string architecture, KernelFigures needs) in kernel.Figures)
                {
                    Assert.That((needs.SpillBytes, needs.StackBytes), Is.EqualTo((0, 0)), $"{kernel.Name} on {architecture}");
                    Assert.That(needs.Registers, Is.InRange(1, 128), $"{kernel.Name} on {architecture}: two blocks of 256 threads must fit the 65536 registers of a multiprocessor");
                    Assert.That(needs.SharedBytes, Is.LessThanOrEqualTo(48 * 1024), $"{kernel.Name} on {architecture}: more shared memory than a block has without asking");
                }
            }
        });
    }

    [Test]
    public void OptionsAreThoseOfTheBuild() => Assert.That(CommittedKernels.Manifest.Options, Is.EqualTo(KernelBuild.Options));

    [Test]
    public void NoKernelHasANameTwiceForOneTypeOfElements()
    {
        foreach (IGrouping<bool, KernelModule> modules in Modules.GroupBy(static m => m.Options.Count > 0))
        {
            Assert.That(modules.SelectMany(static m => m.Kernels).Select(static k => k.Name), Is.Unique);
        }
    }

    [Test]
    public void ATextThatIsNoManifestIsNamed() => Assert.That(
        static () => KernelManifest.Parse("{\"compiler\": 1}"), Throws.TypeOf<KernelException>().With.Message.Contains("run the kernel compiler"));
}
