using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Specification;

/// <summary>Says in one sentence what is wrong with a study, before anything runs.</summary>
internal static class StudySpecValidator
{
    // What the study itself decides for each cell.
    private static readonly string[] Owned = ["seed", "method", "exp_name"];

    /// <summary>Checks a study.</summary>
    /// <param name="spec">The study.</param>
    /// <param name="knownMethods">The registered methods.</param>
    /// <exception cref="ConfigurationException">Something does not fit; the message names it, what was expected and what to do.</exception>
    public static void Check(StudySpec spec, IReadOnlyCollection<string> knownMethods)
    {
        Require(SafeName.Of(spec.Name).Length > 0, $"name is \"{spec.Name}\"; expected a name with at least one letter from a to z or digit");
        Require(spec.Preset is null || spec.Config is null, $"preset is {spec.Preset} and config is {spec.Config}; a study starts from one of them, so delete the other");
        Require(!spec.Name.AsSpan().ContainsAny("/\\:"), $"name is \"{spec.Name}\"; expected a name, which the default folder has, without slashes and colons");
        Require(BudgetMatch.Names.Contains(spec.Match), $"match is {spec.Match}; expected {string.Join(" or ", BudgetMatch.Names)}");
        Require(spec.Methods.Count > 0, $"methods is empty; list at least one of {Known(knownMethods)}");
        CheckSettings(spec.Set, "set");
        foreach (StudyMethod method in spec.Methods)
        {
            CheckMethod(method, spec, knownMethods);
        }

        CheckNames(spec);
        CheckTwins(spec);
        Require(
            spec.Methods.Exists(method => LabelOf(method) == spec.Reference),
            $"reference is {(spec.Reference.Length == 0 ? "empty" : spec.Reference)}, which is no label of the study; expected one of {string.Join(", ", spec.Methods.Select(LabelOf))}");
    }

    /// <summary>The name of a method within the study.</summary>
    public static string LabelOf(StudyMethod method) => method.Label is { Length: > 0 } label ? label : method.Method;

    private static void CheckMethod(StudyMethod method, StudySpec spec, IReadOnlyCollection<string> knownMethods)
    {
        string label = LabelOf(method);
        Require(
            knownMethods.Contains(method.Method),
            $"{(method.Method.Length == 0 ? "an entry of methods without a method" : $"unknown method {method.Method}")}; expected one of {Known(knownMethods)}");
        Require(SafeName.Of(label).Length > 0, $"the label \"{label}\" has no letter from a to z and no digit; its run folders need a name with at least one");
        Require(method.Match is null || BudgetMatch.Names.Contains(method.Match), $"{label}: match is {method.Match}; expected {string.Join(" or ", BudgetMatch.Names)}");
        List<long> seeds = method.Seeds ?? spec.Seeds;
        Require(seeds.Count > 0, method.Seeds is null ? "seeds is empty; list at least one seed, and three or more for a deviation that means something" : $"{label}: seeds is empty; list at least one seed or delete the key to use the study's");
        foreach (long seed in seeds.GroupBy(static seed => seed).Where(static group => group.Count() > 1).Select(static group => group.Key))
        {
            throw new ConfigurationException($"{(method.Seeds is null ? "" : label + ": ")}seeds names {seed} more than once; a seed that repeats is the same run again, so name each once");
        }

        CheckSettings(method.Set, $"{label}: set");
        CheckGrid(method, label);
    }

    private static void CheckGrid(StudyMethod method, string label)
    {
        for (int i = 0; i < method.Grid.Count; i++)
        {
            StudyGridPoint point = method.Grid[i];
            Require(point.Set.Count > 0, $"{label}: point {i + 1} of the grid sets nothing; give it at least one key=value");
            CheckSettings(point.Set, $"{label}: point {i + 1} of the grid");
            Require(SafeName.Of(point).Length > 0, $"{label}: point {i + 1} of the grid needs a name with at least one letter from a to z or digit");
            for (int j = 0; j < i; j++)
            {
                Require(!SameSettings(point.Set, method.Grid[j].Set), $"{label}: points {j + 1} and {i + 1} of the grid are the same ({string.Join(", ", point.Set)}); delete one");
                Require(SafeName.Of(point) != SafeName.Of(method.Grid[j]), $"{label}: points {j + 1} and {i + 1} of the grid are both named {SafeName.Of(point)}; give each a name of its own");
            }
        }
    }

    private static void CheckSettings(List<string> settings, string where)
    {
        foreach (string setting in settings)
        {
            Require(Assignment.IsOne(setting), $"{where} has \"{setting}\"; expected key=value, for example train.lr=0.003");
            string key = Assignment.Parse(setting).Key;
            Require(!Owned.Contains(key), $"{where} has \"{setting}\"; the study itself decides {key} for each run (seeds, method, label), so delete it there");
        }
    }

    private static void CheckNames(StudySpec spec)
    {
        for (int i = 0; i < spec.Methods.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                (string first, string second) = (LabelOf(spec.Methods[j]), LabelOf(spec.Methods[i]));
                Require(first != second, $"methods {j + 1} and {i + 1} are both labelled {first}; give each a label of its own");
                Require(SafeName.Of(first) != SafeName.Of(second), $"the labels {first} and {second} both make run folders named {SafeName.Of(first)}; let them differ in more than case and punctuation");
            }
        }
    }

    // Two rows that run the very same thing would only look like two measurements.
    private static void CheckTwins(StudySpec spec)
    {
        for (int i = 0; i < spec.Methods.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                (StudyMethod first, StudyMethod second) = (spec.Methods[j], spec.Methods[i]);
                bool same = first.Method == second.Method && (first.Match ?? spec.Match) == (second.Match ?? spec.Match) && Runs(first).Intersect(Runs(second)).Any();
                List<long> seeds = [.. (first.Seeds ?? spec.Seeds).Intersect(second.Seeds ?? spec.Seeds)];
                Require(
                    !same || seeds.Count == 0,
                    $"{LabelOf(first)} and {LabelOf(second)} hold the same cell twice (method {first.Method}, seed {(seeds.Count > 0 ? seeds[0] : 0)}, the same settings); delete one or let their settings differ");
            }
        }
    }

    private static IEnumerable<string> Runs(StudyMethod method) =>
        method.Grid.Count == 0 ? [Canonical(method.Set)] : method.Grid.Select(point => Canonical([.. method.Set, .. point.Set]));

    private static bool SameSettings(List<string> first, List<string> second) => Canonical(first) == Canonical(second);

    // The last setting of a key holds, whatever the order of the others.
    private static string Canonical(List<string> settings) => string.Join('\n', settings.Select(Assignment.Parse).GroupBy(static pair => pair.Key)
        .Select(static group => $"{group.Key}={group.Last().Value}").Order(StringComparer.Ordinal));

    private static string Known(IReadOnlyCollection<string> methods) => string.Join(", ", methods.Order(StringComparer.Ordinal));

    private static void Require(bool holds, string sentence)
    {
        if (!holds)
        {
            throw new ConfigurationException(sentence);
        }
    }
}
