using System.Runtime.InteropServices;

namespace AdaShare.Native.KernelCompiler;

/// <summary>Strings in native memory as an array of <c>const char*</c>.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    /// <summary>Copies strings as UTF-8.</summary>
    public NativeStrings(IReadOnlyList<string> strings)
    {
        _count = strings.Count;
        Pointers = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(1, _count), (nuint)sizeof(byte*));
        for (int i = 0; i < _count; i++)
        {
            Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        }
    }

    /// <summary>The array.</summary>
    public byte** Pointers { get; private set; }

    /// <summary>One string.</summary>
    public byte* this[int index] => Pointers[index];

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        for (int i = 0; Pointers is not null && i < _count; i++)
        {
            Marshal.FreeCoTaskMem((nint)Pointers[i]);
        }

        NativeMemory.Free(Pointers);
        Pointers = null;
    }
}
