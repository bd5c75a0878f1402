using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Cuda.Search;

/// <summary>A library that was found.</summary>
/// <param name="Name">For example <c>cuDNN</c>.</param>
/// <param name="Version">For example <c>9.19.0</c>; empty where it was not asked.</param>
/// <param name="Path">The file that was loaded or would be.</param>
public sealed record FoundLibrary(string Name, string Version, string Path);

/// <summary>A place that was searched.</summary>
/// <param name="Origin">Why it was looked at, for example the name of an environment variable.</param>
/// <param name="Path">The folder; empty for the operating system's own search by bare name.</param>
/// <param name="Outcome">What was there.</param>
public sealed record SearchedPlace(string Origin, string Path, string Outcome);

/// <summary>The libraries behind the CUDA backend as found on this machine, or the reason why they can't be used, with everything that was tried.</summary>
/// <remarks>
/// Nothing here throws or ends the process for a library that is absent: files are looked at before anything is loaded, and cuDNN, which aborts where it misses a part, is called only
/// when all its parts are in memory, from one folder. Loading takes effect for the whole process and is done once.
/// </remarks>
public sealed class CudaSearch
{
    /// <summary>The environment variable whose folders are searched first.</summary>
    public const string OverrideVariable = "ADASHARE_CUDA_PATH";

    private static readonly Lazy<CudaSearch> Process = new(() => new LibrarySearch(new SearchMachine(), []).Run());

    internal CudaSearch(CudaLibraries? libraries, string? obstacle) => (Libraries, Obstacle) = (libraries, obstacle);

    /// <summary>The libraries; null where <see cref="Obstacle"/> says why.</summary>
    public CudaLibraries? Libraries { get; }

    /// <summary>In one clause, why CUDA can't be used and what would help; null where it can.</summary>
    public string? Obstacle { get; }

    /// <summary>The driver's CUDA version; null without a driver.</summary>
    public Version? DriverVersion { get; internal init; }

    /// <summary>The devices; empty without a driver that starts.</summary>
    public IReadOnlyList<CudaDeviceFacts> Devices { get; internal init; } = [];

    /// <summary>The libraries that were found, loaded or not.</summary>
    public IReadOnlyList<FoundLibrary> Found { get; internal init; } = [];

    /// <summary>The places in the order of the search.</summary>
    public IReadOnlyList<SearchedPlace> Places { get; internal init; } = [];

    /// <summary>What was passed over and why, one clause each.</summary>
    public IReadOnlyList<string> Notes { get; internal init; } = [];

    /// <summary>This process's libraries; searched and loaded at the first call.</summary>
    public static CudaSearch Find() => Process.Value;

    /// <summary>This process's libraries, searched in some folders first. Libraries that the process has loaded already stay loaded.</summary>
    /// <param name="folders">Folders of the libraries themselves, of a toolkit or of Python packages.</param>
    public static CudaSearch Find(IReadOnlyList<string> folders) => new LibrarySearch(new SearchMachine(), folders).Run();

    /// <summary>A search that has ended in libraries from elsewhere: a simulated device, or an embedding program's own bindings.</summary>
    /// <param name="libraries">The libraries; their driver is started here to count devices.</param>
    public static CudaSearch Of(CudaLibraries libraries)
    {
        ArgumentNullException.ThrowIfNull(libraries);
        DriverState driver = DriverState.Start(libraries.Driver, Environment.GetEnvironmentVariable(DriverState.VisibilityVariable));
        return new CudaSearch(driver.Obstacle is null ? libraries : null, driver.Obstacle) { DriverVersion = driver.Version, Devices = driver.Devices };
    }

    /// <summary>The libraries, for whoever can't do without.</summary>
    /// <exception cref="DeviceException">They can't be used; the message is <see cref="Obstacle"/>.</exception>
    public CudaLibraries Require() => Libraries ?? throw new DeviceException($"CUDA: {Obstacle}");
}
