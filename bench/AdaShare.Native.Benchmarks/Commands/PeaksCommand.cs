using System.CommandLine;
using AdaShare.Native.Benchmarks.Peaks;
using AdaShare.Native.Benchmarks.Timing;
using AdaShare.Native.Cpu;
using AdaShare.Native.Host;
using AdaShare.Native.Host.Commands;
using AdaShare.Native.Host.Devices;

namespace AdaShare.Native.Benchmarks.Commands;

/// <summary><c>peaks</c>: what the machine can do at most.</summary>
internal static class PeaksCommand
{
    // A GPU multiplies at another rate in each.
    private static readonly string[] Numerics = ["exact", "fast", "bfloat16"];

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("peaks", "Measures what a device can do at most: multiply-adds and memory traffic of a CPU, matrix products and copies of a GPU.") { device, threads };
        command.SetAction(parsed =>
        {
            foreach (string numerics in Numerics)
            {
                using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), numerics);
                host.Output.WriteLine($"device: {selected.FullDescription}");
                OpsTable.Peaks(host.Output, PeakProbe.Measure(selected.Backend, numerics, PeakOptions.Of(selected.Backend)));
                if (selected.Backend is CpuBackend)
                {
                    break;
                }
            }

            return ExitCode.Success;
        });
        return command;
    }
}
