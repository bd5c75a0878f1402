using AdaShare.Native.CudaSimulation.Memory;

namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>Which work the numbers of blocks belong to, as long as the host does not know that it is done.</summary>
internal sealed class WorkHistory : ILaunchHistory
{
    private readonly Dictionary<int, List<Entry>> _timelines = [];
    private VectorClock _now = new();
    private uint _unordered;
    private uint _next = 1;

    private readonly record struct Entry(uint First, uint End, int Number, string Name);

    /// <summary>Begins a piece of work: from now on the questions are about it.</summary>
    /// <returns>The first of its block numbers.</returns>
    public uint Begin(Work work)
    {
        uint first = _next;
        _next = checked(_next + (uint)Math.Max(1, work.Template.Blocks));
        _now = work.Clock;
        _unordered = first;
        foreach ((int timeline, List<Entry> entries) in _timelines)
        {
            // Entries of a timeline are done in order, so the first one that is not before bounds all that follow.
            int at = FirstAfter(entries, work.Clock[timeline]);
            if (timeline != work.Timeline && at < entries.Count)
            {
                _unordered = Math.Min(_unordered, entries[at].First);
            }
        }

        if (!_timelines.TryGetValue(work.Timeline, out List<Entry>? own))
        {
            _timelines[work.Timeline] = own = [];
        }

        own.Add(new Entry(first, _next, work.Number, work.Template.Name));
        return first;
    }

    /// <summary>Forgets work that the host knows to be done: it comes before all that is yet to be enqueued.</summary>
    public void Forget(VectorClock host)
    {
        foreach ((int timeline, List<Entry> entries) in _timelines)
        {
            entries.RemoveRange(0, FirstAfter(entries, host[timeline]));
        }
    }

    /// <inheritdoc/>
    public bool IsBefore(uint block) => block < _unordered || Find(block) is not { } found || _now[found.Timeline] >= found.Entry.Number;

    /// <inheritdoc/>
    public string Describe(uint block) => Find(block) is { } found ? $"{found.Entry.Name} (work {found.Entry.Number} of stream {found.Timeline})" : "earlier work";

    private (int Timeline, Entry Entry)? Find(uint block)
    {
        foreach ((int timeline, List<Entry> entries) in _timelines)
        {
            int low = 0, high = entries.Count - 1;
            while (low <= high)
            {
                int middle = (low + high) / 2;
                Entry entry = entries[middle];
                if (block < entry.First)
                {
                    high = middle - 1;
                }
                else if (block >= entry.End)
                {
                    low = middle + 1;
                }
                else
                {
                    return (timeline, entry);
                }
            }
        }

        return null;
    }

    private static int FirstAfter(List<Entry> entries, int number)
    {
        int low = 0, high = entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (entries[middle].Number > number)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
