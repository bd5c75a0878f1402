namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Tries parsers one after another, and writes the table of what they did.</summary>
/// <param name="corpus">The folder of the valid files, a folder in it for each parser; <c>cases</c> beside it holds what once went wrong.</param>
/// <param name="folder">Where inputs that fail are kept.</param>
/// <param name="output">Where the table goes.</param>
/// <param name="error">Where complaints go.</param>
public sealed class FuzzCampaign(string corpus, string folder, TextWriter output, TextWriter error)
{
    private static readonly string[] ReadersOfCases = ["config", "study"];

    /// <summary>What each parser did, in order; filled by <see cref="Run"/>.</summary>
    public IReadOnlyList<FuzzResult> Results { get; private set; } = [];

    /// <summary>Runs the campaign.</summary>
    /// <param name="names">Parsers; all for none.</param>
    /// <param name="inputs">Mutated inputs for each.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>Whether no input failed.</returns>
    /// <exception cref="CampaignException">A parser is unknown or has no valid files, or there is nothing to do.</exception>
    public bool Run(IReadOnlyList<string> names, long inputs, int seed)
    {
        if (inputs < 1)
        {
            throw new CampaignException($"--inputs {inputs}: give 1 or more");
        }

        IReadOnlyList<Parser> parsers = ParserCatalog.Get(names);
        Dictionary<string, IReadOnlyList<byte[]>> originals = parsers.ToDictionary(static parser => parser.Name, Originals);
        var results = new List<FuzzResult>();
        FuzzTable.WriteHead(output);
        foreach (Parser parser in parsers)
        {
            string own = Path.Combine(Path.GetFullPath(folder), parser.Name);
            if (Directory.Exists(own))
            {
                throw new CampaignException($"{own}: is there already; choose another --out, or remove it");
            }

            results.Add(new ParserFuzzer(parser, originals[parser.Name], own, error).Run(inputs, seed));
            FuzzTable.WriteRow(output, results[^1]);
            Directory.Delete(Path.Combine(own, "read"), recursive: true);
        }

        Results = results;
        long failures = results.Sum(static result => result.Failures);
        output.WriteLine(failures == 0 ? "no input failed" : $"{failures} inputs failed; the first of each kind lie in {Path.GetFullPath(folder)}");
        return failures == 0;
    }

    /// <summary>A parser's valid files in the order of their names, and the cases where it reads their kind.</summary>
    private IReadOnlyList<byte[]> Originals(Parser parser)
    {
        string own = Path.Combine(corpus, parser.Name), cases = Path.Combine(Path.GetDirectoryName(corpus)!, "cases");
        if (!Directory.Exists(own) || Directory.GetFiles(own).Length == 0)
        {
            throw new CampaignException($"{own}: there are no files to start from; write them with: campaign corpus");
        }

        IEnumerable<string> files = Directory.GetFiles(own).Order(StringComparer.Ordinal);
        if (ReadersOfCases.Contains(parser.Name) && Directory.Exists(cases))
        {
            files = files.Concat(Directory.GetFiles(cases, "*.yaml").Order(StringComparer.Ordinal));
        }

        return [.. files.Select(File.ReadAllBytes)];
    }
}
