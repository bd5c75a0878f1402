using System.Text;

namespace AdaShare.Native.KernelCompiler;

/// <summary>The compiler inside a real driver (libnvidia-ptxjitcompiler), which needs no GPU: it proves that a driver accepts a module.</summary>
/// <remarks>Source of the signatures: nvPTXCompiler.h; the driver's library exports the same functions. Every function returns 0 for success.</remarks>
public sealed unsafe class DriverJit : IDisposable
{
    private readonly NativeTool _library;
    private readonly delegate* unmanaged<nint*, nuint, byte*, int> _create;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compile;
    private readonly delegate* unmanaged<nint*, int> _destroy;
    private readonly delegate* unmanaged<nint, nuint*, int> _getErrorLogSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getErrorLog;
    private readonly delegate* unmanaged<nint, nuint*, int> _getProgramSize;

    private DriverJit(NativeTool library)
    {
        _library = library;
        _create = (delegate* unmanaged<nint*, nuint, byte*, int>)library.Export("nvPTXCompilerCreate");
        _compile = (delegate* unmanaged<nint, int, byte**, int>)library.Export("nvPTXCompilerCompile");
        _destroy = (delegate* unmanaged<nint*, int>)library.Export("nvPTXCompilerDestroy");
        _getErrorLogSize = (delegate* unmanaged<nint, nuint*, int>)library.Export("nvPTXCompilerGetErrorLogSize");
        _getErrorLog = (delegate* unmanaged<nint, byte*, int>)library.Export("nvPTXCompilerGetErrorLog");
        _getProgramSize = (delegate* unmanaged<nint, nuint*, int>)library.Export("nvPTXCompilerGetCompiledProgramSize");
        var version = (delegate* unmanaged<uint*, uint*, int>)library.Export("nvPTXCompilerGetVersion");
        uint major = 0, minor = 0;
        _ = version(&major, &minor);
        Version = $"{major}.{minor}";
    }

    /// <summary>The CUDA version of the driver, for example <c>12.2</c>.</summary>
    public string Version { get; }

    /// <summary>Loads the library, or returns null where it is not on this machine.</summary>
    public static DriverJit? TryLoad() => NativeTool.TryLoad(["libnvidia-ptxjitcompiler.so.1", "libnvidia-ptxjitcompiler.so", "nvptxJITCompiler64_0.dll"]) is { } library ? new DriverJit(library) : null;

    /// <summary>Compiles a module to machine code.</summary>
    /// <param name="ptx">The module.</param>
    /// <param name="architecture">For example <c>sm_90</c>.</param>
    /// <returns>The size of the machine code in bytes.</returns>
    /// <exception cref="KernelException">The driver refuses the module; the message holds its words.</exception>
    public long Compile(string ptx, string architecture)
    {
        using var text = new NativeStrings([ptx]);
        using var options = new NativeStrings([$"--gpu-name={architecture}"]);
        nint compiler;
        int status = _create(&compiler, (nuint)Encoding.UTF8.GetByteCount(ptx), text[0]);
        if (status != 0)
        {
            throw new KernelException($"{_library.Name}: nvPTXCompilerCreate failed with status {status}");
        }

        try
        {
            status = _compile(compiler, 1, options.Pointers);
            if (status != 0)
            {
                throw new KernelException($"the driver's compiler ({Version}) refuses the module for {architecture} (status {status}): {ErrorLog(compiler)}");
            }

            nuint size;
            return _getProgramSize(compiler, &size) == 0 ? checked((long)size) : throw new KernelException($"{_library.Name}: the compiled program has no size");
        }
        finally
        {
            _destroy(&compiler);
        }
    }

    /// <summary>Unloads the library.</summary>
    public void Dispose() => _library.Dispose();

    private string ErrorLog(nint compiler)
    {
        nuint size;
        if (_getErrorLogSize(compiler, &size) != 0 || size == 0)
        {
            return "no log";
        }

        var bytes = new byte[checked((int)size) + 1];
        fixed (byte* p = bytes)
        {
            _ = _getErrorLog(compiler, p);
        }

        return Encoding.UTF8.GetString(bytes).TrimEnd('\0', '\n');
    }
}
