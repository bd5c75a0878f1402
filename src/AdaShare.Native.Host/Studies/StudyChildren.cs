using System.Diagnostics;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Running;

namespace AdaShare.Native.Host.Studies;

/// <summary>Several devices at once: a process of this program for each, with a shard of its own.</summary>
public static class StudyChildren
{
    /// <summary>Runs a shard's cells over devices and waits for the end of all.</summary>
    /// <param name="host">Where their lines go, each with its device in front.</param>
    /// <param name="arguments">The command line of a child but for device and shard.</param>
    /// <param name="devices">The devices.</param>
    /// <param name="shard">The shard of this process, which is divided further.</param>
    /// <param name="stop">Asks the children to stop as this process was asked.</param>
    /// <returns>Whether all ended well.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled; the children have stopped.</exception>
    public static bool Run(HostContext host, IReadOnlyList<string> arguments, IReadOnlyList<string> devices, StudyShard shard, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(shard);
        var gate = new Lock();
        var children = new List<Process>();
        try
        {
            for (int i = 0; i < devices.Count; i++)
            {
                // Every n-th cell is this shard's, and of those every device-th a child's: another machine may have other devices.
                var part = new StudyShard(shard.Number + (i * shard.Count), shard.Count * devices.Count);
                children.Add(Start(host, [.. arguments, "--device", devices[i], "--shard", part.ToString(), "--part-of", shard.ToString()], devices[i], gate));
            }

            using CancellationTokenRegistration asked = stop.Register(() => Stop(children));
            children.ForEach(static child => child.WaitForExit());
            stop.ThrowIfCancellationRequested();
            return children.TrueForAll(static child => child.ExitCode == ExitCode.Success);
        }
        finally
        {
            // Where one could not be started, the others stop.
            Stop(children);
            children.ForEach(static child => child.Dispose());
        }
    }

    private static Process Start(HostContext host, string[] arguments, string device, Lock gate)
    {
        string program = Environment.ProcessPath ?? throw new DeviceException("--devices: the system does not say where this program lies; start a shard for each device with --device and --shard");
        bool isRuntime = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in isRuntime ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var child = new Process { StartInfo = start };
        void Say(TextWriter writer, string? line)
        {
            if (line is not null)
            {
                lock (gate)
                {
                    writer.WriteLine($"{device}: {line}");
                    writer.Flush();
                }
            }
        }

        child.OutputDataReceived += (_, e) => Say(host.Output, e.Data);
        child.ErrorDataReceived += (_, e) => Say(host.Error, e.Data);
        child.Start();
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }

    /// <summary>A child stops when its standard input ends, see <see cref="ParentWatch"/>: the system ends it too where this process is killed.</summary>
    private static void Stop(List<Process> children)
    {
        foreach (Process child in children)
        {
            try
            {
                child.StandardInput.Close();
            }
            catch (Exception error) when (error is IOException or InvalidOperationException)
            {
                // It ended meanwhile.
            }
        }
    }
}
