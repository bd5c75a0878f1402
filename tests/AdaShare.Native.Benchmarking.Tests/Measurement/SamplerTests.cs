using AdaShare.Native.Benchmarking.Measurement;
using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Cpu;

namespace AdaShare.Native.Benchmarking.Tests.Measurement;

/// <summary>How often work is done and timed.</summary>
[TestFixture]
public sealed class SamplerTests
{
    private CpuBackend _cpu = null!;

    [SetUp]
    public void SetUp() => _cpu = new CpuBackend(new CpuBackendOptions { Threads = 1 });

    [TearDown]
    public void TearDown() => _cpu.Dispose();

    [Test]
    public void Work_is_warmed_up_and_done_once_a_sample_where_each_time_counts()
    {
        int runs = 0;
        Timing timing = Sampler.Measure(_cpu, () => runs++, new Sampling(6, LeastMilliseconds: 0));
        Assert.That(runs, Is.EqualTo(3 + 6));
        Assert.That(timing.Repeats, Is.EqualTo(1));
        Assert.That(timing.Device.Samples, Has.Count.EqualTo(6));
        Assert.That(timing.Wall.Samples, Has.Count.EqualTo(6));
    }

    [Test]
    public void Short_work_is_repeated_within_a_sample()
    {
        int runs = 0;
        Timing timing = Sampler.Measure(_cpu, () => runs++, new Sampling(5, LeastMilliseconds: 1));
        Assert.That(timing.Repeats, Is.GreaterThan(1));
        Assert.That(runs, Is.GreaterThanOrEqualTo((5 * timing.Repeats) + 3));
    }

    [Test]
    public void Several_kinds_of_work_are_timed_by_turns()
    {
        string order = "";
        IReadOnlyList<Timing> timings = Sampler.Measure(_cpu, [() => order += "a", () => order += "b"], new Sampling(5, LeastMilliseconds: 0));
        Assert.That(timings, Has.Count.EqualTo(2));
        Assert.That(order, Is.EqualTo("aaabbb" + "ababababab"));
    }

    [Test]
    public void A_wish_to_stop_is_heard_between_two_times()
    {
        using var stop = new CancellationTokenSource();
        int runs = 0;
        Assert.That(
            () => Sampler.Measure(
                _cpu,
                () =>
                {
                    if (++runs == 5)
                    {
                        stop.Cancel();
                    }
                },
                new Sampling(100, LeastMilliseconds: 0), stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(runs, Is.EqualTo(5));
    }

    [TestCase(100, 101, false)]
    [TestCase(100, 103, true)]
    [TestCase(100, 90, true)]
    public void Clocks_that_differ_are_said(double device, double wall, bool differs) =>
        Assert.That(new Timing(Spread.Of([device]), Spread.Of([wall]), 1).Differs, Is.EqualTo(differs));
}
