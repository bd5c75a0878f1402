namespace AdaShare.Native.Cuda.Search;

/// <summary>Where NVIDIA's Python packages lie: whoever has PyTorch for CUDA has every library that the backend needs.</summary>
internal static class PythonPlaces
{
    /// <summary>The package folders of active environments, of the path's Python, of environments under <c>/opt</c> and of the system.</summary>
    public static IEnumerable<SearchPlace> List(SearchMachine machine)
    {
        foreach (string folder in machine.VariablePaths("PYTHONPATH"))
        {
            yield return new SearchPlace("PYTHONPATH", folder, Below(machine, folder));
        }

        foreach ((string origin, string environment) in Environments(machine))
        {
            foreach (string packages in Packages(machine, environment))
            {
                yield return new SearchPlace(origin, packages, Below(machine, packages));
            }

            if (origin == "CONDA_PREFIX")
            {
                string libraries = machine.IsWindows ? Path.Combine(environment, "Library", "bin") : Path.Combine(environment, "lib");
                yield return new SearchPlace(origin, libraries, [libraries]);
            }
        }
    }

    /// <summary>The folders with libraries below a package folder.</summary>
    public static IReadOnlyList<string> Below(SearchMachine machine, string packages)
    {
        string[][] parts = machine.IsWindows
            ? [["nvidia", "cudnn", "bin"], ["nvidia", "cu13", "bin", "x86_64"], ["nvidia", "cublas", "bin"], ["nvidia", "cuda_nvrtc", "bin"], ["torch", "lib"]]
            : [["nvidia", "cudnn", "lib"], ["nvidia", "cu13", "lib"], ["nvidia", "cublas", "lib"], ["nvidia", "cuda_nvrtc", "lib"], ["torch", "lib"]];
        return [.. parts.Select(part => Path.Combine([packages, .. part])).Where(Directory.Exists)];
    }

    private static IEnumerable<(string Origin, string Folder)> Environments(SearchMachine machine)
    {
        foreach (string variable in (string[])["VIRTUAL_ENV", "CONDA_PREFIX"])
        {
            if (machine.Variable(variable) is { Length: > 0 } folder)
            {
                yield return (variable, Path.GetFullPath(folder));
            }
        }

        string python = machine.IsWindows ? "python.exe" : "python3";
        foreach (string folder in machine.VariablePaths("PATH").Where(folder => File.Exists(Path.Combine(folder, python))).Select(Target))
        {
            bool scripts = Path.GetFileName(folder).ToUpperInvariant() is "BIN" or "SCRIPTS";
            yield return ("Python in PATH", scripts ? Path.GetDirectoryName(folder) ?? folder : folder);
        }

        if (!machine.IsWindows)
        {
            foreach (string folder in SearchMachine.Subfolders(Path.Combine(machine.Root, "opt"), "*"))
            {
                yield return ("Python in /opt", folder);
            }

            yield return ("Python of the system", Path.Combine(machine.Root, "usr", "local"));
            yield return ("Python of the system", Path.Combine(machine.Root, "usr"));
        }
    }

    /// <summary>The folder itself where the path is a link to it, as <c>/bin</c> often is to <c>/usr/bin</c>.</summary>
    private static string Target(string folder)
    {
        string plain = Path.TrimEndingDirectorySeparator(folder);
        try
        {
            return Directory.ResolveLinkTarget(plain, returnFinalTarget: true)?.FullName ?? plain;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return plain;
        }
    }

    private static IEnumerable<string> Packages(SearchMachine machine, string environment)
    {
        if (machine.IsWindows)
        {
            return [Path.Combine(environment, "Lib", "site-packages")];
        }

        return
            from python in SearchMachine.Subfolders(Path.Combine(environment, "lib"), "python3*")
            from name in (string[])["site-packages", "dist-packages"]
            let folder = Path.Combine(python, name)
            where Directory.Exists(folder)
            select folder;
    }
}
