using System.Diagnostics;
using System.Globalization;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Tries a parser with mutated inputs.</summary>
/// <param name="parser">The parser.</param>
/// <param name="originals">Valid files, and such as once went wrong.</param>
/// <param name="folder">A folder of its own: the input that is being read lies in it, and those that failed.</param>
/// <param name="error">Where complaints go.</param>
internal sealed class ParserFuzzer(Parser parser, IReadOnlyList<byte[]> originals, string folder, TextWriter error)
{
    // The first readings compile code and fill tables, which is no input's doing.
    private const int WarmUp = 3;

    // Compiling code and collecting garbage make any input slow once.
    private const int SecondLooks = 3;

    private readonly FailureFolder _failures = new(Path.Combine(folder, "failures"));
    private readonly string _path = Path.Combine(folder, "read", parser.FileName);

    /// <summary>Tries so many inputs; the valid files come first and are not counted.</summary>
    /// <param name="inputs">Mutated inputs.</param>
    /// <param name="seed">The seed of the mutations; each parser has a stream of its own.</param>
    public FuzzResult Run(long inputs, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        parser.Prepare(Path.GetDirectoryName(_path)!);
        using var watch = new HangWatch(_path, error);
        var random = new Random(HashOf(parser.Name, seed));
        var guidance = new Guidance(originals);
        var result = new FuzzResult(parser.Name);
        for (int round = 0; round < WarmUp; round++)
        {
            originals.ToList().ForEach(original => guidance.Learn(random, original, Read(watch, original, guidance), _path));
        }

        long before = PeakMemory();
        for (long i = 0; i < inputs; i++)
        {
            byte[] input = parser.Mutator.Mutate(random, guidance.Choose(random), guidance.Choose(random));
            Outcome outcome = Read(watch, input, guidance);
            guidance.Learn(random, input, outcome, _path);
            for (int look = 0; look < SecondLooks && (outcome.Seconds > parser.MostSeconds || outcome.Waited > Outcome.LongestWait); look++)
            {
                outcome = Read(watch, input, guidance);
            }

            string? fault = outcome.Fault(parser, input.Length);
            result.Add(outcome, outcome.Needed(parser, input.Length), fault is not null);
            if (fault is not null && _failures.Keep(Path.GetExtension(parser.FileName), input, fault, outcome) is { } kept)
            {
                error.WriteLine($"{kept}: {fault}");
            }
        }

        // The system's figure is a sum of counters that are not read at one moment.
        result.Growth = Math.Max(0, PeakMemory() - before);
        result.Kept = guidance.Kept;
        result.Branches = guidance.Coverage.IsInstrumented ? guidance.Coverage.Branches : null;
        return result;
    }

    private Outcome Read(HangWatch watch, byte[] input, Guidance guidance)
    {
        // Even where the process ends, the input that ended it lies on the disk.
        File.WriteAllBytes(_path, input);
        watch.Begin();
        guidance.Coverage.Begin();
        return Outcome.Of(parser, _path);
    }

    private static long PeakMemory()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    /// <summary>FNV-1a: the same number on every machine, which string.GetHashCode is not.</summary>
    private static int HashOf(string name, int seed) => unchecked((int)string.Create(CultureInfo.InvariantCulture, $"{name}/{seed}").Aggregate(2166136261u, static (hash, c) => (hash ^ c) * 16777619));
}
