using System.Diagnostics;

namespace AdaShare.Native.Peers.Tests;

/// <summary>Runs the programs of bench/peers.</summary>
internal static class Peers
{
    /// <summary>The environment variable that names the Python to use.</summary>
    public const string InterpreterVariable = "PEERS_PYTHON";
    private const string Debian = "/usr/bin/python3";

    // None of these runs takes a minute where nothing else computes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>The repository's root; the test that asks is ignored where it does not run inside a checkout.</summary>
    public static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AdaShare.Native.sln")))
            {
                return folder.FullName;
            }
        }

        Assert.Ignore("this test needs the repository's bench/ around it");
        return "";
    }

    /// <summary>The folder of the programs.</summary>
    public static string Folder() => Path.Combine(Root(), "bench", "peers");

    /// <summary>Our side of the comparison, built beside these tests.</summary>
    public static string Bench()
    {
        string configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(Root(), "artifacts", "bin", "AdaShare.Native.Bench", configuration, "AdaShare.Native.Bench.dll");
    }

    /// <summary>Ignores the test where there is no Python, or a module is missing for it.</summary>
    /// <param name="modules">For example <c>torch</c>.</param>
    public static void Require(params string[] modules)
    {
        string interpreter = Interpreter();
        if (!OperatingSystem.IsLinux() || !File.Exists(interpreter))
        {
            Assert.Ignore($"this test needs Linux and {interpreter}, or the Python that {InterpreterVariable} names");
        }

        foreach (string module in modules)
        {
            if (Start(["-c", $"import {module}"], Folder()).Status != 0)
            {
                Assert.Ignore($"{interpreter} has no module {module}; run .ci/install-peers, or name a Python that has it in {InterpreterVariable}");
            }
        }
    }

    /// <summary>Runs Python.</summary>
    /// <param name="arguments">The program and its arguments.</param>
    /// <param name="folder">Where.</param>
    /// <param name="modules">A folder in which modules are looked for first, or null.</param>
    public static (int Status, string Output, string Error) Start(string[] arguments, string folder, string? modules = null)
    {
        var start = new ProcessStartInfo(Interpreter()) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        if (modules is not null)
        {
            start.Environment["PYTHONPATH"] = modules;
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{string.Join(' ', arguments)} did not end within {Patience.TotalMinutes} minutes");
        }

        return (process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Runs <c>compare.py</c> of a folder against <see cref="Bench"/>.</summary>
    public static (int Status, string Output, string Error) Compare(string folder, params string[] arguments) =>
        Start([Path.Combine(folder, "compare.py"), "--bench", Bench(), .. arguments], folder);

    private static string Interpreter() => Environment.GetEnvironmentVariable(InterpreterVariable) is { Length: > 0 } named ? named : Debian;
}
