using System.Runtime.InteropServices;
using System.Text;

namespace AdaShare.Native.KernelCompiler;

/// <summary>NVRTC, NVIDIA's run-time compiler, under its C names.</summary>
/// <remarks>Source of the signatures: nvrtc.h of CUDA 11.8. Every function returns 0 for success.</remarks>
public sealed unsafe class Nvrtc : IDisposable
{
    private static readonly string[] Names =
    [
        "libnvrtc.so.11.2", "libnvrtc.so.12", "libnvrtc.so.13", "libnvrtc.so", "nvrtc64_112_0.dll", "nvrtc64_120_0.dll", "nvrtc64_130_0.dll",
    ];

    // Only the assembler runs beside itself; compiling is a tenth of the work.
    private readonly Lock _oneAtATime = new();
    private readonly NativeTool _library;
    private readonly delegate* unmanaged<int, byte*> _getErrorString;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _createProgram;
    private readonly delegate* unmanaged<nint*, int> _destroyProgram;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compileProgram;
    private readonly delegate* unmanaged<nint, nuint*, int> _getPtxSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getPtx;
    private readonly delegate* unmanaged<nint, nuint*, int> _getProgramLogSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getProgramLog;

    private Nvrtc(NativeTool library)
    {
        _library = library;
        _getErrorString = (delegate* unmanaged<int, byte*>)library.Export("nvrtcGetErrorString");
        _createProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)library.Export("nvrtcCreateProgram");
        _destroyProgram = (delegate* unmanaged<nint*, int>)library.Export("nvrtcDestroyProgram");
        _compileProgram = (delegate* unmanaged<nint, int, byte**, int>)library.Export("nvrtcCompileProgram");
        _getPtxSize = (delegate* unmanaged<nint, nuint*, int>)library.Export("nvrtcGetPTXSize");
        _getPtx = (delegate* unmanaged<nint, byte*, int>)library.Export("nvrtcGetPTX");
        _getProgramLogSize = (delegate* unmanaged<nint, nuint*, int>)library.Export("nvrtcGetProgramLogSize");
        _getProgramLog = (delegate* unmanaged<nint, byte*, int>)library.Export("nvrtcGetProgramLog");
        var version = (delegate* unmanaged<int*, int*, int>)library.Export("nvrtcVersion");
        int major, minor;
        Check(version(&major, &minor), "nvrtcVersion");
        Version = $"{major}.{minor}";
    }

    /// <summary>The version, for example <c>11.8</c>.</summary>
    public string Version { get; }

    /// <summary>Loads the library.</summary>
    /// <exception cref="ToolMissingException">It is not on this machine.</exception>
    public static Nvrtc Load() => TryLoad() ?? throw new ToolMissingException(
        $"NVRTC was not found (tried {string.Join(", ", Names)}). Install it: on Debian the packages libnvrtc11.2 and libnvrtc-builtins11.8 of the component non-free, " +
        "elsewhere the CUDA 11.8 toolkit with its folder of libraries on the loader's path.");

    /// <summary>Loads the library, or returns null where it is not on this machine.</summary>
    public static Nvrtc? TryLoad() => NativeTool.TryLoad(Names) is { } library ? new Nvrtc(library) : null;

    /// <summary>Compiles one source file to PTX.</summary>
    /// <param name="name">The file's name in messages and line information.</param>
    /// <param name="source">CUDA C++.</param>
    /// <param name="headers">Texts of headers by the name under which they are included.</param>
    /// <param name="options">The compiler's options.</param>
    /// <exception cref="KernelException">It does not compile; the message holds the compiler's log.</exception>
    public string Compile(string name, string source, IReadOnlyDictionary<string, string> headers, IReadOnlyList<string> options)
    {
        lock (_oneAtATime)
        {
            return CompileAlone(name, source, headers, options);
        }
    }

    /// <summary>Unloads the library.</summary>
    public void Dispose() => _library.Dispose();

    private string CompileAlone(string name, string source, IReadOnlyDictionary<string, string> headers, IReadOnlyList<string> options)
    {
        using var texts = new NativeStrings([source, name]);
        using var bodies = new NativeStrings([.. headers.Values]);
        using var titles = new NativeStrings([.. headers.Keys]);
        using var flags = new NativeStrings(options);
        nint program;
        Check(_createProgram(&program, texts[0], texts[1], headers.Count, bodies.Pointers, titles.Pointers), "nvrtcCreateProgram");
        try
        {
            int status = _compileProgram(program, options.Count, flags.Pointers);
            if (status != 0)
            {
                nuint length;
                Check(_getProgramLogSize(program, &length), "nvrtcGetProgramLogSize");
                throw new KernelException($"{name} does not compile with {string.Join(' ', options)} ({Words(status)}):\n{Text(program, length, _getProgramLog)}");
            }

            nuint size;
            Check(_getPtxSize(program, &size), "nvrtcGetPTXSize");
            return Text(program, size, _getPtx);
        }
        finally
        {
            _destroyProgram(&program);
        }
    }

    private string Text(nint program, nuint size, delegate* unmanaged<nint, byte*, int> get)
    {
        var bytes = new byte[checked((int)size)];
        fixed (byte* p = bytes)
        {
            Check(get(program, p), "nvrtcGet");
        }

        return Encoding.UTF8.GetString(bytes).TrimEnd('\0');
    }

    private string Words(int status) => Marshal.PtrToStringUTF8((nint)_getErrorString(status)) ?? $"status {status}";

    private void Check(int status, string function)
    {
        if (status != 0)
        {
            throw new KernelException($"{_library.Name}: {function} failed: {Words(status)}");
        }
    }
}
