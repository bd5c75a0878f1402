using AdaShare.Native.KernelCompiler;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>The sources compile to what is committed, and real compilers accept it. Skipped where the compilers are not installed.</summary>
internal sealed class RebuildTests
{
    private const string HowToInstall = "run .ci/install-cuda-tools";

    private static IEnumerable<string> Names => CommittedKernels.PtxNames;

    [Test]
    public void SourcesCompileToWhatIsCommitted()
    {
        using Nvrtc? compiler = Nvrtc.TryLoad();
        Ptxas? assembler = Ptxas.TryFind();
        if (compiler is null || assembler is null)
        {
            Assert.Ignore($"{(compiler is null ? "NVRTC" : "ptxas")} is not installed; {HowToInstall}");
        }

        KernelManifest committed = CommittedKernels.Manifest;
        if (!committed.Compiler.StartsWith(compiler.Version + ".", StringComparison.Ordinal) || assembler.Version != committed.Assembler)
        {
            Assert.Ignore($"the PTX is NVRTC {committed.Compiler}'s and the figures ptxas {committed.Assembler}'s; here are {compiler.Version} and {assembler.Version}, which write other text");
        }

        Assert.That(KernelBuild.Run(CommittedKernels.Folder, compiler, assembler).Compare(CommittedKernels.Folder), Is.Empty);
    }

    [TestCaseSource(nameof(Names))]
    public void ARealDriverAcceptsEveryModule(string name)
    {
        using DriverJit? driver = DriverJit.TryLoad();
        if (driver is null)
        {
            Assert.Ignore($"the compiler inside the driver is not installed; {HowToInstall}");
        }

        // The oldest and the newest: ptxas has assembled those between, and acceptance is the front end's business.
        string[] architectures = CommittedKernels.ArchitecturesOf(name);
        foreach (string architecture in new[] { architectures[0], architectures[^1] }.Distinct())
        {
            Assert.That(driver.Compile(CommittedKernels.Ptx[name], architecture), Is.GreaterThan(1000), architecture);
        }
    }

    [Test]
    public void ADriverSaysWhatItRefuses()
    {
        using DriverJit? driver = DriverJit.TryLoad();
        if (driver is null)
        {
            Assert.Ignore($"the compiler inside the driver is not installed; {HowToInstall}");
        }

        string newer = CommittedKernels.Ptx[Names.First()].Replace(".version 7.8", ".version 99.9", StringComparison.Ordinal);
        Assert.That(() => driver.Compile(newer, "sm_80"), Throws.TypeOf<KernelException>().With.Message.Contains("99.9"));
    }
}
