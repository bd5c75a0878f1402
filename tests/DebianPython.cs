using System.Diagnostics;

namespace AdaShare.Native.Tests;

/// <summary>Debian's Python, whose PyTorch and ONNX write, read and check files beside ours.</summary>
internal static class DebianPython
{
    private const string Interpreter = "/usr/bin/python3";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly Lazy<bool> TorchFound = new(static () => File.Exists(Interpreter) && Start(["-c", "import torch"], Path.GetTempPath()).Status == 0);

    /// <summary>Whether it has PyTorch.</summary>
    public static bool HasTorch => TorchFound.Value;

    /// <summary>Ignores the test where there is no PyTorch.</summary>
    public static void RequireTorch()
    {
        if (!HasTorch)
        {
            Assert.Ignore($"{Interpreter} has no module torch; install Debian's python3-torch (.ci/install-peers)");
        }
    }

    /// <summary>Ignores the test where a module is missing.</summary>
    /// <param name="module">The module.</param>
    /// <param name="package">Debian's package that has it.</param>
    public static void Require(string module, string package)
    {
        if (!File.Exists(Interpreter) || Start(["-c", $"import {module}"], Path.GetTempPath()).Status != 0)
        {
            Assert.Ignore($"{Interpreter} has no module {module}; install Debian's {package} (.ci/install-peers)");
        }
    }

    /// <summary>Runs a program, which must end well.</summary>
    /// <param name="program">Its text.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">What it is given.</param>
    /// <returns>What it printed.</returns>
    public static string Run(string program, string folder, params string[] arguments)
    {
        (int status, string output, string error) = Start(["-c", program, .. arguments], folder);
        Assert.That(status, Is.Zero, error);
        return output;
    }

    private static (int Status, string Output, string Error) Start(string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(Interpreter) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{Interpreter} did not end within {Patience.TotalMinutes} minutes");
        }

        return (process.ExitCode, output.Result, error.Result);
    }
}
