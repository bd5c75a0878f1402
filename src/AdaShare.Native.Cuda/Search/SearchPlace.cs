namespace AdaShare.Native.Cuda.Search;

/// <summary>One step of the search.</summary>
/// <param name="Origin">Why it is looked at, for example the name of an environment variable.</param>
/// <param name="Path">The folder that it starts from; empty for the operating system's own search by bare name.</param>
/// <param name="Folders">The folders below it that may hold libraries.</param>
internal sealed record SearchPlace(string Origin, string Path, IReadOnlyList<string> Folders)
{
    /// <summary>Whether names are left to the operating system's loader.</summary>
    public bool IsBare => Path.Length == 0;

    /// <summary>Whether the user or the embedding program has named the folder.</summary>
    public bool IsOwn { get; init; }
}

/// <summary>The places that are searched, in order: what the user says, the program's folder, Python's packages, CUDA's own folders, bare names.</summary>
internal static class SearchPlaces
{
    /// <summary>Lists a machine's places.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="folders">Folders that the embedding program says.</param>
    public static IReadOnlyList<SearchPlace> List(SearchMachine machine, IReadOnlyList<string> folders)
    {
        IEnumerable<SearchPlace> places =
        [
            .. folders.Select(folder => Own("setting", machine, Path.GetFullPath(folder))),
            .. machine.VariablePaths(CudaSearch.OverrideVariable).Select(folder => Own(CudaSearch.OverrideVariable, machine, folder)),
            new SearchPlace("program", machine.ApplicationFolder, [machine.ApplicationFolder]),
            .. PythonPlaces.List(machine),
            .. ToolkitPlaces.List(machine),
            new SearchPlace("loader", string.Empty, [string.Empty]),
        ];
        return [.. places.DistinctBy(place => place.Path)];
    }

    /// <summary>A folder of the user's: the libraries' own, or one that has them below as toolkits and packages have.</summary>
    private static SearchPlace Own(string origin, SearchMachine machine, string folder) =>
        new(origin, folder, [folder, .. ToolkitPlaces.Below(machine, folder), .. PythonPlaces.Below(machine, folder)]) { IsOwn = true };
}
