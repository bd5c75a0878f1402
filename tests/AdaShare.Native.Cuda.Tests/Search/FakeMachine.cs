using System.Runtime.InteropServices;
using System.Text;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.Cuda.Search;

namespace AdaShare.Native.Cuda.Tests.Search;

/// <summary>A machine of made-up folders: library files are empty, and loading one gives functions that answer as the test wishes.</summary>
internal sealed class FakeMachine : ILibraryLoader, IDisposable
{
    private readonly Dictionary<string, string?> _variables = [];
    private readonly List<Delegate> _functions = [];
    private readonly List<string> _handles = [];

    public FakeMachine(bool windows = false)
    {
        Root = Directory.CreateTempSubdirectory("adashare-machine-").FullName;
        Machine = new SearchMachine
        {
            IsWindows = windows,
            Architecture = Architecture.X64,
            ApplicationFolder = Path.Combine(Root, "program"),
            Root = Root,
            Variable = name => _variables.GetValueOrDefault(name),
            Loader = this,
        };
    }

    private unsafe delegate int Number(int* value);

    private unsafe delegate int NumberOf(int* value, int which);

    private unsafe delegate int Attribute(int* value, int attribute, int device);

    private unsafe delegate int Name(byte* text, int length, int device);

    private unsafe delegate int Size(nuint* bytes, int device);

    private unsafe delegate int Property(int which, int* value);

    private delegate int Plain();

    private delegate nuint Long();

    public string Root { get; }

    public SearchMachine Machine { get; }

    /// <summary>Libraries that the operating system's loader finds by bare name, and where.</summary>
    public Dictionary<string, string> LibraryPath { get; } = [];

    /// <summary>Names of files that can't be loaded.</summary>
    public HashSet<string> Broken { get; } = [];

    /// <summary>Exports that libraries lack.</summary>
    public HashSet<string> Absent { get; } = [];

    /// <summary>What was loaded, in order.</summary>
    public List<string> Loaded { get; } = [];

    public int DriverVersion { get; set; } = 13000;

    public int InitResult { get; set; }

    /// <summary>Drivers that do not start, by path, and what they say instead.</summary>
    public Dictionary<string, int> InitResults { get; } = [];

    /// <summary>What was given back, in order.</summary>
    public List<string> Freed { get; } = [];

    public int DeviceCount { get; set; } = 1;

    public (int Major, int Minor) ComputeCapability { get; set; } = (9, 0);

    public int CudnnVersion { get; set; } = 91900;

    public int CudnnCudart { get; set; } = 13000;

    public int VersionCheck { get; set; }

    public CudaSearch Search(params string[] folders) => new LibrarySearch(Machine, folders).Run();

    public string Set(string variable, string value) => _variables[variable] = value;

    public string Folder(params string[] parts) => Directory.CreateDirectory(Path.Combine([Root, .. parts])).FullName;

    /// <summary>Puts empty files into a folder.</summary>
    public static void Add(string folder, params IEnumerable<string> names)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in names)
        {
            File.WriteAllBytes(Path.Combine(folder, name), []);
        }
    }

    /// <summary>The files of a cuDNN as wheels have it.</summary>
    public IEnumerable<string> CudnnNames() => [Machine.Names.Cudnn, .. LibraryNames.RequiredParts.Concat(["adv"]).Select(Machine.Names.CudnnPart)];

    public IEnumerable<string> CublasNames(int major) => [Machine.Names.Cublas(major), Machine.Names.CublasLt(major), Machine.Names.Nvrtc(major)];

    public void AddDriver() => LibraryPath[Machine.Names.Driver] = Path.Combine(Root, "usr", "lib", Machine.Names.Driver);

    public nint Load(string name, out string error)
    {
        string? path = Path.IsPathRooted(name) ? File.Exists(name) ? name : null : LibraryPath.GetValueOrDefault(name);
        if (path is null || Broken.Contains(Path.GetFileName(path)))
        {
            error = path is null ? "cannot open shared object file: No such file or directory" : "file too short";
            return 0;
        }

        error = string.Empty;
        Loaded.Add(path);
        _handles.Add(path);
        return _handles.Count;
    }

    public unsafe nint Export(nint library, string name)
    {
        if (Absent.Contains(name))
        {
            return 0;
        }

        Delegate function = name switch
        {
            "cuInit" => new Plain(() => InitResults.GetValueOrDefault(_handles[(int)library - 1], InitResult)),
            "cuDriverGetVersion" => new Number(value => Answer(value, DriverVersion)),
            "cuDeviceGetCount" => new Number(value => Answer(value, DeviceCount)),
            "cuDeviceGet" => new NumberOf(Answer),
            "cuDeviceGetName" => new Name(WriteName),
            "cuDeviceGetAttribute" => new Attribute((value, which, _) => Answer(value, which switch { 75 => ComputeCapability.Major, 76 => ComputeCapability.Minor, _ => 132 })),
            "cuDeviceTotalMem_v2" => new Size((bytes, _) =>
            {
                *bytes = (nuint)139 << 30;
                return 0;
            }),
            "cudnnGetVersion" => new Long(() => (nuint)CudnnVersion),
            "cudnnGetCudartVersion" => new Long(() => (nuint)CudnnCudart),
            "cudnnCnnVersionCheck" => new Plain(() => VersionCheck),
            "cublasGetProperty" => new Property((which, value) => Answer(value, which == 0 ? Major(Path.GetFileName(_handles[(int)library - 1])) : which)),
            "cuGetErrorName" or "cuGetErrorString" => new Plain(() => 1),
            _ => new Plain(() => 0),
        };
        _functions.Add(function);
        return Marshal.GetFunctionPointerForDelegate(function);
    }

    public void Free(nint library) => Freed.Add(_handles[(int)library - 1]);

    public IReadOnlyList<string> LoadedPaths() => [.. Loaded.Except(Freed)];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static int Major(string file) => file.Contains("13", StringComparison.Ordinal) ? 13 : 12;

    private static unsafe int Answer(int* value, int answer)
    {
        *value = answer;
        return 0;
    }

    private static unsafe int WriteName(byte* text, int length, int device)
    {
        byte[] name = Encoding.UTF8.GetBytes($"NVIDIA Test {device}\0");
        name.CopyTo(new Span<byte>(text, length));
        return 0;
    }
}
