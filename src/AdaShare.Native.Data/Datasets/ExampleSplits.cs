using AdaShare.Native.Data.Codecs;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Random;

namespace AdaShare.Native.Data.Datasets;

/// <summary>
/// Divides examples where a folder does not: by a seeded shuffle of the sorted ids, so that the same ids and seed give the same parts whatever
/// the order of the files.
/// </summary>
internal static class ExampleSplits
{
    private const double TestFraction = 0.15;
    private const double PolicyFraction = 0.2;

    /// <summary>Divides all examples into four parts, none of them empty but that for selection where its share is 0.</summary>
    /// <param name="ids">The examples, 4 or more.</param>
    /// <param name="validationFraction">The part of all examples for selection: one example at least; none for 0.</param>
    /// <param name="seed">The seed of the shuffle.</param>
    public static ExampleParts<string> Divide(IReadOnlyList<string> ids, double validationFraction, ulong seed)
    {
        string[] shuffled = Shuffle(ids, seed, "nyu_v2/split");
        int test = AtLeastOne(ids.Count * TestFraction);

        // Two examples must be left for training.
        int validation = validationFraction == 0 ? 0 : Math.Min(AtLeastOne(ids.Count * validationFraction), ids.Count - test - 2);
        string[] train = shuffled[(test + validation)..];
        int policy = AtLeastOne(train.Length * PolicyFraction);
        return new(Sorted(train[policy..]), Sorted(train[..policy]), [], Sorted(shuffled[test..(test + validation)]), Sorted(shuffled[..test]));
    }

    /// <summary>Divides training examples into those for weights (four fifths) and those for the policy.</summary>
    /// <param name="train">The examples, 2 or more.</param>
    /// <param name="seed">The seed of the shuffle.</param>
    /// <param name="name">The data set's name in the names of random streams.</param>
    public static (IReadOnlyList<string> Weights, IReadOnlyList<string> Policy) DivideTraining(IReadOnlyList<string> train, ulong seed, string name = "nyu_v2")
    {
        string[] shuffled = Shuffle(train, seed, $"{name}/policy");
        int policy = AtLeastOne(train.Count * PolicyFraction);
        return (Sorted(shuffled[policy..]), Sorted(shuffled[..policy]));
    }

    /// <summary>Moves a part of the training examples to validation, leaving one at least for weights and one for the policy.</summary>
    /// <param name="parts">Parts without validation.</param>
    /// <param name="fraction">The part of the training examples to move: one example at least; none for 0.</param>
    /// <param name="seed">The seed of the shuffle.</param>
    /// <param name="source">The file that states the parts, for messages.</param>
    /// <param name="name">The data set's name in the names of random streams.</param>
    /// <exception cref="DataException">There are too few training examples.</exception>
    public static ExampleParts<string> HoldOut(ExampleParts<string> parts, double fraction, ulong seed, string source, string name = "nyu_v2")
    {
        if (fraction == 0)
        {
            return parts;
        }

        string[] train = [.. parts.Weights, .. parts.Policy, .. parts.TrainOnly];
        int wanted = AtLeastOne(train.Length * fraction);
        var weights = parts.Weights.ToHashSet();
        var policy = parts.Policy.ToHashSet();
        var held = new HashSet<string>();
        foreach (string id in Shuffle(train, seed, $"{name}/validation"))
        {
            if (held.Count == wanted)
            {
                break;
            }

            bool last = (weights.Count == 1 && weights.Contains(id)) || (policy.Count == 1 && policy.Contains(id));
            if (!last)
            {
                weights.Remove(id);
                policy.Remove(id);
                held.Add(id);
            }
        }

        if (held.Count == 0)
        {
            throw new DataException($"{source}: {train.Length} training examples can't give a validation set too; add a mode 'val', or have at least 3 training examples");
        }

        string[] Rest(IEnumerable<string> ids) => [.. ids.Where(id => !held.Contains(id))];
        return new(Rest(parts.Weights), Rest(parts.Policy), Rest(parts.TrainOnly), Sorted(held), parts.Test);
    }

    /// <summary>The parts that a list states by the modes train, train1, train2, val and test, completed where it has no train1, train2 or val.</summary>
    /// <param name="modes">The examples of each mode that there is.</param>
    /// <param name="source">The list, for messages.</param>
    /// <param name="fraction">The part of the training examples to hold out where there is no val; none for 0.</param>
    /// <param name="seed">The seed of what the list does not state.</param>
    /// <param name="name">The data set's name in the names of random streams.</param>
    /// <exception cref="DataException">A mode is missing or too small, or an example is in two parts.</exception>
    public static ExampleParts<string> OfModes(IReadOnlyDictionary<string, IReadOnlyList<string>> modes, string source, double fraction, ulong seed, string name = "nyu_v2")
    {
        IReadOnlyList<string> Mode(string mode) => modes.GetValueOrDefault(mode, []);
        (IReadOnlyList<string> weights, IReadOnlyList<string> policy) = (Mode("train1"), Mode("train2"));
        string found = modes.Count == 0 ? "none" : string.Join(", ", modes.Select(mode => $"{mode.Key} {mode.Value.Count}"));
        bool divided = weights.Count > 0 && policy.Count > 0;
        if (Mode("test").Count == 0 || weights.Count > 0 != policy.Count > 0 || (!divided && Mode("train").Count < 2))
        {
            throw new DataException($"{source}: the modes with examples are {found}; expected test, and train1 and train2 or train with at least 2 examples");
        }

        var trained = weights.Concat(policy).ToHashSet();
        IReadOnlyList<string> trainOnly = divided ? [.. Mode("train").Where(id => !trained.Contains(id))] : [];
        ExampleParts<string> parts = divided
            ? new(weights, policy, trainOnly, Mode("val"), Mode("test"))
            : new(Mode("train"), [], [], Mode("val"), Mode("test"));
        RequireDisjoint(parts, source);
        if (parts.Validation.Count == 0)
        {
            parts = HoldOut(parts, fraction, seed, source, name);
        }

        if (!divided)
        {
            if (parts.Weights.Count < 2)
            {
                throw new DataException($"{source}: {Mode("train").Count} training examples can't be divided into validation, weights and policy; have at least 3");
            }

            (weights, policy) = DivideTraining(parts.Weights, seed, name);
            parts = parts with { Weights = weights, Policy = policy };
        }

        return parts;
    }

    /// <exception cref="DataException">An example is in two parts.</exception>
    public static void RequireDisjoint(ExampleParts<string> parts, string source)
    {
        (string Name, IReadOnlyList<string> Ids)[] all =
            [("train1", parts.Weights), ("train2", parts.Policy), ("train", parts.TrainOnly), ("val", parts.Validation), ("test", parts.Test)];
        var owner = new Dictionary<string, string>();
        foreach ((string name, IReadOnlyList<string> ids) in all)
        {
            foreach (string id in ids)
            {
                if (!owner.TryAdd(id, name))
                {
                    string where = owner[id] == name ? $"twice in '{name}'" : $"in '{owner[id]}' and in '{name}'";
                    throw new DataException($"{source}: example '{Shown.Of(id)}' is {where}; the parts must not share examples: remove it from one");
                }
            }
        }
    }

    private static string[] Shuffle(IEnumerable<string> ids, ulong seed, string use)
    {
        string[] sorted = Sorted(ids);
        return Array.ConvertAll(RandomStream.For(seed, use).Permutation(sorted.Length), i => sorted[i]);
    }

    private static string[] Sorted(IEnumerable<string> ids) => [.. ids.Order(StringComparer.Ordinal)];

    private static int AtLeastOne(double count) => Math.Max(1, (int)Math.Round(count, MidpointRounding.AwayFromZero));
}
