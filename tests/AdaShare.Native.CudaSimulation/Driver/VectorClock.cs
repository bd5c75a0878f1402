namespace AdaShare.Native.CudaSimulation.Driver;

/// <summary>What is certain to have happened: for each timeline (a stream, or a branch of a graph) the number of its latest piece of work that came before.</summary>
internal sealed class VectorClock
{
    private int[] _latest;

    public VectorClock() => _latest = [];

    private VectorClock(int[] latest) => _latest = latest;

    /// <summary>The latest work of a timeline that came before; 0 for none.</summary>
    public int this[int timeline]
    {
        get => timeline < _latest.Length ? _latest[timeline] : 0;
        set
        {
            if (timeline >= _latest.Length)
            {
                Array.Resize(ref _latest, timeline + 4);
            }

            _latest[timeline] = value;
        }
    }

    /// <summary>What happened before the other also happened before this.</summary>
    public void Merge(VectorClock other)
    {
        for (int i = 0; i < other._latest.Length; i++)
        {
            if (other._latest[i] > this[i])
            {
                this[i] = other._latest[i];
            }
        }
    }

    public VectorClock Copy() => new([.. _latest]);
}
