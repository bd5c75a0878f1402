using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Loading;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Reports.DataPages;

/// <summary>What the labels of one task hold, over all images that were read.</summary>
/// <param name="task">The task.</param>
public sealed class LabelSurvey(TaskSpec task)
{
    private double _sum;

    /// <summary>The task.</summary>
    public TaskSpec Task => task;

    /// <summary>Images that have the label.</summary>
    public int Images { get; private set; }

    /// <summary>Images that lack it.</summary>
    public int Missing { get; private set; }

    /// <summary>Pixels (of labels of images: images, or known properties and numbers) that count.</summary>
    public long Counted { get; private set; }

    /// <summary>All of them.</summary>
    public long All { get; private set; }

    /// <summary>For classes: how many pixels or images each has. For attributes: how many images have each. Otherwise empty.</summary>
    public long[] Histogram { get; } = task.Label.IsOfClasses || task.Label.Kind == LabelKind.Attributes ? new long[task.Channels] : [];

    /// <summary>The smallest number that counts; infinity where there is none.</summary>
    public double Smallest { get; private set; } = double.PositiveInfinity;

    /// <summary>The largest number that counts.</summary>
    public double Largest { get; private set; } = double.NegativeInfinity;

    /// <summary>The mean of the numbers that count; not a number where there is none.</summary>
    public double Mean => _sum / Counted;

    /// <summary>Adds an image without the label.</summary>
    internal void AddMissing() => Missing++;

    /// <summary>Adds an image's label.</summary>
    internal void Add(Plane label)
    {
        Images++;
        bool ofChannels = task.Label.Kind is LabelKind.Attributes or LabelKind.Values;
        int width = ofChannels ? 1 : label.Channels;
        for (int i = 0; i < label.Values.Length; i += width)
        {
            All++;
            ReadOnlySpan<float> value = label.Values.AsSpan(i, width);
            if (!Target.Counts(task.Label.Kind, value))
            {
                continue;
            }

            Counted++;
            _sum += value[0];
            (Smallest, Largest) = (Math.Min(Smallest, value[0]), Math.Max(Largest, value[0]));
            int bin = task.Label.Kind == LabelKind.Attributes ? value[0] == 1 ? i % task.Channels : -1 : (int)value[0];
            if ((uint)bin < (uint)Histogram.Length)
            {
                Histogram[bin]++;
            }
        }
    }
}
