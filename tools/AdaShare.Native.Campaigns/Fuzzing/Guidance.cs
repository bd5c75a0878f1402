using System.Text;

namespace AdaShare.Native.Campaigns.Fuzzing;

/// <summary>
/// The inputs that mutation goes on from: the valid files, and every input since that took new branches where the assemblies are instrumented, or else met a new sentence or a new
/// order of magnitude of what was decoded.
/// </summary>
public sealed class Guidance
{
    private const int Most = 4096;
    private const int WordsThatCount = 10;

    private readonly List<byte[]> _inputs;
    private readonly int _originals;
    private readonly HashSet<string> _outcomes = [];

    /// <summary>Starts from valid files.</summary>
    public Guidance(IReadOnlyList<byte[]> originals)
    {
        ArgumentNullException.ThrowIfNull(originals);
        (_inputs, _originals) = ([.. originals], originals.Count);
    }

    /// <summary>The branches taken so far.</summary>
    public Coverage Coverage { get; } = new();

    /// <summary>Inputs that were kept beside the valid files.</summary>
    public int Kept => _inputs.Count - _originals;

    /// <summary>An input to go on from: half of the time a valid file, else any.</summary>
    public byte[] Choose(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return _inputs[random.Next(random.Next(2) == 0 ? _originals : _inputs.Count)];
    }

    /// <summary>Keeps an input where it shows something new.</summary>
    public void Learn(Random random, byte[] input, Outcome outcome, string path)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(outcome);
        bool isNew = Coverage.End();
        if (!Coverage.IsInstrumented)
        {
            isNew = _outcomes.Count < Most && _outcomes.Add(Signature(outcome, path));
        }

        if (!isNew)
        {
            return;
        }

        if (_inputs.Count < Most)
        {
            _inputs.Add(input);
        }
        else
        {
            _inputs[random.Next(_originals, Most)] = input;
        }
    }

    /// <summary>The kind of an outcome: its sentence without what it quotes of the input, which would make each one new.</summary>
    internal static string Signature(Outcome outcome, string path)
    {
        if (outcome.Error is not { } error)
        {
            return $"accepted {(outcome.Held == 0 ? 0 : (int)Math.Log2(outcome.Held))}";
        }

        var text = new StringBuilder(error.GetType().Name);
        string[] words = error.Message.Replace(path, "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (string word in words.Where(static word => word.All(static c => char.IsAsciiLetterLower(c) || c is ',' or ';')).Take(WordsThatCount))
        {
            text.Append(' ').Append(word);
        }

        return text.ToString();
    }
}
