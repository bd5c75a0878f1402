using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Networks;

namespace AdaShare.Native.Learning.Execution;

/// <summary>
/// Executes gates that images of a group decide, with batch norms in evaluation mode: images that decide alike are a batch under a plan of their own, so that a block which an image skips costs
/// it nothing and tasks share what they have in common for that very image. Since running statistics know no batch, the result is that of one pass for each image.
/// </summary>
/// <remarks>In training, statistics are those of all images of the group, as in the published codes, so there the plan mixes, and leaves out only what no image runs.</remarks>
public static class ImageGroups
{
    /// <summary>The images of a group by what they decide, in the order of the first of each.</summary>
    /// <param name="gates">The gates.</param>
    /// <param name="images">The number of images.</param>
    public static IReadOnlyList<int[]> Of(GateTable gates, int images)
    {
        ArgumentNullException.ThrowIfNull(gates);
        return [.. Enumerable.Range(0, images).GroupBy(gates.DecisionsOf).Select(static alike => alike.ToArray())];
    }

    /// <summary>Computes the features of every task, group by group.</summary>
    /// <param name="step">The step that owns the features.</param>
    /// <param name="input">[N, H, W, 3]; it stays the caller's.</param>
    /// <param name="groups">The images of each group.</param>
    /// <param name="forward">Computes the features of a group's images, of which it gets the first one's number too.</param>
    public static ITaskFeatures Forward(Step step, Tensor input, IReadOnlyList<int[]> groups, Func<Tensor, int, ITaskFeatures> forward)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(forward);
        var parts = new List<(int[] Images, ITaskFeatures Features)>();
        foreach (int[] alike in groups)
        {
            Tensor images = Gather(step, input, alike);
            parts.Add((alike, forward(images, alike[0])));
            if (images != input)
            {
                step.Release(images);
            }
        }

        return parts.Count == 1 ? parts[0].Features : new Joined(step, parts);
    }

    private static Tensor Gather(Step step, Tensor input, int[] images)
    {
        if (images.Length == input.Shape[0])
        {
            return input;
        }

        Tensor[] parts = Array.ConvertAll(images, i => step.Narrow(input, i, 1));
        return Join(step, parts);
    }

    private static Tensor Join(Step step, Tensor[] parts)
    {
        Tensor joined = step.Concat(parts, 0);
        foreach (Tensor part in parts)
        {
            step.Release(part);
        }

        return joined;
    }

    /// <summary>Features that lie in several batches, brought into the images' order.</summary>
    private sealed class Joined(Step step, List<(int[] Images, ITaskFeatures Features)> parts) : ITaskFeatures
    {
        private readonly List<(Tensor[] Sources, Tensor Features)> _joined = [];

        public Tensor Of(int position)
        {
            // Tasks may have the same features in every part.
            Tensor[] sources = [.. parts.Select(part => part.Features.Of(position))];
            foreach ((Tensor[] known, Tensor features) in _joined)
            {
                if (known.AsSpan().SequenceEqual(sources))
                {
                    return features;
                }
            }

            var images = new Tensor[parts.Sum(static part => part.Images.Length)];
            for (int p = 0; p < sources.Length; p++)
            {
                for (int i = 0; i < parts[p].Images.Length; i++)
                {
                    images[parts[p].Images[i]] = step.Narrow(sources[p], i, 1);
                }
            }

            Tensor joined = Join(step, images);
            _joined.Add((sources, joined));
            return joined;
        }

        public void Dispose()
        {
            foreach ((_, Tensor features) in _joined)
            {
                step.Release(features);
            }

            parts.ForEach(static part => part.Features.Dispose());
        }
    }
}
