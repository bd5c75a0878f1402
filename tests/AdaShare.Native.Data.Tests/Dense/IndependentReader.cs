using System.Buffers.Binary;
using System.Diagnostics;

namespace AdaShare.Native.Data.Tests.Dense;

/// <summary>Python's readers of the files that the tests write, see <c>dense_files.py</c>.</summary>
internal static class IndependentReader
{
    private const string Interpreter = "/usr/bin/python3";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs a function of the program; ignores the test where something is missing.</summary>
    public static void Run(string function, string root, string other, int number, params string[] modules)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Interpreter))
        {
            Assert.Ignore($"this test needs Linux and {Interpreter}");
        }

        string[] needed = ["numpy", .. modules];
        string check = $"import importlib.util as u; print(*[m for m in {Listed(needed)} if u.find_spec(m) is None])";
        string missing = Start(["-c", check]).Output.Trim();
        if (missing.Length > 0)
        {
            Assert.Ignore($"{Interpreter} has no module {missing.Replace(" ", ", ")}; run .ci/install-peers");
        }

        (int status, _, string error) = Start([Path.Combine(AppContext.BaseDirectory, "Dense", "dense_files.py"), function, root, other, $"{number}"]);
        Assert.That(status, Is.Zero, error);
    }

    /// <summary>A plane that the program has written.</summary>
    public static float[] Plane(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        return [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(4 * i)))];
    }

    /// <summary>Writes a plane for the program.</summary>
    public static byte[] Bytes(IEnumerable<float> values) => [.. values.SelectMany(value => BitConverter.GetBytes(value))];

    private static string Listed(string[] words) => $"[{string.Join(", ", words.Select(word => $"'{word}'"))}]";

    private static (int Status, string Output, string Error) Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Interpreter) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
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
}
