using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Host.Predictions;

/// <summary>What is predicted from: files that a command line names, or a part of a run's data set. Safe to read from several threads at once.</summary>
public interface IPredictionSource
{
    /// <summary>Whether pictures or texts are read.</summary>
    InputKind Inputs { get; }

    /// <summary>Whether labels are read too, so that predictions are held against them.</summary>
    bool HasLabels { get; }

    /// <summary>The inputs in their order, with the files that are written for each.</summary>
    IReadOnlyList<PlannedPictures> Plan { get; }

    /// <summary>Indices of the tasks that are predicted for an input.</summary>
    IReadOnlyList<int> TasksOf(int index);

    /// <summary>Reads an input.</summary>
    /// <exception cref="DataException">It can't be read.</exception>
    PredictionInput Read(int index);
}

/// <summary>An input as it was read.</summary>
/// <param name="Stored">As the network reads it.</param>
/// <param name="Height">Rows before it was brought to the size that the run wants.</param>
/// <param name="Width">Columns before that.</param>
/// <param name="Labels">The labels that it has; none of files.</param>
public sealed record PredictionInput(StoredInput Stored, int Height, int Width, IReadOnlyDictionary<Label, Plane> Labels);
