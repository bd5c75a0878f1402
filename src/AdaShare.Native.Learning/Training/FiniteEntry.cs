using System.Runtime.InteropServices;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Learning.Training;

/// <summary>Entries of checkpoints that are looked at while they are written: what is not a number is never saved over a good checkpoint.</summary>
internal static class FiniteEntry
{
    /// <summary>The same entry, which refuses to be written where an element is not finite.</summary>
    public static SafeTensorEntry Of(SafeTensorEntry entry, TrainingSession session) => entry.Type is not ("F32" or "F64") ? entry : entry with
    {
        Fill = bytes =>
        {
            entry.Fill(bytes);
            bool finite = entry.Type == "F32" ? AllFinite(MemoryMarshal.Cast<byte, float>(bytes)) : AllFinite(MemoryMarshal.Cast<byte, double>(bytes));
            if (!finite)
            {
                throw Lost(entry.Name, session);
            }
        },
    };

    private static bool AllFinite<T>(ReadOnlySpan<T> values) where T : System.Numerics.IFloatingPointIeee754<T>
    {
        // A sum of differences with themselves is zero unless one is not finite, and has no branch.
        T sum = T.Zero;
        foreach (T value in values)
        {
            sum += value - value;
        }

        return sum == T.Zero;
    }

    private static AdaShareException Lost(string name, TrainingSession session)
    {
        bool kept = File.Exists(session.Folder.Latest);
        return new AdaShareException(
            $"{name} is not finite after step {session.State.Step} of {session.State.Phase}: training diverged; nothing was written over the checkpoints before, "
            + (kept ? $"and {session.Folder.Latest} is one from which the run goes on; lower train.lr or train.backbone_lr in a new run" : "lower train.lr or train.backbone_lr and start again"));
    }
}
