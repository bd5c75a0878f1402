namespace AdaShare.Native.Data.Datasets.Folder;

/// <summary>
/// Deals the groups of images of one class after another to parts. Every part gets a group of a class that has as many groups as there are parts; one that has fewer has its first in the first part. The rest goes by
/// the largest remainder: a class has its share in every part but for one image, and which parts get the images that are left over is decided by all classes together, so that the parts as wholes have
/// their shares too.
/// </summary>
/// <param name="shares">The share of each part, 1 together.</param>
internal sealed class StratifiedDeal(IReadOnlyList<double> shares)
{
    private readonly int[] _given = new int[shares.Count];
    private int _dealt;

    /// <summary>Deals a class.</summary>
    /// <param name="sizes">The images of each of its groups, in the order in which they are dealt.</param>
    /// <returns>The part of each group.</returns>
    public int[] Deal(IReadOnlyList<int> sizes)
    {
        int total = sizes.Sum();
        _dealt += total;
        var given = new int[shares.Count];
        var parts = new int[sizes.Count];
        for (int g = 0; g < sizes.Count; g++)
        {
            int part = Next(given, total, coversAll: sizes.Count >= shares.Count);
            (parts[g], given[part], _given[part]) = (part, given[part] + sizes[g], _given[part] + sizes[g]);
        }

        return parts;
    }

    private int Next(int[] given, int total, bool coversAll)
    {
        int[] without = [.. Parts().Where(p => given[p] == 0 && (coversAll || p == 0))];
        if (without.Length > 0)
        {
            return without[0];
        }

        int most = Parts().MaxBy(p => LackOfClass(p, given, total));
        return LackOfClass(most, given, total) >= 1 ? most : Parts().Where(p => LackOfClass(p, given, total) > 0).DefaultIfEmpty(most).MaxBy(LackOfAll);
    }

    private IEnumerable<int> Parts() => Enumerable.Range(0, shares.Count);

    private double LackOfClass(int part, int[] given, int total) => (shares[part] * total) - given[part];

    private double LackOfAll(int part) => (shares[part] * _dealt) - _given[part];
}
