using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Interpreter;
using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>What the backend's allocator says about buffers, in stream order: it makes the bounds of buffers, and their ends, visible within an allocation.</summary>
internal sealed partial class SimulatedDriver
{
    // Buffers start at multiples of this; what is between the end of one and the next such multiple is nobody's.
    private const long Granularity = 512;

    /// <inheritdoc/>
    public void MemoryRented(ulong address, nuint bytes, nint stream) => Observe("a buffer", address, (long)bytes, stream, static (region, offset, bytes) =>
    {
        region.Reset(offset, bytes, ByteState.Allocated);
        long end = Math.Min(region.Size, (offset + bytes + Granularity - 1) / Granularity * Granularity);
        region.Reset(offset + bytes, end - offset - bytes, ByteState.Unaddressable);
    });

    /// <inheritdoc/>
    public void MemoryReturned(ulong address, nuint bytes, nint stream) => Observe("a returned buffer", address, (long)bytes, stream, static (region, offset, bytes) =>
    {
        bool isNew = offset == 0 && bytes == region.Size && !region.HasBuffers;
        region.HasBuffers = true;
        region.Reset(offset, bytes, isNew ? ByteState.Unaddressable : ByteState.Returned);
    });

    private void Observe(string what, ulong address, long bytes, nint stream, Action<MemoryRegion, long, long> change)
    {
        lock (state.Lock)
        {
            if (state.Sticky != CudaResult.Success || Get<SimulatedStream>("IMemoryObserver", stream) is not { } found)
            {
                return;
            }

            state.Enqueue(found, new WorkTemplate("allocator", 0, context =>
            {
                MemoryRegion? region = context.Device.Memory.Find(address);
                long offset = region is null ? 0 : (long)(address - region.Start);
                if (region is null || region.IsFreed || !region.Contains(offset, bytes))
                {
                    context.Device.Report(FindingKind.OutOfBounds, "allocator", $"{what} of {bytes} bytes at 0x{address:X} lies outside what is allocated");
                    throw new DeviceFault(CudaResult.IllegalAddress, "a buffer outside of memory");
                }

                change(region, offset, bytes);
            }));
        }
    }
}
