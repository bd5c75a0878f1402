using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests.Safety;

/// <summary>A device with little memory, so that calls with large sizes fail at once as they would on a machine that has no more.</summary>
internal sealed class SmallBackend(Backend inner) : DelegatingBackend(inner)
{
    /// <summary>The largest buffer.</summary>
    public const long MostBytes = 1 << 20;

    public override Storage Allocate(long byteLength) =>
        byteLength <= MostBytes ? base.Allocate(byteLength) : throw new DeviceException($"small: a buffer of {byteLength} bytes is larger than {MostBytes}; use a smaller one");
}
