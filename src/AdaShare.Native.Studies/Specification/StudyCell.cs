namespace AdaShare.Native.Studies.Specification;

/// <summary>When a cell runs.</summary>
public enum StudyStage
{
    /// <summary>One point of a grid, with the method's first seed; what it shows decides which point the other seeds run with.</summary>
    Grid,

    /// <summary>A method, with the chosen point where it has a grid.</summary>
    Seeds,
}

/// <summary>One run of a study.</summary>
/// <param name="Index">Its place in the study, from 0. It does not depend on what grids choose.</param>
/// <param name="Id">Its name, made of label, grid point and seed: the same at every start, and fit for a folder.</param>
/// <param name="Stage">When it runs.</param>
/// <param name="Method">The method's registered name.</param>
/// <param name="Label">The method's name in the study.</param>
/// <param name="Variant">The grid point's name; null without a grid.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Match">How its budget is matched: <c>final</c> or <c>total</c>.</param>
/// <param name="Overrides">All settings, <c>key=value</c>: the study's, the method's and the grid point's, each laid over those before.</param>
public sealed record StudyCell(
    int Index, string Id, StudyStage Stage, string Method, string Label, string? Variant, long Seed, string Match, IReadOnlyList<string> Overrides);
