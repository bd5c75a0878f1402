using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods.HardSharing;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>Commands for a reader to copy, as words that a shell reads.</summary>
internal static class RunCommand
{
    /// <summary>Trains hard sharing on what a run was trained on.</summary>
    /// <param name="run">The run.</param>
    /// <param name="steps">Its steps.</param>
    public static IReadOnlyList<string> HardSharing(RunFiles run, long steps)
    {
        string[] longer = [];
        if (steps != run.Config.Train.FinalSteps)
        {
            // The learning rate falls at the same fractions of the training, or the longer one would end at a lower rate.
            double decay = Math.Round((double)run.Config.Train.DecayLrFreq * steps / run.Config.Train.FinalSteps);
            longer = ["--set", $"train.retrain_total_iters={steps}", "--set", $"train.decay_lr_freq={Math.Min(int.MaxValue, decay)}"];
        }

        return Words(["adashare", "train", "--config", run.Folder.Config, "--set", $"method={HardSharingMethod.MethodName}", .. longer, "--out", Beside(run)]);
    }

    /// <summary>Sets a run beside the one that <see cref="HardSharing"/> makes.</summary>
    public static IReadOnlyList<string> Comparison(RunFiles run) => Words(["adashare", "report", run.Folder.Path, Beside(run), "--out", $"{Beside(run)}.html"]);

    private static string Beside(RunFiles run) => $"{Path.TrimEndingDirectorySeparator(run.Folder.Path)}-hard-sharing";

    private static IReadOnlyList<string> Words(IEnumerable<string> words) => [.. words.Select(Quoted)];

    // As shells of Unix read it.
    private static string Quoted(string word) => word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@%".Contains(c, StringComparison.Ordinal))
        ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
