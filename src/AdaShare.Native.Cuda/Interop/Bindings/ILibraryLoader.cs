namespace AdaShare.Native.Cuda.Interop;

/// <summary>The part of the operating system that loads libraries; the tests put one here that needs no NVIDIA software.</summary>
internal interface ILibraryLoader
{
    /// <summary>Loads a library by absolute path or, for the system's own search, by bare name. Never throws.</summary>
    /// <param name="name">The path or name.</param>
    /// <param name="error">In one line, why it could not be loaded.</param>
    /// <returns>A handle that stays valid until it is freed, or 0.</returns>
    nint Load(string name, out string error);

    /// <summary>Gives a library back that has done nothing yet, so that its name is free for another file. No function of it may be called afterwards.</summary>
    void Free(nint library);

    /// <summary>The address of an exported function, or 0.</summary>
    nint Export(nint library, string name);

    /// <summary>The paths of the libraries that the process has loaded, however that came about.</summary>
    IReadOnlyList<string> LoadedPaths();
}
