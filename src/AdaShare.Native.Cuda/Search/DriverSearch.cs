using AdaShare.Native.Cuda.Interop;

namespace AdaShare.Native.Cuda.Search;

/// <summary>Searches for a driver that has a device: a file that loads may be a toolkit's stub, or the library of a package on a machine whose devices another library drives, as under WSL.</summary>
/// <param name="machine">The machine.</param>
/// <param name="places">The places of the search, for the folders that the user says.</param>
/// <param name="notes">Takes each library that was passed over, with the reason.</param>
internal sealed class DriverSearch(SearchMachine machine, IReadOnlyList<SearchPlace> places, List<string> notes)
{
    private readonly string _name = machine.Names.Driver;
    private readonly HashSet<string> _tried = new(machine.IsWindows ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
    private nint _idle;

    /// <summary>The functions of the driver that was found; null where none can be used.</summary>
    public ICudaDriver? Driver { get; private set; }

    /// <summary>The library that was found: the one that can be used, else the first that loads; null where none loads.</summary>
    public FoundLibrary? Found { get; private set; }

    /// <summary>Tries one library after the other until one has a device that the kernels run on.</summary>
    /// <returns>The state of the driver that can be used, else of the first that loads.</returns>
    public DriverState Run()
    {
        DriverState? first = null;
        List<(string File, string Reason)> failures = [];
        foreach (string file in Files().Where(IsNew))
        {
            if (Try(file, out string fault) is not { } state)
            {
                failures.Add((file, fault));
                continue;
            }

            if (state.Obstacle is null)
            {
                notes.AddRange(failures.Select(failure => $"the driver {failure.File} was passed over: {failure.Reason}"));
                return state;
            }

            first ??= state;
            failures.Add((file, state.Obstacle));
        }

        // The first reason is the obstacle already; with more than one library, which of them it is about is worth a line for each.
        notes.AddRange(failures.Count > 1 ? failures.Select(failure => $"the driver {failure.File} can't be used: {failure.Reason}") : []);
        return first ?? new DriverState(null, [], $"there is no NVIDIA driver on this machine ({failures[0].File}: {failures[0].Reason}); if it has an NVIDIA GPU, install its driver");
    }

    /// <summary>Loads and starts a driver.</summary>
    /// <returns>Null where the file does not load.</returns>
    private DriverState? Try(string file, out string fault)
    {
        if (_idle != 0)
        {
            // cuBLAS and cuDNN ask the loader for the driver by its bare name, and get the library of that name that is in memory: it must not be one that was passed over.
            machine.Loader.Free(_idle);
            _idle = 0;
        }

        string[] before = [.. machine.Loader.LoadedPaths()];
        nint handle = machine.Loader.Load(file, out fault);
        if (handle == 0)
        {
            return null;
        }

        string path = LoadedPath(file, before);
        _tried.Add(Target(path));
        EntryPoints entries = EntryPoints.Resolve<ICudaDriver>(machine.Loader, handle, "the NVIDIA driver");
        ICudaDriver? driver = entries.Missing.Count == 0 ? new NativeCudaDriver(entries) : null;
        DriverState state = driver is null
            ? new DriverState(null, [], $"the NVIDIA driver is too old: it has no {string.Join(", ", entries.Missing)}; install a driver for CUDA 12 or newer")
            : DriverState.Start(driver, machine.Variable(DriverState.VisibilityVariable));
        if (state.Obstacle is null || Found is null)
        {
            (Driver, Found) = (state.Obstacle is null ? driver : null, new FoundLibrary("driver", state.Version is null ? string.Empty : $"CUDA {state.Version}", path));
        }

        _idle = state is { Obstacle: not null, Started: false } ? handle : 0;
        return state;
    }

    /// <summary>
    /// The driver is the system's own, so its loader is asked; only a folder that the user says goes before it. Where the loader is led to a stub, the system's folders still have the driver, and
    /// under WSL it lies in a folder of its own.
    /// </summary>
    private IEnumerable<string> Files()
    {
        IEnumerable<string> own = places.Where(place => place.IsOwn).SelectMany(place => place.Folders).Select(folder => Path.Combine(folder, _name));
        IEnumerable<string> system = ToolkitPlaces.DriverFolders(machine).Select(folder => Path.Combine(folder, _name));
        return [.. own.Where(File.Exists), _name, .. system.Where(File.Exists)];
    }

    /// <summary>Whether a file is not another name of one that was tried.</summary>
    private bool IsNew(string file) => !Path.IsPathRooted(file) || _tried.Add(Target(file));

    /// <summary>The file that a path leads to where it or its folder is a link, as <c>/usr/lib64</c> is on some systems.</summary>
    private static string Target(string path)
    {
        try
        {
            string file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            string? folder = Path.GetDirectoryName(file);
            return folder is not null && Directory.ResolveLinkTarget(folder, returnFinalTarget: true) is { } real ? Path.Combine(real.FullName, Path.GetFileName(file)) : file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    /// <summary>The path of a library that was loaded by its name: the one that has come into memory, or else was there.</summary>
    private string LoadedPath(string file, string[] before)
    {
        if (Path.IsPathRooted(file))
        {
            return file;
        }

        string stem = Path.GetFileNameWithoutExtension(file);
        string[] loaded = [.. machine.Loader.LoadedPaths().Where(path => Path.GetFileName(path).StartsWith(stem, StringComparison.OrdinalIgnoreCase))];
        return loaded.Except(before).Concat(loaded).FirstOrDefault() ?? file;
    }
}
