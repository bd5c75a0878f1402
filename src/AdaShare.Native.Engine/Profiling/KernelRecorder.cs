using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Profiling;

/// <summary>Marks the clock before and after every kernel, and remembers which kernel it was. What that means is worked out when all is over, so that it disturbs little.</summary>
/// <param name="backend">The backend that computes: it has the clock and knows the section.</param>
internal sealed class KernelRecorder(Backend backend) : IDisposable
{
    private readonly List<(KernelKey Key, long Bytes)> _calls = [];
    private IDeviceClock? _clock;

    private IDeviceClock Clock => _clock ??= backend.CreateClock();

    /// <summary>Begins: time counts from here.</summary>
    public void Start()
    {
        _calls.Clear();
        Clock.Mark();
    }

    /// <summary>Begins a call.</summary>
    /// <param name="family">The op family.</param>
    /// <param name="kernel">The kernel within it.</param>
    /// <param name="operands">What it reads and writes; each counts once towards the bytes.</param>
    public KernelTiming Begin(string family, string kernel, params ReadOnlySpan<Tensor?> operands)
    {
        Tensor? largest = null;
        foreach (Tensor? operand in operands)
        {
            largest = largest is null || operand?.Count > largest.Count ? operand : largest;
        }

        return Begin(new KernelKey(backend.Section, family, kernel, largest?.Shape ?? default, largest?.DType ?? default, null), operands);
    }

    /// <summary>Begins a call whose operands' sizes do not matter: all its calls are booked together.</summary>
    public KernelTiming BeginAny(string family, string kernel, params ReadOnlySpan<Tensor?> operands) =>
        Begin(new KernelKey(backend.Section, family, kernel, default, operands[0]?.DType ?? default, null), operands);

    /// <summary>Begins a convolution.</summary>
    public KernelTiming BeginConvolution(string kernel, in Conv2dGeometry geometry, params ReadOnlySpan<Tensor?> operands) =>
        Begin(new KernelKey(backend.Section, KernelKey.ConvolutionFamily, kernel, default, operands[0]!.DType, geometry), operands);

    /// <summary>Begins a matrix product.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="sizes">[M, N, K].</param>
    /// <param name="operands">The three matrices.</param>
    public KernelTiming BeginProduct(string kernel, Shape sizes, params ReadOnlySpan<Tensor?> operands) =>
        Begin(new KernelKey(backend.Section, KernelKey.MatrixFamily, kernel, sizes, operands[0]!.DType, null), operands);

    /// <summary>Begins a call that moves so many bytes, where those are not its operands'.</summary>
    public KernelTiming BeginBytes(string family, string kernel, Tensor operand, long bytes) =>
        Begin(new KernelKey(backend.Section, family, kernel, operand.Shape, operand.DType, null), bytes);

    /// <summary>Ends, and waits for the work.</summary>
    /// <param name="rounds">How often the work was done.</param>
    public Profile Stop(int rounds)
    {
        Clock.Mark();
        double[] times = Clock.Read();
        var rows = new Dictionary<KernelKey, (int Count, double Milliseconds, long Bytes)>();
        double between = times[^1];
        for (int i = 0; i < _calls.Count; i++)
        {
            (KernelKey key, long bytes) = _calls[i];
            between += times[2 * i];
            (int count, double milliseconds, long sum) = rows.GetValueOrDefault(key);
            rows[key] = (count + 1, milliseconds + times[(2 * i) + 1], sum + bytes);
        }

        _calls.Clear();
        return new Profile(
            times.Sum() / rounds, between / rounds,
            [
                .. rows.Select(row => new ProfileRow(
                    row.Key.Section.Name, row.Key.Section.IsRecomputed, row.Key.Family, row.Key.Kernel, row.Key.Name, (double)row.Value.Count / rounds, row.Value.Milliseconds / rounds,
                    row.Value.Count * row.Key.MultiplyAdds / rounds, row.Value.Bytes / rounds)).OrderByDescending(static row => row.Milliseconds),
            ]);
    }

    /// <summary>Forgets the clock, with the marks of work that has failed.</summary>
    public void Dispose()
    {
        _clock?.Dispose();
        _clock = null;
    }

    private KernelTiming Begin(in KernelKey key, ReadOnlySpan<Tensor?> operands)
    {
        long bytes = 0;
        foreach (Tensor? operand in operands)
        {
            bytes += operand is null ? 0 : operand.Count * operand.DType.Size();
        }

        return Begin(key, bytes);
    }

    private KernelTiming Begin(in KernelKey key, long bytes)
    {
        _calls.Add((key, bytes));
        Clock.Mark();
        return new KernelTiming(Clock);
    }
}

/// <summary>One call of a kernel; its end is the call's end.</summary>
internal readonly struct KernelTiming(IDeviceClock clock) : IDisposable
{
    public void Dispose() => clock.Mark();
}
