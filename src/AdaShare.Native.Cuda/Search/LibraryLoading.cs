using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Search;

/// <summary>Loads cuBLAS, NVRTC and cuDNN out of inspected folders, and checks that they belong together.</summary>
internal sealed unsafe class LibraryLoading(SearchMachine machine, IReadOnlyList<LibraryFolder> folders, List<string> notes)
{
    private const int LeastCudnnVersion = 90000;

    /// <summary>cuBLAS once loaded.</summary>
    public ICublas? Cublas { get; private set; }

    /// <summary>The CUDA major of the loaded cuBLAS.</summary>
    public int CublasMajor { get; private set; }

    /// <summary>cuDNN once loaded.</summary>
    public ICudnn? Cudnn { get; private set; }

    /// <summary>The CUDA major that the loaded cuDNN is built for.</summary>
    public int CudnnCudaMajor { get; private set; }

    /// <summary>Where and in which version they were found.</summary>
    public Dictionary<string, FoundLibrary> Found { get; } = [];

    /// <summary>Loads cuBLAS with cuBLASLt, and NVRTC of the same major where there is one.</summary>
    /// <param name="home">The place of cuDNN, whose cuBLAS is preferred.</param>
    /// <param name="newest">The highest CUDA major that the driver runs.</param>
    /// <param name="wanted">The one major that is wanted; null for the newest that fits.</param>
    /// <param name="obstacle">Why there is none.</param>
    public bool TryLoadCublas(SearchPlace home, int newest, int? wanted, out string? obstacle)
    {
        (LibraryFolder Folder, int Major)[] candidates =
        [
            .. from folder in folders.OrderBy(folder => folder.Place == home && !folder.Place.IsBare ? 0 : 1)
               from major in folder.CublasMajors
               where wanted is null || major == wanted
               select (folder, major),
        ];
        foreach ((LibraryFolder folder, int major) in candidates.Where(candidate => candidate.Major <= newest))
        {
            if (TryLoadCublas(folder, major, out string fault))
            {
                LoadNvrtc(folder.Place, major);
                obstacle = null;
                return true;
            }

            if (!folder.Place.IsBare)
            {
                notes.Add(fault);
            }
        }

        string names = string.Join(" or ", LibraryNames.CudaMajors.Select(machine.Names.Cublas));
        obstacle = candidates.FirstOrDefault(candidate => candidate.Major > newest && !candidate.Folder.Place.IsBare) is { Folder: { } later, Major: int tooNew }
            ? $"the cuBLAS in {later.Path} is of CUDA {tooNew}, the driver runs CUDA {newest}; update the driver, or install cuBLAS and cuDNN for CUDA {newest}"
            : $"cuBLAS ({names}) was not found; install it, for example with the Python package nvidia-cublas, or name its folder in {CudaSearch.OverrideVariable}";
        return false;
    }

    /// <summary>Loads all parts of a cuDNN, its dispatcher last, and asks it for its versions.</summary>
    /// <param name="files">The files.</param>
    /// <param name="started">Whether something was loaded, so that no other cuDNN may be tried in this process.</param>
    /// <param name="obstacle">Why it can't be used.</param>
    public bool TryLoadCudnn(CudnnFiles files, out bool started, out string obstacle)
    {
        started = false;
        foreach (string part in (string[])[.. files.Required, .. files.Optional])
        {
            if (machine.Loader.Load(part, out string reason) != 0)
            {
                started = true;
            }
            else if (files.Required.Contains(part))
            {
                obstacle = $"{part} could not be loaded: {reason}";
                return false;
            }
        }

        nint handle = machine.Loader.Load(files.Dispatcher, out string fault);
        if (handle == 0)
        {
            obstacle = $"{files.Dispatcher} could not be loaded: {fault}";
            return false;
        }

        string[] sources = [.. machine.Loader.LoadedPaths().Where(path => machine.Names.IsCudnn(Path.GetFileName(path))).Select(path => Path.GetDirectoryName(path)!).Distinct()];
        if (sources.Length > 1)
        {
            obstacle = $"cuDNN's parts were loaded from {string.Join(" and from ", sources)}; keep one cuDNN in the library path and start again";
            return false;
        }

        return Accept(handle, files, out obstacle);
    }

    private bool Accept(nint handle, CudnnFiles files, out string obstacle)
    {
        EntryPoints entries = EntryPoints.Resolve<ICudnn>(machine.Loader, handle, $"the cuDNN {files.Dispatcher}");
        var cudartVersion = (delegate* unmanaged<nuint>)machine.Loader.Export(handle, "cudnnGetCudartVersion");
        if (entries.Missing.Count > 0 || cudartVersion == null)
        {
            obstacle = $"the cuDNN {files.Dispatcher} has no {string.Join(", ", entries.Missing.DefaultIfEmpty("cudnnGetCudartVersion"))}; install a newer version 9";
            return false;
        }

        var cudnn = new NativeCudnn(entries);
        int version = (int)cudnn.GetVersion();
        var readable = new Version(version / 10000, version % 10000 / 100, version % 100);
        if (version < LeastCudnnVersion)
        {
            obstacle = $"the cuDNN {files.Dispatcher} is version {version}; install version 9";
            return false;
        }

        foreach (string check in (string[])["cudnnGraphVersionCheck", "cudnnOpsVersionCheck", "cudnnCnnVersionCheck"])
        {
            var call = (delegate* unmanaged<CudnnStatus>)machine.Loader.Export(handle, check);
            CudnnStatus status = call == null ? CudnnStatus.Success : call();
            if (status != CudnnStatus.Success)
            {
                obstacle = $"the parts of the cuDNN {files.Dispatcher} are of different versions ({check}: {(int)status}); install cuDNN anew";
                return false;
            }
        }

        Cudnn = cudnn;
        CudnnCudaMajor = (int)cudartVersion() / 1000;
        Found["cuDNN"] = new FoundLibrary("cuDNN", $"{readable} for CUDA {CudnnCudaMajor}", files.Dispatcher);
        obstacle = string.Empty;
        return true;
    }

    private bool TryLoadCublas(LibraryFolder folder, int major, out string fault)
    {
        string path = Path.Combine(folder.Path, machine.Names.Cublas(major)), light = Path.Combine(folder.Path, machine.Names.CublasLt(major));
        if (machine.Loader.Load(light, out string reason) == 0)
        {
            fault = $"{light} could not be loaded: {reason}";
            return false;
        }

        nint handle = machine.Loader.Load(path, out reason);
        if (handle == 0)
        {
            fault = $"{path} could not be loaded: {reason}";
            return false;
        }

        EntryPoints entries = EntryPoints.Resolve<ICublas>(machine.Loader, handle, $"the cuBLAS {path}");
        if (entries.Missing.Count > 0)
        {
            fault = $"the cuBLAS {path} has no {string.Join(", ", entries.Missing)}; install a newer version";
            return false;
        }

        Cublas = new NativeCublas(entries);
        CublasMajor = major;
        Found["cuBLAS"] = new FoundLibrary("cuBLAS", CublasVersion(handle) ?? $"{major}", path);
        fault = string.Empty;
        return true;
    }

    /// <summary>Asked by property, which needs no handle and so no context.</summary>
    private string? CublasVersion(nint handle)
    {
        var property = (delegate* unmanaged<int, int*, CublasStatus>)machine.Loader.Export(handle, "cublasGetProperty");
        int* parts = stackalloc int[3];
        for (int part = 0; part < 3; part++)
        {
            if (property == null || property(part, parts + part) != CublasStatus.Success)
            {
                return null;
            }
        }

        return $"{parts[0]}.{parts[1]}.{parts[2]}";
    }

    private void LoadNvrtc(SearchPlace home, int major)
    {
        string name = machine.Names.Nvrtc(major);
        foreach (LibraryFolder folder in folders.Where(folder => folder.NvrtcMajors.Contains(major)).OrderBy(folder => folder.Place == home ? 0 : 1))
        {
            string path = Path.Combine(folder.Path, name);
            if (machine.Loader.Load(path, out _) != 0)
            {
                Found["NVRTC"] = new FoundLibrary("NVRTC", $"{major}", path);
                return;
            }
        }

        notes.Add($"NVRTC ({name}) was not found: cuDNN's engines that compile at run time are not available");
    }
}
