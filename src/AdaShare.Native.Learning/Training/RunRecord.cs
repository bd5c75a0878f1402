using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Checkpoints;

namespace AdaShare.Native.Learning.Training;

/// <summary>What a run's last checkpoint says of the run, for those who only look at it.</summary>
/// <param name="Label">Of which run it is.</param>
/// <param name="State">Where the run stands; null where the file has no run state.</param>
public sealed record RunRecord(CheckpointLabel Label, RunState? State)
{
    /// <summary>Reads it from the header of the last checkpoint; the content is not looked at.</summary>
    /// <param name="folder">The run.</param>
    /// <returns>The record; null where there is no such file.</returns>
    /// <exception cref="CheckpointException">Header or run state are damaged.</exception>
    public static RunRecord? Read(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return File.Exists(folder.Latest) ? CheckpointStore.ReadRecord(folder.Latest) : null;
        }
        catch (CheckpointException error)
        {
            throw CheckpointStore.Lost(folder, error);
        }
    }

    /// <summary>Why policy.json can't be taken for the run's own policy, one sentence; null where it can.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="DataException">policy.json is damaged.</exception>
    public string? PolicyFault(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (State?.Policy is not { } own)
        {
            return null;
        }

        string remedy = $"train --resume {folder.Path} writes the run's own again";
        if (!File.Exists(folder.Policy))
        {
            return $"{folder.Policy}: is missing, though the run has a policy; {remedy}";
        }

        PolicyFile found = PolicyFile.Read(folder.Policy);
        if (State.Phase != RunState.Done)
        {
            // A run that ends writes the choice into the file first, and into its state then.
            found.Selected = own.Selected;
        }

        return found.ToJson() == own.ToJson() ? null : $"{folder.Policy}: is not the policy of the run: it was changed, or is another run's; {remedy}";
    }
}
