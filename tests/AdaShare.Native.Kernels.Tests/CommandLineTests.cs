using AdaShare.Native.KernelCompiler;

namespace AdaShare.Native.Kernels.Tests;

/// <summary>The tool on small folders of its own.</summary>
internal sealed class CommandLineTests
{
    private const string Kernel = "#include \"one.cuh\"\nextern \"C\" __global__ void scale(float* x) { x[threadIdx.x] *= FACTOR; }\n";
    private const string Header = "#define FACTOR 2\n";

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernels").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void WhatWasWrittenAgrees()
    {
        RequireTools();
        Put("scale.cu", Kernel);
        Put("one.cuh", Header);
        Assert.That(Run().Status, Is.EqualTo(CommandLine.Success));
        (int status, string output, _) = Run("--check");
        Assert.That((status, output), Is.EqualTo((CommandLine.Success, $"2 PTX files and the manifest are what the sources compile to{Environment.NewLine}")));
    }

    [Test]
    public void AChangeOfAHeaderIsFound()
    {
        RequireTools();
        Put("scale.cu", Kernel);
        Put("one.cuh", Header);
        Run();
        Put("one.cuh", "#define FACTOR 3\n");
        (int status, string output, string error) = Run("--check");
        Assert.That(status, Is.EqualTo(CommandLine.Failure));
        Assert.That(error, Does.Contain("scale.compute_75.ptx").And.Contain("scale.compute_80.ptx").And.Contain("manifest"));
        Assert.That(output, Does.Contain("3 differences"));
    }

    [Test]
    public void ARemovedSourceLeavesNoPtx()
    {
        RequireTools();
        Put("scale.cu", Kernel);
        Put("one.cuh", Header);
        Put("other.cu", "extern \"C\" __global__ void other(int* x) { *x = 1; }\n");
        Run();
        File.Delete(Path.Combine(_folder, "other.cu"));
        Assert.That(Run("--check").Error, Does.Contain("other.compute_75.ptx has no source"));
        Run();
        Assert.That(Directory.EnumerateFiles(Path.Combine(_folder, "ptx")).Select(Path.GetFileName), Is.EquivalentTo(new[] { "scale.compute_75.ptx", "scale.compute_80.ptx" }));
    }

    [Test]
    public void TheCompilersWordsAreShown()
    {
        RequireTools();
        Put("broken.cu", "extern \"C\" __global__ void broken(float* x) { *x = nothing; }\n");
        (int status, _, string error) = Run();
        Assert.That(status, Is.EqualTo(CommandLine.Failure));
        Assert.That(error, Does.Contain("broken.cu(1)").And.Contain("\"nothing\" is undefined"));
    }

    [Test]
    public void LocalMemoryIsRefused()
    {
        RequireTools();
        Put("spill.cu", "extern \"C\" __global__ void spill(int* x) { int a[64]; for (int i = 0; i < 64; i++) a[(i * x[0]) & 63] = x[i]; *x = a[x[1] & 63]; }\n");
        (int status, _, string error) = Run();
        Assert.That(status, Is.EqualTo(CommandLine.Failure));
        Assert.That(error, Does.Contain("spill.cu: spill spills on sm_75").And.Contain("bytes of stack"));
    }

    [Test]
    public void AMissingHeaderIsNamed()
    {
        RequireTools();
        Put("scale.cu", Kernel);
        Assert.That(Run().Error, Does.Contain("scale.cu includes one.cuh, which is not in"));
    }

    [Test]
    public void AFolderWithoutSourcesIsRefused() => Assert.That(Run().Error, Does.Contain("holds no *.cu files; name the folder of the kernels with --kernels"));

    [Test]
    public void AMissingAssemblerIsASentence()
    {
        Put("scale.cu", Kernel);
        Put("one.cuh", Header);
        (int status, _, string error) = Run("--ptxas", Path.Combine(_folder, "nowhere"));
        Assert.That(status, Is.EqualTo(CommandLine.ToolMissing));
        Assert.That(error, Does.Contain("NVRTC was not found").Or.Contain("is not a ptxas that runs"));
    }

    private static void RequireTools()
    {
        using Nvrtc? compiler = Nvrtc.TryLoad();
        if (compiler is null || Ptxas.TryFind() is null)
        {
            Assert.Ignore("NVRTC or ptxas is not installed; run .ci/install-cuda-tools");
        }
    }

    private void Put(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private (int Status, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int status = CommandLine.Invoke([.. arguments, "--kernels", _folder], output, error);
        return (status, output.ToString(), error.ToString());
    }
}
