using AdaShare.Native.KernelCompiler;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>The kernels of samples/custom-op: the tool compiles a folder that is not the repository's own, and what is committed there is what it writes.</summary>
internal sealed class SampleKernelTests
{
    private static readonly KernelFolder Folder = new(Path.Combine(CommittedKernels.Folder.Path, "..", "samples", "custom-op"));

    [Test]
    public void TheManifestAndThePtxBelongToTheSource()
    {
        KernelModule module = KernelManifest.Parse(File.ReadAllText(Folder.ManifestPath)).Modules.Single();
        Assert.That(module.SourceHash, Is.EqualTo(KernelBuild.SourceHash(Folder, module.Source)), "source changed; run the kernel compiler with --kernels samples/custom-op");
        foreach ((string name, string hash) in module.Ptx)
        {
            Assert.That(KernelBuild.Hash(File.ReadAllText(Path.Combine(Folder.PtxPath, name)).ReplaceLineEndings("\n")), Is.EqualTo(hash), $"{name} changed; run the kernel compiler with --kernels samples/custom-op");
        }
    }

    [Test]
    public void TheSourceCompilesToWhatIsCommitted()
    {
        using Nvrtc? compiler = Nvrtc.TryLoad();
        Ptxas? assembler = Ptxas.TryFind();
        KernelManifest committed = KernelManifest.Parse(File.ReadAllText(Folder.ManifestPath));
        if (compiler is null || assembler is null || !committed.Compiler.StartsWith(compiler.Version + ".", StringComparison.Ordinal) || assembler.Version != committed.Assembler)
        {
            Assert.Ignore("NVRTC or ptxas is not installed or another one; run .ci/install-cuda-tools");
        }

        Assert.That(KernelBuild.Run(Folder, compiler, assembler).Compare(Folder), Is.Empty);
    }
}
