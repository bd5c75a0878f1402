using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Data.Datasets.Domains;

/// <summary>The parts of a domain, as lists or the official code's description state them.</summary>
/// <param name="validationFraction">What share of the training part is held out where none is stated; none for 0.</param>
internal sealed class DomainParts(double validationFraction)
{
    private const ulong Seed = 0;
    private const string Train = "train", Weights = "train1", Policy = "train2", Validation = "val", Test = "test";

    /// <summary>The parts by a domain's own lists.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="names">The names of its lists.</param>
    /// <param name="places">Where lists lie.</param>
    /// <param name="list">Reads them.</param>
    /// <exception cref="DataException">A list is missing or damaged, or two share a picture.</exception>
    public ExampleParts<ListedPicture> Listed(Domain domain, DomainListNames names, DomainPlaces places, DomainList list)
    {
        string source = places.RequireList(names.Train, domain);
        IReadOnlyList<ListedPicture> train = list.Read(source), test = list.Read(places.RequireList(names.Test, domain));
        IReadOnlyList<ListedPicture> validation = names.Validation is { } name ? list.Read(places.RequireList(name, domain)) : [];
        return Complete(new(train, [], [], validation, test), source);
    }

    /// <summary>
    /// The parts by the official code's description, {mode: {domain: [numbers of lines]}}; <c>train</c>, <c>train1</c> and <c>train2</c> are lines of <c>train.txt</c>, <c>val</c> and
    /// <c>test</c> of <c>test.txt</c>, from 0. What is in <c>val</c> and in <c>test</c> is a test picture and never selects.
    /// </summary>
    /// <remarks>Layout: github.com/sunxm2357/AdaShare, branch domainnet, dataloaders/domainnet_dataloader.py.</remarks>
    /// <param name="domain">The domain.</param>
    /// <param name="file">The description.</param>
    /// <param name="lines">The pictures of the two lists.</param>
    /// <param name="notices">What is passed over.</param>
    /// <exception cref="DataException">The description is damaged, lacks the domain, or names lines that there aren't.</exception>
    public ExampleParts<ListedPicture> Described(Domain domain, DescribedLines file, (IReadOnlyList<ListedPicture> Train, IReadOnlyList<ListedPicture> Test) lines, List<string> notices)
    {
        IReadOnlyList<ListedPicture> Of(string mode, IReadOnlyList<ListedPicture> from) => [.. file.Of(mode, domain.Name, from.Count).Select(line => from[line])];
        IReadOnlyList<ListedPicture> train = Of(Train, lines.Train), weights = Of(Weights, lines.Train), policy = Of(Policy, lines.Train), test = Of(Test, lines.Test), said = Of(Validation, lines.Test);
        if (test.Count == 0 || (train.Count == 0 && weights.Count == 0))
        {
            throw new DataException($"{file.Path}: has no pictures of {domain.Name} to {(test.Count == 0 ? "test" : "train")}; expected lists of lines at {(test.Count == 0 ? Test : $"{Train}, or {Weights} and {Policy}")}");
        }

        HashSet<ListedPicture> tested = [.. test], divided = [.. weights, .. policy];
        ListedPicture[] validation = [.. said.Where(picture => !tested.Contains(picture))];
        if (validation.Length < said.Count)
        {
            notices.Add($"{file.Path}: {said.Count - validation.Length} of {said.Count} pictures of {domain.Name} at {Validation} are test pictures and select nothing");
        }

        return weights.Count == 0 || policy.Count == 0
            ? Complete(new([.. train.Union(divided)], [], [], validation, test), file.Path)
            : Complete(new(weights, policy, [.. train.Where(picture => !divided.Contains(picture))], validation, test), file.Path);
    }

    /// <summary>Holds out a part for selection where none is stated, and divides what is left into weights and policy where that isn't.</summary>
    private ExampleParts<ListedPicture> Complete(ExampleParts<ListedPicture> listed, string source)
    {
        ExampleParts<string> parts = listed.Select(static picture => picture.Id);
        ExampleSplits.RequireDisjoint(parts, source);
        bool isDivided = parts.Policy.Count > 0;
        if (parts.Validation.Count == 0)
        {
            parts = ExampleSplits.HoldOut(parts, validationFraction, Seed, source);
        }

        if (!isDivided)
        {
            if (parts.Weights.Count < 2)
            {
                throw new DataException($"{source}: {listed.Weights.Count} pictures can't be divided into validation, weights and policy; expected at least 3");
            }

            (IReadOnlyList<string> weights, IReadOnlyList<string> policy) = ExampleSplits.DivideTraining(parts.Weights, Seed);
            parts = parts with { Weights = weights, Policy = policy };
        }

        Dictionary<string, ListedPicture> byId = listed.All.ToDictionary(static picture => picture.Id);
        return parts.Select(id => byId[id]);
    }
}
