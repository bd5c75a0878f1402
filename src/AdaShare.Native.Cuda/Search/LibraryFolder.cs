namespace AdaShare.Native.Cuda.Search;

/// <summary>What lies in one folder of a place, by looking at file names only.</summary>
internal sealed class LibraryFolder
{
    private LibraryFolder(SearchPlace place, string path) => (Place, Path) = (place, path);

    /// <summary>The place that the folder belongs to.</summary>
    public SearchPlace Place { get; }

    /// <summary>The folder; empty for bare names.</summary>
    public string Path { get; }

    /// <summary>The cuDNN in it, usable or not.</summary>
    public CudnnFiles? Cudnn { get; private init; }

    /// <summary>The CUDA majors of the cuBLAS in it, newest first; for bare names, all that would be accepted.</summary>
    public IReadOnlyList<int> CublasMajors { get; private init; } = [];

    /// <summary>The CUDA majors of the run-time compiler in it.</summary>
    public IReadOnlyList<int> NvrtcMajors { get; private init; } = [];

    /// <summary>What is there but must not be used, one clause each.</summary>
    public IReadOnlyList<string> Faults { get; private init; } = [];

    /// <summary>What is there, in words.</summary>
    public IReadOnlyList<string> Content { get; private init; } = [];

    /// <summary>Looks at a folder.</summary>
    public static LibraryFolder Inspect(SearchMachine machine, SearchPlace place, string folder)
    {
        LibraryNames names = machine.Names;
        if (place.IsBare)
        {
            return new LibraryFolder(place, folder) { Cudnn = CudnnFiles.Bare(names), CublasMajors = LibraryNames.CudaMajors, NvrtcMajors = LibraryNames.CudaMajors };
        }

        bool Has(string name) => File.Exists(System.IO.Path.Combine(folder, name));
        CudnnFiles? cudnn = CudnnFiles.Inspect(names, folder);
        int[] blas = [.. LibraryNames.CudaMajors.Where(major => Has(names.Cublas(major)) && Has(names.CublasLt(major)))];
        int[] nvrtc = [.. LibraryNames.CudaMajors.Where(major => Has(names.Nvrtc(major)))];
        var faults = new List<string>();
        if (cudnn?.Fault is string fault)
        {
            faults.Add(fault);
        }
        else if (cudnn is null && Has(names.OldCudnn))
        {
            faults.Add($"the cuDNN in {folder} is version 8; install version 9");
        }

        faults.AddRange(LibraryNames.CudaMajors.Where(major => Has(names.Cublas(major)) && !Has(names.CublasLt(major)))
            .Select(major => $"the cuBLAS in {folder} lacks {names.CublasLt(major)}; install cuBLAS anew"));
        return new LibraryFolder(place, folder)
        {
            Cudnn = cudnn,
            CublasMajors = blas,
            NvrtcMajors = nvrtc,
            Faults = faults,
            Content =
            [
                .. cudnn is null ? [] : (string[])[cudnn.Fault is null ? "cuDNN 9" : "cuDNN 9, not usable"],
                .. blas.Select(major => $"cuBLAS {major}"),
                .. nvrtc.Select(major => $"NVRTC {major}"),
            ],
        };
    }
}
