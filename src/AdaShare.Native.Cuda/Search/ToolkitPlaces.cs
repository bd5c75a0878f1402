using System.Runtime.InteropServices;

namespace AdaShare.Native.Cuda.Search;

/// <summary>Where NVIDIA's installers and the distributions' packages put CUDA and cuDNN.</summary>
internal static class ToolkitPlaces
{
    /// <summary>The folders of the toolkit's variables, of the usual installations, and the system's library folders.</summary>
    public static IEnumerable<SearchPlace> List(SearchMachine machine)
    {
        foreach (string variable in (string[])["CUDA_PATH", "CUDA_HOME", "CUDNN_PATH"])
        {
            if (machine.Variable(variable) is { Length: > 0 } given)
            {
                string folder = Path.GetFullPath(given);
                yield return new SearchPlace(variable, folder, [folder, .. Below(machine, folder)]);
            }
        }

        foreach (string folder in machine.IsWindows ? WindowsFolders(machine) : LinuxFolders(machine))
        {
            yield return new SearchPlace("CUDA", folder, [folder, .. Below(machine, folder)]);
        }
    }

    /// <summary>The folders with libraries below a toolkit's folder.</summary>
    public static IReadOnlyList<string> Below(SearchMachine machine, string folder)
    {
        string target = machine.Architecture == Architecture.Arm64 ? "sbsa-linux" : "x86_64-linux";
        string[][] parts = machine.IsWindows ? [["bin", "x64"], ["bin"]] : [["lib64"], ["lib"], ["targets", target, "lib"]];
        return [.. parts.Select(part => Path.Combine([folder, .. part])).Where(Directory.Exists)];
    }

    /// <summary>The system's folders in which the driver's installers put it.</summary>
    public static IReadOnlyList<string> DriverFolders(SearchMachine machine) => machine.IsWindows
        ? machine.Variable("SystemRoot") is { Length: > 0 } system ? [Path.Combine(system, "System32")] : []
        :
        [
            Path.Combine(machine.Root, "usr", "lib", "wsl", "lib"),
            Path.Combine(machine.Root, "usr", "lib", Tuple(machine)),
            Path.Combine(machine.Root, "usr", "lib64"),
            Path.Combine(machine.Root, "usr", "lib"),
        ];

    private static string Tuple(SearchMachine machine) => machine.Architecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

    private static IEnumerable<string> LinuxFolders(SearchMachine machine)
    {
        return
        [
            Path.Combine(machine.Root, "usr", "local", "cuda"),
            .. SearchMachine.Subfolders(Path.Combine(machine.Root, "usr", "local"), "cuda-*"),
            Path.Combine(machine.Root, "usr", "lib", Tuple(machine)),
            Path.Combine(machine.Root, "usr", "lib64"),
        ];
    }

    private static IEnumerable<string> WindowsFolders(SearchMachine machine)
    {
        string programs = machine.Variable("ProgramFiles") ?? @"C:\Program Files";
        return
        [
            .. SearchMachine.Subfolders(Path.Combine(programs, "NVIDIA GPU Computing Toolkit", "CUDA"), "v*"),
            .. from version in SearchMachine.Subfolders(Path.Combine(programs, "NVIDIA", "CUDNN"), "v9*")
               from cuda in SearchMachine.Subfolders(Path.Combine(version, "bin"), "*")
               select cuda,
        ];
    }
}
