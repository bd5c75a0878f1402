using System.Runtime.InteropServices;

namespace AdaShare.Native.KernelCompiler;

/// <summary>A native library found by a list of names, and its functions under their C names.</summary>
internal sealed class NativeTool : IDisposable
{
    private nint _handle;

    private NativeTool(nint handle, string name) => (_handle, Name) = (handle, name);

    /// <summary>The name under which the library was found.</summary>
    public string Name { get; }

    /// <summary>Loads the first library that is there.</summary>
    /// <param name="names">File names or full paths, best first.</param>
    /// <returns>The library, or null where none is there.</returns>
    public static NativeTool? TryLoad(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
            {
                return new NativeTool(handle, name);
            }
        }

        return null;
    }

    /// <summary>The address of a function.</summary>
    /// <exception cref="ToolMissingException">The library has no such function.</exception>
    public nint Export(string name) => NativeLibrary.TryGetExport(_handle, name, out nint address)
        ? address
        : throw new ToolMissingException($"{Name} has no function {name}: it is another library or too old; install CUDA 11.8's");

    /// <summary>Unloads the library.</summary>
    public void Dispose()
    {
        if (_handle != 0)
        {
            NativeLibrary.Free(_handle);
            _handle = 0;
        }
    }
}
