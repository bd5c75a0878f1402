using System.Globalization;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>Keeps the inputs that failed, each with a text that says how; of one kind of failure the first few.</summary>
/// <param name="path">The folder, made with the first input.</param>
internal sealed class FailureFolder(string path)
{
    private const int MostOfAKind = 5;

    private readonly Dictionary<string, int> _kinds = [];
    private int _count;

    /// <summary>Writes an input and its outcome, unless there are enough of its kind.</summary>
    /// <returns>The input's file; null where it was not kept.</returns>
    public string? Keep(string extension, byte[] input, string fault, Outcome outcome)
    {
        string kind = outcome.Error is { } error && outcome.Kind == OutcomeKind.OtherException ? $"{error.GetType().Name} {FirstFrame(error)}" : fault.Split(' ')[0];
        _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
        if (_kinds[kind] > MostOfAKind)
        {
            return null;
        }

        Directory.CreateDirectory(path);
        string name = Path.Combine(path, _count++.ToString("D4", CultureInfo.InvariantCulture));
        File.WriteAllBytes(name + extension, input);
        File.WriteAllText(name + ".out.txt", $"{fault}\n{outcome.Seconds:F3} s of processor time, {outcome.Waited:F3} s, {outcome.Allocated} bytes allocated, {outcome.Held} bytes decoded\n\n{outcome.Error}\n");
        return name + extension;
    }

    private static string FirstFrame(Exception error) => error.StackTrace?.Split('\n').FirstOrDefault(static line => line.Contains("AdaShare", StringComparison.Ordinal))?.Trim() ?? "";
}
