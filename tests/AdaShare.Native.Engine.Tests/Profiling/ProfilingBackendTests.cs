using System.Reflection;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Profiling;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Tests.Profiling;

/// <summary>What a profile counts.</summary>
[TestFixture]
public sealed class ProfilingBackendTests
{
    private ReferenceBackend _inner = null!;
    private ProfilingBackend _backend = null!;

    private static IEnumerable<PropertyInfo> Families => typeof(Backend).GetProperties().Where(static property => property.PropertyType.Name.EndsWith("Kernels", StringComparison.Ordinal));

    [SetUp]
    public void SetUp() => _backend = new ProfilingBackend(_inner = new ReferenceBackend());

    [TearDown]
    public void TearDown()
    {
        Assert.That(_inner.Memory.LiveBuffers, Is.Zero);
        _backend.Dispose();
        _inner.Dispose();
    }

    [Test]
    public void Every_family_of_kernels_is_timed_within_a_profile_and_untouched_outside()
    {
        object?[] Kernels(Backend backend) => [.. Families.Select(family => family.GetValue(backend))];
        object?[] theirs = Kernels(_inner), within = [];
        Assert.That(theirs, Has.Length.GreaterThanOrEqualTo(13));
        _backend.Profile(() => within = Kernels(_backend));
        Assert.That(within.Zip(theirs), Has.None.Matches<(object?, object?)>(static pair => ReferenceEquals(pair.Item1, pair.Item2)), "a family without a wrapper is not seen by profiles");
        Assert.That(Kernels(_backend), Is.EqualTo(theirs));
        Assert.That(_backend.IsProfiling, Is.False);
    }

    [Test]
    public void A_convolution_has_its_sizes_multiply_adds_and_bytes()
    {
        Profile profile = _backend.Profile(
            () =>
            {
                using var step = new Step(_backend);
                Tensor x = step.Watch(step.New(new Shape(2, 5, 5, 3), DType.Float64)), w = step.Watch(step.NewFilter(new Shape(4, 3, 3, 3), DType.Float64));
                _backend.Elementwise.Fill(x, 1);
                _backend.Elementwise.Fill(w, 1);
                step.Backward(step.Sum(step.Conv2d(x, w, options: new Conv2dOptions(1, 2, 2))));
            },
            rounds: 3);

        // Of 3 taps at distance 2 around each of 5 pixels along a side, those that lie inside.
        const int TapsASide = 2 + 2 + 3 + 2 + 2;
        const long MultiplyAdds = 2 * 4 * 3 * TapsASide * TapsASide;
        const long Input = 2 * 5 * 5 * 3, Filter = 4 * 3 * 3 * 3, Output = 2 * 5 * 5 * 4;
        ProfileRow[] rows = [.. profile.Rows.Where(static row => row.Family == "convolution")];
        Assert.That(rows.Select(static row => row.Op), Is.EquivalentTo(new[]
        {
            "convolution forward 3x3 d2 3>4 [2, 5, 5] float64", "convolution backward input 3x3 d2 3>4 [2, 5, 5] float64", "convolution backward filter 3x3 d2 3>4 [2, 5, 5] float64",
        }));
        Assert.That(rows.Select(static row => row.MultiplyAdds), Is.All.EqualTo(MultiplyAdds));
        Assert.That(rows.Select(static row => row.Bytes), Is.All.EqualTo(sizeof(double) * (Input + Filter + Output)));
        Assert.That(rows.Select(static row => row.Count), Is.All.EqualTo(1), "figures are those of one round");
        Assert.That(profile.UsefulMultiplyAdds, Is.EqualTo(3 * MultiplyAdds));
    }

    [Test]
    public void A_matrix_product_counts_M_N_K()
    {
        Profile profile = _backend.Profile(() =>
        {
            using var step = new Step(_backend);
            Tensor left = step.Watch(step.FromDoubles(new Shape(2, 3), DType.Float32, new double[6])), right = step.FromDoubles(new Shape(3, 5), DType.Float32, new double[15]);
            step.Backward(step.Sum(step.MatMul(left, right)));
        });
        ProfileRow[] rows = [.. profile.Rows.Where(static row => row.Family == "matrix")];
        Assert.That(rows.Select(static row => row.Op), Is.EquivalentTo(new[] { "matrix product [2, 5, 3]", "matrix product [2, 3, 5]" }));
        Assert.That(profile.UsefulMultiplyAdds, Is.EqualTo(2 * 30));
        Assert.That(rows.Sum(static row => row.Bytes), Is.EqualTo(2 * sizeof(float) * (6 + 15 + 10)));
    }

    [Test]
    public void Copies_are_counted_whether_asked_of_the_backend_or_of_a_tensor()
    {
        Profile profile = _backend.Profile(() =>
        {
            using var step = new Step(_backend);
            using SectionScope section = _backend.EnterSection("data");
            Tensor values = step.FromHost<float>(new Shape(10), new float[10]);
            _ = values.ToArray<float>();
        });
        Assert.That(profile.Rows.Select(static row => (row.Op, row.Bytes)), Is.EquivalentTo(new[] { ("copy to device [10]", 40L), ("copy to host [10]", 40L) }));
        Assert.That(profile.UploadBytes("data"), Is.EqualTo(40));
        Assert.That(profile.UploadBytes("else"), Is.Zero);
    }

    [Test]
    public void Blocks_that_are_copied_count_and_not_the_tensors_they_lie_in()
    {
        Profile profile = _backend.Profile(() =>
        {
            using var step = new Step(_backend, recordGradients: false);
            step.Slice(step.FromHost<float>(new Shape(6, 100), new float[600]), 0, 2, 1);
        });
        Assert.That(profile.Rows.Single(static row => row.Kernel == "copy blocks").Bytes, Is.EqualTo(2 * 100 * sizeof(float)));
    }

    [Test]
    public void Times_add_up()
    {
        Profile profile = _backend.Profile(() =>
        {
            using var step = new Step(_backend, recordGradients: false);
            step.Exp(step.FromHost<float>(new Shape(50, 50), new float[2500]));
        });
        double kernels = profile.Rows.Sum(static row => row.Milliseconds);
        Assert.That(kernels + profile.Between, Is.EqualTo(profile.Milliseconds).Within(1e-9));
        Assert.That(profile.Sections.Values.Sum(), Is.EqualTo(kernels).Within(1e-9));
        Assert.That(profile.Rows.Select(static row => row.Milliseconds), Is.Ordered.Descending.And.All.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void Work_that_fails_leaves_no_trace()
    {
        Assert.That(() => _backend.Profile(static () => throw new InvalidDataException("broken")), Throws.TypeOf<InvalidDataException>());
        Assert.That(_backend.IsProfiling, Is.False);
        Assert.That(_backend.Profile(static () => { }).Rows, Is.Empty);
    }

    [Test]
    public void A_profile_has_no_profile_within()
    {
        Assert.That(() => _backend.Profile(() => _backend.Profile(static () => { })), Throws.InvalidOperationException.With.Message.Contains("under way"));
        Assert.That(() => _backend.Profile(static () => { }, rounds: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _backend.Profile(null!), Throws.ArgumentNullException);
    }
}
