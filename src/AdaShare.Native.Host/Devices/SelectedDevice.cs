using AdaShare.Native.Cpu;
using AdaShare.Native.Engine.Backends;

namespace AdaShare.Native.Host.Devices;

/// <summary>A device that a command computes on.</summary>
/// <param name="backend">The device; disposed with this.</param>
/// <param name="numerics">How it rounds, in the words of a configuration.</param>
public sealed class SelectedDevice(Backend backend, string numerics) : IDisposable
{
    /// <summary>The device.</summary>
    public Backend Backend { get; } = backend;

    /// <summary>Whether it is a CPU.</summary>
    public bool IsCpu => Backend is CpuBackend;

    /// <summary>Why <c>auto</c> did not take a GPU; null where it did, or was not asked.</summary>
    public string? Reason { get; init; }

    /// <summary>The device in ten words: what it is, how it rounds, and where to read why it is not a GPU where that was left to us.</summary>
    public string Description
    {
        get
        {
            string what = Backend is CpuBackend cpu ? $"cpu, {cpu.Options.Threads} {(cpu.Options.Threads == 1 ? "thread" : "threads")}" : Backend.Facts.TryGetValue("gpu", out string? gpu) ? $"{Backend.Name}, {gpu}" : Backend.Name;
            return $"{what}, {numerics} numerics{(Reason is null ? "" : "; why no GPU: adashare doctor")}";
        }
    }

    /// <summary>All that is known of the device, and why it is not a GPU where that was left to us.</summary>
    public string FullDescription => Reason is null ? Backend.Description : $"{Backend.Description}; not a GPU, because {Reason}";

    /// <inheritdoc/>
    public void Dispose() => Backend.Dispose();
}
