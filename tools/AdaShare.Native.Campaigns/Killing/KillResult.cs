namespace AdaShare.Native.Campaigns.Killing;

/// <summary>What became of a subject that was killed.</summary>
/// <param name="subject">Its name.</param>
public sealed class KillResult(string subject)
{
    /// <summary>The subject's name.</summary>
    public string Subject { get; } = subject;

    /// <summary>Runs that were killed, resumed to their end and compared.</summary>
    public int Runs { get; set; }

    /// <summary>Kills by the phase that they fell into; <c>starting</c> and <c>resuming</c> before the first step.</summary>
    public SortedDictionary<string, int> Kills { get; } = new(StringComparer.Ordinal);

    /// <summary>Bytes in which runs differ from the undisturbed one.</summary>
    public long DifferingBytes { get; set; }

    /// <summary>Runs that did not go on.</summary>
    public int Lost { get; set; }

    /// <summary>What differed or was lost, a line each.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Writes the table of several subjects.</summary>
    public static void Write(TextWriter output, IReadOnlyList<KillResult> results)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(results);
        output.WriteLine("| killed | runs | kills | by phase | differing bytes | lost runs |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (KillResult result in results)
        {
            string phases = string.Join(", ", result.Kills.Select(static phase => $"{phase.Key} {phase.Value}"));
            output.WriteLine($"| {result.Subject} | {result.Runs} | {result.Kills.Values.Sum()} | {phases} | {result.DifferingBytes} | {result.Lost} |");
        }

        foreach (string fault in results.SelectMany(static result => result.Faults))
        {
            output.WriteLine(fault);
        }
    }
}
