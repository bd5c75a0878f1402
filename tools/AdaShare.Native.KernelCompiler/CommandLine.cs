using System.CommandLine;

namespace AdaShare.Native.KernelCompiler;

/// <summary>The tool's command line: compiles the kernels, or checks that what is committed is what they compile to.</summary>
public static class CommandLine
{
    /// <summary>Everything was written, or everything agrees.</summary>
    public const int Success = 0;

    /// <summary>The kernels do not compile or spill registers, or <c>--check</c> found differences.</summary>
    public const int Failure = 1;

    /// <summary>NVRTC or ptxas is missing.</summary>
    public const int ToolMissing = 3;

    /// <summary>Runs the tool.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where complaints go.</param>
    /// <returns>The exit code.</returns>
    public static int Invoke(string[] args, TextWriter output, TextWriter error)
    {
        var kernels = new Option<string?>("--kernels") { HelpName = "DIR", Description = "The folder of the *.cu files. Default: kernels/ of the repository that holds the current folder." };
        var ptxas = new Option<string?>("--ptxas") { HelpName = "FILE", Description = $"The assembler. Default: what {Ptxas.Variable} names, then ptxas on the PATH." };
        var check = new Option<bool>("--check") { Description = "Write nothing: compile again and compare with the PTX and the manifest that are there." };
        var command = new RootCommand("Compiles CUDA C++ kernels to PTX and keeps a manifest of hashes, registers, shared memory and spills.") { kernels, ptxas, check };
        command.SetAction(parsed =>
        {
            try
            {
                return Run(KernelFolder.Find(parsed.GetValue(kernels)), parsed.GetValue(ptxas), parsed.GetValue(check), output, error);
            }
            catch (ToolMissingException missing)
            {
                error.WriteLine(missing.Message);
                return ToolMissing;
            }
            catch (KernelException failure)
            {
                error.WriteLine(failure.Message);
                return Failure;
            }
        });
        return command.Parse(args).Invoke(new InvocationConfiguration { Output = output, Error = error });
    }

    private static int Run(KernelFolder folder, string? ptxas, bool check, TextWriter output, TextWriter error)
    {
        using Nvrtc compiler = Nvrtc.Load();
        KernelBuild build = KernelBuild.Run(folder, compiler, Ptxas.Find(ptxas));
        if (!check)
        {
            build.Write(folder);
            output.WriteLine($"wrote {build.Files.Count} PTX files and the manifest: {build.Manifest.Modules.Count} modules, {build.Manifest.Modules.Sum(m => m.Kernels.Count)} kernels, no spills");
            return Success;
        }

        IReadOnlyList<string> differences = build.Compare(folder);
        foreach (string difference in differences)
        {
            error.WriteLine(difference);
        }

        output.WriteLine(differences.Count == 0
            ? $"{build.Files.Count} PTX files and the manifest are what the sources compile to"
            : $"{differences.Count} differences; run the tool without --check and commit what it writes");
        return differences.Count == 0 ? Success : Failure;
    }
}
