using System.Diagnostics;

namespace AdaShare.Native.Campaigns.Killing;

/// <summary>The program under test.</summary>
public sealed class HostProgram
{
    private const string Assembly = "adashare.dll";

    private readonly string _file;
    private readonly string[] _before;

    private HostProgram(string file, params string[] before) => (_file, _before) = (file, before);

    /// <summary>Finds the program.</summary>
    /// <param name="given">The program or its adashare.dll; null for the one beside this tool.</param>
    /// <exception cref="CampaignException">It is not there.</exception>
    public static HostProgram Find(string? given)
    {
        string path = Path.GetFullPath(given ?? Path.Combine(AppContext.BaseDirectory, Assembly));
        return !File.Exists(path) ? throw new CampaignException($"--host {path}: there is no such file; build the host, and name adashare or adashare.dll")
            : Path.GetExtension(path) == ".dll" ? new HostProgram(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", "exec", path)
            : new HostProgram(path);
    }

    /// <summary>Starts it.</summary>
    /// <param name="folder">The folder that it runs in.</param>
    /// <param name="arguments">Its arguments.</param>
    public HostProcess Start(string folder, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(_file, [.. _before, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        return new HostProcess(start);
    }
}
