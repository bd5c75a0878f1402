using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;
using AdaShare.Native.CudaSimulation.Interpreter;
using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>Reads and writes of device memory by work that is no kernel of ours: copies, fills, convolutions and products. Checked as a kernel's accesses are.</summary>
internal sealed unsafe class RangeAccess
{
    private readonly WorkContext _context;
    private readonly AccessOrder _order;

    public RangeAccess(WorkContext context)
    {
        _context = context;
        _order = new AccessOrder(context.Device.History);
        _order.BeginLaunch(context.FirstBlock);
    }

    /// <summary>The bytes at an address, to be read.</summary>
    public ReadOnlySpan<byte> Read(ulong address, long bytes, string what)
    {
        MemoryRegion region = Resolve(address, bytes, what, out long offset);
        if (region.FirstWithout(offset, bytes, ByteState.Written) is >= 0 and long at)
        {
            Report(FindingKind.UninitializedRead, $"reads {what} at offset {at} of {region.Name}, which nobody has written");
        }

        Touch(region, offset, bytes, AccessKind.Read, what);
        return region.Bytes(offset, bytes);
    }

    /// <summary>The bytes at an address, to be written whole.</summary>
    public Span<byte> Write(ulong address, long bytes, string what)
    {
        MemoryRegion region = Resolve(address, bytes, what, out long offset);
        Touch(region, offset, bytes, AccessKind.Write, what);
        region.MarkWritten(offset, bytes);
        return region.Bytes(offset, bytes);
    }

    private MemoryRegion Resolve(ulong address, long bytes, string what, out long offset)
    {
        MemoryRegion? region = _context.Device.Memory.Find(address);
        offset = region is null ? 0 : (long)(address - region.Start);
        if (region is null)
        {
            throw Fault(FindingKind.OutOfBounds, $"{what} of {bytes} bytes is at 0x{address:X}, where nothing is allocated");
        }

        if (region.IsFreed)
        {
            throw Fault(FindingKind.UseAfterFree, $"{what} of {bytes} bytes is at offset {offset} of {region.Name}, which was freed");
        }

        if (!region.Contains(offset, bytes))
        {
            throw Fault(FindingKind.OutOfBounds, $"{what} of {bytes} bytes is at offset {offset} of {region.Name}");
        }

        if (region.FirstWithout(offset, bytes, ByteState.Allocated) is >= 0 and long at)
        {
            bool returned = region.State[at] == ByteState.Returned;
            throw Fault(returned ? FindingKind.UseAfterFree : FindingKind.OutOfBounds,
                $"{what} of {bytes} bytes is at offset {offset} of {region.Name}, whose byte {at} {(returned ? "was returned to its allocator" : "belongs to no buffer")}");
        }

        return region;
    }

    private void Touch(MemoryRegion region, long offset, long bytes, AccessKind kind, string what)
    {
        long at = offset, end = offset + bytes;
        while (at < end)
        {
            int size = 16;
            while ((at & (size - 1)) != 0 || at + size > end)
            {
                size >>= 1;
            }

            ulong other = region.Accesses.Touch(at, size, kind, _order);
            if (other != 0)
            {
                string earlier = _context.Device.History.Describe(AccessOrder.BlockOf(other));
                Report(FindingKind.StreamRace, $"{(kind == AccessKind.Read ? "reads" : "writes")} {what} at offset {at} of {region.Name}, which {earlier} accessed, and nothing puts the two in order");
                return;
            }

            at += size;
        }
    }

    private void Report(FindingKind kind, string problem) => _context.Device.Report(kind, _context.Work.Template.Name, problem);

    private DeviceFault Fault(FindingKind kind, string problem)
    {
        Report(kind, problem);
        return new DeviceFault(CudaResult.IllegalAddress, problem);
    }
}
