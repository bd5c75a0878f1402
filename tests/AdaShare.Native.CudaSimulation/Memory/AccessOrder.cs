namespace AdaShare.Native.CudaSimulation.Memory;

/// <summary>
/// Who accesses memory now, and which earlier accesses are certain to have come before: the happens-before relation of one launch, and of launches among each other.
/// </summary>
/// <remarks>
/// Within a thread: program order. Within a block: block barriers, and bar.warp.sync among the lanes that it names. Between blocks: a fence (membar.gl) followed by an atomic access of one
/// block, then an atomic access of another block to the same place: what the first block's thread wrote before the fence, and what its other threads wrote before their last barrier, comes
/// before what the second block does after (its other threads: after their next barrier). Between launches: streams, events and the host, as <paramref name="launches"/> knows them.
/// </remarks>
internal sealed class AccessOrder(ILaunchHistory launches)
{
    public const ulong AtomicBit = 1;
    private const int ThreadShift = 22;
    private const uint MaxTime = (1 << 21) - 1;

    private readonly Dictionary<ulong, Dictionary<uint, Release>> _published = [];
    private readonly Dictionary<uint, Release> _acquired = [];
    private readonly uint[] _laneTime = new uint[1024];
    private readonly uint[] _laneMask = new uint[1024];
    private readonly uint[] _fenceTime = new uint[1024];
    private uint _time;
    private uint _barrier;
    private uint _first;
    private bool _isShared;

    /// <summary>What of a block others may rely on, and who may: <paramref name="Thread"/> up to <paramref name="Fence"/>, its block up to <paramref name="Barrier"/>.</summary>
    private readonly record struct Release(int Thread, uint Fence, uint Barrier, int Acquirer, uint AcquireTime);

    /// <summary>The stamp of the present access.</summary>
    public ulong Stamp { get; private set; }

    /// <summary>The number of the block that runs.</summary>
    public uint Block { get; private set; }

    /// <summary>The block of a stamp.</summary>
    public static uint BlockOf(ulong stamp) => (uint)(stamp >> 32);

    /// <summary>The thread of a stamp, as its number in the block.</summary>
    public static int ThreadOf(ulong stamp) => (int)(stamp >> ThreadShift) & 1023;

    /// <summary>The block and warp of a stamp.</summary>
    public static ulong Group(ulong stamp) => stamp >> (ThreadShift + 5);

    /// <summary>Begins a launch whose blocks are numbered from <paramref name="first"/>.</summary>
    public void BeginLaunch(uint first)
    {
        _first = first;
        _published.Clear();
        BeginBlock(first);
    }

    /// <summary>Begins a block: a new clock, nothing acquired.</summary>
    public void BeginBlock(uint block)
    {
        Block = block;
        _time = _barrier = 1;
        _acquired.Clear();
        Array.Clear(_laneTime);
        Array.Clear(_fenceTime);
        SetThread(0);
    }

    /// <summary>Says which thread of the block accesses memory next, and whether that memory is the block's own, so that other blocks' accesses were to other memory.</summary>
    public void SetThread(int thread, bool isShared)
    {
        _isShared = isShared;
        SetThread(thread);
    }

    private void SetThread(int thread) => Stamp = ((ulong)Block << 32) | ((ulong)(uint)thread << ThreadShift) | (_time << 1);

    /// <summary>All threads of the block have met.</summary>
    public void Barrier() => _barrier = Tick();

    /// <summary>The lanes of <paramref name="mask"/> of a warp have met.</summary>
    public void WarpBarrier(int warp, uint mask)
    {
        Tick();
        for (int lane = 0; lane < 32; lane++)
        {
            if ((mask >> lane & 1) != 0)
            {
                _laneTime[warp * 32 + lane] = _time;
                _laneMask[warp * 32 + lane] = mask;
            }
        }
    }

    /// <summary>A thread's earlier writes are visible to the device before its later ones.</summary>
    public void Fence(int thread) => _fenceTime[thread] = Tick();

    /// <summary>A thread accesses a place atomically: it learns what others have published there, and publishes what it fenced.</summary>
    public void Atomic(ulong address, int thread)
    {
        bool publishes = _fenceTime[thread] != 0;
        if (!_published.TryGetValue(address, out Dictionary<uint, Release>? place))
        {
            if (!publishes)
            {
                return;
            }

            _published[address] = place = [];
        }

        foreach ((uint block, Release release) in place)
        {
            if (block != Block)
            {
                _acquired[block] = release with { Acquirer = thread, AcquireTime = _time };
            }
        }

        if (publishes)
        {
            place[Block] = new Release(thread, _fenceTime[thread], _barrier, 0, 0);
            foreach ((uint block, Release release) in _acquired)
            {
                place.TryAdd(block, release);
            }
        }

        Tick();
    }

    /// <summary>Whether an access is certain to have come before the present one.</summary>
    public bool IsBefore(ulong stamp)
    {
        uint block = BlockOf(stamp);
        return block == Block ? IsBeforeInBlock(stamp) : _isShared || (block < _first ? launches.IsBefore(block) : IsAcquired(stamp));
    }

    private bool IsBeforeInBlock(ulong stamp)
    {
        int thread = ThreadOf(stamp), me = ThreadOf(Stamp);
        uint time = TimeOf(stamp);
        if (thread == me || time < _barrier)
        {
            return true;
        }

        return thread >> 5 == me >> 5 && time < _laneTime[me] && (_laneMask[me] >> (thread & 31) & 1) != 0;
    }

    private bool IsAcquired(ulong stamp)
    {
        if (!_acquired.TryGetValue(BlockOf(stamp), out Release release))
        {
            return false;
        }

        uint time = TimeOf(stamp);
        bool published = time < release.Barrier || (ThreadOf(stamp) == release.Thread && time < release.Fence);
        return published && (ThreadOf(Stamp) == release.Acquirer || release.AcquireTime < _barrier);
    }

    private static uint TimeOf(ulong stamp) => (uint)(stamp >> 1) & MaxTime;

    private uint Tick() => _time < MaxTime ? ++_time : throw new NotSupportedException($"a block with more than {MaxTime} barriers, fences and atomics is more than the race check counts");
}
