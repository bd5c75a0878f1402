using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace AdaShare.Native.Cpu.Numerics;

/// <summary>Asks for a cache line ahead of its use, where memory is walked in a way that the processor cannot foresee. Any address will do, valid or not.</summary>
internal static unsafe class Fetch
{
    /// <summary>To the first-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Near(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>To the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Far(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
        }
    }

    /// <summary>For one use, leaving what the second-level cache holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Once(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.PrefetchNonTemporal(address);
        }
    }
}
