using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Search;

/// <summary>Searches a machine for driver, cuBLAS and cuDNN, and loads them in the order that keeps them together.</summary>
/// <remarks>
/// cuDNN loads its parts by bare name when it first needs them, and aborts the process where that fails; a system-wide cuDNN of another version gets mixed in the same way. The loader gives a name that
/// is already in memory, so everything is loaded by absolute path first: cuBLASLt, cuBLAS, NVRTC, all parts of cuDNN, cuDNN's dispatcher last.
/// </remarks>
internal sealed class LibrarySearch(SearchMachine machine, IReadOnlyList<string> folders)
{
    private readonly List<FoundLibrary> _found = [];
    private readonly List<string> _notes = [];
    private readonly IReadOnlyList<SearchPlace> _places = SearchPlaces.List(machine, folders);

    /// <summary>Searches, and loads where a device is there to use what is found.</summary>
    public CudaSearch Run()
    {
        var drivers = new DriverSearch(machine, _places, _notes);
        DriverState driver = drivers.Run();
        _found.AddRange(drivers.Found is null ? [] : [drivers.Found]);
        IReadOnlyList<LibraryFolder> inspected = [.. _places.SelectMany(place => place.Folders.Select(folder => LibraryFolder.Inspect(machine, place, folder)))];
        _notes.AddRange(inspected.SelectMany(folder => folder.Faults).Distinct());
        CudaLibraries? libraries = null;
        string? obstacle = driver.Obstacle;
        if (obstacle is null)
        {
            (libraries, obstacle) = Load(drivers.Driver!, driver.Version?.Major ?? 0, inspected);
        }
        else
        {
            ListFiles(inspected);
        }

        return new CudaSearch(libraries, obstacle)
        {
            DriverVersion = driver.Version,
            Devices = driver.Devices,
            Found = _found,
            Notes = _notes,
            Places = [.. _places.Select(place => new SearchedPlace(place.Origin, place.Path, Outcome(place, inspected, driver.Obstacle is null)))],
        };
    }

    private (CudaLibraries? Libraries, string? Obstacle) Load(ICudaDriver driver, int newest, IReadOnlyList<LibraryFolder> inspected)
    {
        var loading = new LibraryLoading(machine, inspected, _notes);
        string? obstacle = LoadTogether(loading, newest, inspected);
        _found.AddRange(loading.Found.Values);
        string origin = string.Join(", ", _found.Select(library => $"{library.Name} {library.Version}"));
        return obstacle is null ? (new CudaLibraries(driver, loading.Cudnn!, loading.Cublas!, origin), null) : (null, obstacle);
    }

    private string? LoadTogether(LibraryLoading loading, int newest, IReadOnlyList<LibraryFolder> inspected)
    {
        string? fault = inspected.SelectMany(folder => folder.Faults).FirstOrDefault();
        foreach (LibraryFolder folder in inspected.Where(folder => folder.Cudnn is { Fault: null }))
        {
            if (!loading.TryLoadCublas(folder.Place, newest, null, out string? obstacle))
            {
                return folder.Place.IsBare ? fault ?? MissingBoth(newest) : obstacle;
            }

            if (loading.TryLoadCudnn(folder.Cudnn!, out bool started, out obstacle))
            {
                return loading.CudnnCudaMajor == loading.CublasMajor || loading.TryLoadCublas(folder.Place, newest, loading.CudnnCudaMajor, out _)
                    ? null
                    : $"the cuDNN {folder.Cudnn!.Dispatcher} is built for CUDA {loading.CudnnCudaMajor}, the cuBLAS {loading.Found["cuBLAS"].Path} for CUDA {loading.CublasMajor}; install both for the same CUDA";
            }

            if (started)
            {
                return obstacle;
            }

            fault ??= folder.Place.IsBare ? null : obstacle;
        }

        return fault ?? MissingCudnn(newest);
    }

    private string MissingCudnn(int newest) =>
        $"cuDNN 9 ({machine.Names.Cudnn}) was not found; install it, for example the Python package {CudnnPackage(newest)}, or name its folder in {CudaSearch.OverrideVariable}";

    private string MissingBoth(int newest) =>
        $"neither cuDNN 9 ({machine.Names.Cudnn}) nor cuBLAS ({machine.Names.Cublas(CudaMajor(newest))}) was found; install them, for example the Python package {CudnnPackage(newest)}, which brings both, or name their folder in {CudaSearch.OverrideVariable}";

    private static string CudnnPackage(int newest) => $"nvidia-cudnn-cu{CudaMajor(newest)}";

    private static int CudaMajor(int newest) => Math.Clamp(newest, LibraryNames.CudaMajors[^1], LibraryNames.CudaMajors[0]);

    /// <summary>Without a device nothing is loaded; what would be is still worth knowing.</summary>
    private void ListFiles(IReadOnlyList<LibraryFolder> inspected)
    {
        if (inspected.FirstOrDefault(folder => folder.Cudnn is { Fault: null } && !folder.Place.IsBare)?.Cudnn is CudnnFiles cudnn)
        {
            _found.Add(new FoundLibrary("cuDNN", "9", cudnn.Dispatcher));
        }

        if (inspected.FirstOrDefault(folder => folder.CublasMajors.Count > 0 && !folder.Place.IsBare) is LibraryFolder blas)
        {
            _found.Add(new FoundLibrary("cuBLAS", $"{blas.CublasMajors[0]}", Path.Combine(blas.Path, machine.Names.Cublas(blas.CublasMajors[0]))));
        }
    }

    private static string Outcome(SearchPlace place, IReadOnlyList<LibraryFolder> inspected, bool loads)
    {
        if (place.IsBare)
        {
            return loads ? "asked for what is not found before" : "not asked without a device";
        }

        string[] content = [.. inspected.Where(folder => folder.Place == place).SelectMany(folder => folder.Content).Distinct()];
        return content.Length > 0 ? string.Join(", ", content) : Directory.Exists(place.Path) ? "nothing" : "not there";
    }
}
