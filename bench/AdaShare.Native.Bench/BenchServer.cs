using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using AdaShare.Native.Bench.Cases;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Profiling;

namespace AdaShare.Native.Bench;

/// <summary>
/// Answers one line with one line, so that a driver can run the same work here and in PyTorch by turns: <c>describe</c> answers a <see cref="BenchmarkRun"/> without rows;
/// <c>check CASE FOLDER</c> writes results; <c>run CASE REPEATS</c> answers the milliseconds of one repeat; <c>release</c> forgets the case that was run;
/// <c>work CASE</c> answers the multiply-adds of its convolutions and matrix products, taps in the padding left out; <c>reset-peak</c> and <c>peak</c> answer resident bytes, <c>memory</c> what they consist of, and the backend's
/// own peak; <c>quit</c>.
/// </summary>
internal sealed class BenchServer(Backend backend, BenchOptions options) : IDisposable
{
    private BenchCase? _case;
    private string _caseName = string.Empty;

    /// <summary>Serves standard input until it ends.</summary>
    /// <param name="args">See <see cref="BenchOptions"/>.</param>
    /// <returns>0; 2 where the arguments are wrong, 3 where the device can't be used.</returns>
    public static int Serve(string[] args)
    {
        if (BenchOptions.Parse(args) is not { } options)
        {
            Console.Error.WriteLine(BenchOptions.Usage);
            return 2;
        }

        try
        {
            using Backend backend = options.Open();
            using var server = new BenchServer(backend, options);
            server.Serve();
            return 0;
        }
        catch (DeviceException e)
        {
            Console.Error.WriteLine(e.Message);
            return 3;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _case?.Dispose();

    private void Serve()
    {
        while (Console.ReadLine() is { } line && line != "quit")
        {
            Console.WriteLine(Answer(line));
        }
    }

    private string Answer(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return words switch
            {
                ["describe"] => Describe(),
                ["check", var name, var folder] => Check(name, folder),
                ["run", var name, var repeats] => Run(name, int.Parse(repeats, CultureInfo.InvariantCulture)),
                ["release"] => Release(),
                ["work", var name] => Work(name).ToString(CultureInfo.InvariantCulture),
                ["reset-peak"] => ResetPeak(),
                ["peak"] => ResidentMemory.Peak().ToString(CultureInfo.InvariantCulture),
                ["memory"] => Memory(),
                _ => $"error: \"{line}\" is not understood; use describe, check CASE FOLDER, run CASE REPEATS, release, work CASE, reset-peak, peak, memory or quit",
            };
        }
        catch (Exception e) when (e is AdaShareException or IOException or ArgumentException or FormatException)
        {
            return "error: " + e.Message.ReplaceLineEndings(" ");
        }
    }

    // One line: line breaks stand between the parts of JSON only, never within one.
    private string Describe() => ResultFile.ToJson(Provenance.Of("peers", backend, options.Numerics, options.Threads)).ReplaceLineEndings(" ");

    /// <summary>Starts the peak anew; what only set-up needed shall not count, as on the other side.</summary>
    private string ResetPeak()
    {
        backend.TrimCache();
        backend.ResetPeak();
        return ResidentMemory.ResetPeak();
    }

    /// <summary>What the backend's allocator holds, and the bytes of the case's parameters and optimiser state, which are live whatever a step does.</summary>
    private string Memory() => JsonSerializer.Serialize(new Dictionary<string, long>
    {
        ["state"] = _case?.StateBytes ?? 0,
        ["live"] = backend.Memory.LiveBytes,
        ["peak"] = backend.Memory.PeakBytes,
        ["cached"] = backend.Memory.CachedBytes,
        ["managed"] = GC.GetGCMemoryInfo().TotalCommittedBytes,
    });

    private string Check(string name, string folder)
    {
        Directory.CreateDirectory(folder);
        // The check's network has no dropout and its own noise; it must not live beside the one that is timed.
        Forget();
        using (BenchCase checkedCase = BenchCases.Create(name, backend, forCheck: true, options.Activations))
        {
            foreach ((string result, float[] values) in checkedCase.Results())
            {
                File.WriteAllBytes(Path.Combine(folder, result + ".f32"), MemoryMarshal.AsBytes<float>(values));
            }
        }

        // Freed blocks are kept for reuse; those of the check's network are no part of what is measured next.
        backend.TrimCache();
        return "ok";
    }

    private string Release()
    {
        Forget();
        backend.TrimCache();
        return "ok";
    }

    private void Forget()
    {
        _case?.Dispose();
        _case = null;
        _caseName = string.Empty;
    }

    private long Work(string name)
    {
        using var counter = new ProfilingBackend(backend);
        using BenchCase counted = BenchCases.Create(name, counter, forCheck: false, options.Activations);
        return counter.Profile(counted.Run).UsefulMultiplyAdds;
    }

    private string Run(string name, int repeats)
    {
        if (_case is null || _caseName != name)
        {
            Forget();
            _case = BenchCases.Create(name, backend, forCheck: false, options.Activations);
            _caseName = name;
            _case.Run();
            backend.Synchronize();
        }

        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
        {
            _case.Run();
        }

        // A GPU's work goes on when the calls have returned.
        backend.Synchronize();
        return (Stopwatch.GetElapsedTime(start).TotalMilliseconds / repeats).ToString("R", CultureInfo.InvariantCulture);
    }
}
