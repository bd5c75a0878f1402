using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Host.Devices;

/// <summary>A device that a command computes on.</summary>
/// <param name="backend">The device; disposed with this.</param>
public sealed class SelectedDevice(Backend backend) : IDisposable
{
    /// <summary>The device.</summary>
    public Backend Backend { get; } = backend;

    /// <summary>Whether it is a CPU.</summary>
    public bool IsCpu => Backend is CpuBackend;

    /// <summary>Why <c>auto</c> did not take a GPU; null where it did, or was not asked.</summary>
    public string? Reason { get; init; }

    /// <summary>What to tell the user: the device, and why it is not a GPU where that was left to us.</summary>
    public string Description => Reason is null ? Backend.Description : $"{Backend.Description}; not a GPU, because {Reason}";

    /// <inheritdoc/>
    public void Dispose() => Backend.Dispose();
}
