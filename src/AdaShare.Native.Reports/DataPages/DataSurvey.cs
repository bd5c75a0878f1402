using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Learning.Tasks;

namespace AdaShare.Native.Reports.DataPages;

/// <summary>What a data set holds, every file read once.</summary>
public sealed class DataSurvey
{
    private const int Chunk = 64;
    private const int MostFaults = 100;
    private static readonly Split[] Parts = [Split.Train, Split.Validation, Split.Test];

    private DataSurvey(IReadOnlyList<TaskSpec> tasks) => Labels = [.. tasks.Select(static task => new LabelSurvey(task))];

    /// <summary>What each task's labels hold.</summary>
    public IReadOnlyList<LabelSurvey> Labels { get; }

    /// <summary>Images that could be read.</summary>
    public int Images { get; private set; }

    /// <summary>Examples that could not.</summary>
    public int Faulty { get; private set; }

    /// <summary>Why, the first hundred.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>How many images have each size.</summary>
    public Dictionary<(int Height, int Width), int> Sizes { get; } = [];

    /// <summary>Mean and deviation of the pictures of the training part.</summary>
    public ChannelSurvey Training { get; } = new();

    /// <summary>Reads a data set.</summary>
    /// <param name="dataset">The data.</param>
    /// <param name="tasks">The tasks whose labels are read.</param>
    /// <param name="progress">Hears how many of how many examples have been read.</param>
    /// <param name="stop">Stops between examples.</param>
    public static DataSurvey Of(IDataset dataset, IReadOnlyList<TaskSpec> tasks, Action<int, int> progress, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var survey = new DataSurvey(tasks);
        IReadOnlyList<TaskGroup> groups = TaskGroup.Of(dataset, tasks);
        int total = groups.Sum(group => Parts.Sum(group.Dataset.Count)), done = 0;
        foreach (TaskGroup group in groups)
        {
            Label[] labels = [.. group.Tasks.Select(t => tasks[t].Label)];
            foreach (Split part in Parts)
            {
                int count = group.Dataset.Count(part);
                for (int start = 0; start < count; start += Chunk)
                {
                    survey.AddChunk(group, labels, part, start, Math.Min(Chunk, count - start), stop);
                    progress(done += Math.Min(Chunk, count - start), total);
                }
            }
        }

        return survey;
    }

    /// <summary>Reads some examples side by side, and counts them in their order, so that sums are the same each time.</summary>
    private void AddChunk(TaskGroup group, Label[] labels, Split part, int start, int count, CancellationToken stop)
    {
        var read = new (Sample? Sample, int[]? Levels, string? Fault)[count];
        Parallel.For(0, count, new ParallelOptions { CancellationToken = stop, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            try
            {
                Sample sample = group.Dataset.Load(part, start + i, labels).ReadAll();
                read[i] = (sample, part == Split.Train && sample.Input is BgrImage image ? ChannelSurvey.Count(image) : null, null);
            }
            catch (DataException error)
            {
                read[i] = (null, null, error.Message);
            }
        });
        foreach ((Sample? sample, int[]? levels, string? fault) in read)
        {
            if (sample is null)
            {
                Faulty++;
                if (Faults.Count < MostFaults)
                {
                    Faults.Add(fault!);
                }

                continue;
            }

            Images++;
            if (levels is not null)
            {
                Training.Add(levels);
            }

            (int, int) size = (sample.Input.Height, sample.Input.Width);
            Sizes[size] = Sizes.GetValueOrDefault(size) + 1;
            foreach (int t in group.Tasks)
            {
                if (sample.Labels.TryGetValue(Labels[t].Task.Label, out Plane? plane))
                {
                    Labels[t].Add(plane);
                }
                else
                {
                    Labels[t].AddMissing();
                }
            }
        }
    }
}
