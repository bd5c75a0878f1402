using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Specification;

/// <summary>The cells of a study, in the order in which they run: the points of all grids, then every seed, and for each seed every method.</summary>
/// <remarks>
/// What a grid chooses is known only when its points have run; the number of cells and the place of each are known at once. The chosen point's run with the first seed is
/// a cell of the grid, and not run again.
/// </remarks>
public sealed class StudyPlan
{
    private readonly StudySpec _spec;

    private StudyPlan(StudySpec spec)
    {
        _spec = spec;
        Methods = [.. spec.Methods.Select(method => new MethodEntry(StudySpecValidator.LabelOf(method), method.Method, method.Match ?? spec.Match, [.. method.Seeds ?? spec.Seeds]))];
        GridCells = [.. GridOf()];
        Count = GridCells.Count + Methods.Select((entry, i) => entry.Seeds.Count - (HasGrid(i) ? 1 : 0)).Sum();
    }

    /// <summary>The study's name.</summary>
    public string Name => _spec.Name;

    /// <summary>The label of the method that the others are compared with.</summary>
    public string Reference => _spec.Reference;

    /// <summary>The methods, in the order of the file.</summary>
    public IReadOnlyList<MethodEntry> Methods { get; }

    /// <summary>The cells of the grids, which run first.</summary>
    public IReadOnlyList<StudyCell> GridCells { get; }

    /// <summary>The number of all cells.</summary>
    public int Count { get; }

    /// <summary>Checks a study and lays out its cells.</summary>
    /// <param name="spec">The study.</param>
    /// <param name="knownMethods">The registered methods.</param>
    /// <exception cref="ConfigurationException">The study can't be run; one sentence says why.</exception>
    public static StudyPlan Of(StudySpec spec, IReadOnlyCollection<string> knownMethods)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(knownMethods);
        StudySpecValidator.Check(spec, knownMethods);
        return new StudyPlan(spec);
    }

    /// <summary>The points of a method's grid, in the order of the file; empty where it has none.</summary>
    /// <param name="label">The method's label.</param>
    /// <returns>Each point's name and what it sets.</returns>
    public IReadOnlyList<(string Variant, IReadOnlyList<string> Settings)> GridPoints(string label) =>
        [.. _spec.Methods[IndexOf(label)].Grid.Select(static point => (SafeName.Of(point), (IReadOnlyList<string>)[.. point.Set]))];

    /// <summary>The cells that follow those of the grids.</summary>
    /// <param name="chosen">The chosen point by label, for each method with a grid whose points have run.</param>
    /// <returns>The cells; those of a method with a grid that is not decided yet are null, so that the place of every cell stays what it is.</returns>
    public IReadOnlyList<(string Label, long Seed, StudyCell? Cell)> SeedCells(IReadOnlyDictionary<string, string> chosen)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        List<(string, long, StudyCell?)> cells = [];
        foreach (long seed in Methods.SelectMany(static entry => entry.Seeds).Distinct().ToList())
        {
            for (int i = 0; i < Methods.Count; i++)
            {
                if (!Methods[i].Seeds.Contains(seed) || (HasGrid(i) && Methods[i].Seeds[0] == seed))
                {
                    continue;
                }

                string? variant = HasGrid(i) ? chosen.GetValueOrDefault(Methods[i].Label) : null;
                bool decided = !HasGrid(i) || variant is not null;
                cells.Add((Methods[i].Label, seed, decided ? Cell(GridCells.Count + cells.Count, StudyStage.Seeds, i, variant, seed) : null));
            }
        }

        return cells;
    }

    /// <summary>Every cell that this study can run, whatever its grids choose.</summary>
    public IEnumerable<StudyCell> Everything() => Methods.SelectMany((entry, i) => entry.Seeds.SelectMany(seed =>
        HasGrid(i) ? GridPoints(entry.Label).Select(point => Cell(0, StudyStage.Seeds, i, point.Variant, seed)) : [Cell(0, StudyStage.Seeds, i, null, seed)]));

    private IEnumerable<StudyCell> GridOf()
    {
        int index = 0;
        for (int i = 0; i < Methods.Count; i++)
        {
            foreach ((string variant, _) in GridPoints(Methods[i].Label))
            {
                yield return Cell(index++, StudyStage.Grid, i, variant, Methods[i].Seeds[0]);
            }
        }
    }

    private StudyCell Cell(int index, StudyStage stage, int method, string? variant, long seed)
    {
        MethodEntry entry = Methods[method];
        IEnumerable<string> point = variant is null ? [] : GridPoints(entry.Label).First(candidate => candidate.Variant == variant).Settings;
        string name = SafeName.Of(entry.Label) + (variant is null ? "" : "--" + variant);
        return new StudyCell(index, FormattableString.Invariant($"{name}-s{seed}"), stage, entry.Method, entry.Label, variant, seed, entry.Match, [.. _spec.Set, .. _spec.Methods[method].Set, .. point]);
    }

    private bool HasGrid(int method) => _spec.Methods[method].Grid.Count > 0;

    private int IndexOf(string label)
    {
        for (int i = 0; i < Methods.Count; i++)
        {
            if (Methods[i].Label == label)
            {
                return i;
            }
        }

        throw new ArgumentException($"{label} is no label of the study {Name}", nameof(label));
    }
}
