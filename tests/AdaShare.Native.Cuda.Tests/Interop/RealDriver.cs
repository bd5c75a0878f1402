using AdaShare.Native.Cuda.Search;

namespace AdaShare.Native.Cuda.Tests.Interop;

/// <summary>The NVIDIA driver that is installed, with or without a GPU.</summary>
internal static class RealDriver
{
    public static SystemLibraryLoader Loader { get; } = new();

    /// <summary>The loaded library; where there is none, the test that asks is ignored.</summary>
    public static nint Load()
    {
        nint handle = Loader.Load(new LibraryNames(OperatingSystem.IsWindows()).Driver, out string error);
        if (handle == 0)
        {
            Assert.Ignore($"this test needs an NVIDIA driver, for which no GPU is needed (package libcuda1 of Debian): {error}");
        }

        return handle;
    }
}
