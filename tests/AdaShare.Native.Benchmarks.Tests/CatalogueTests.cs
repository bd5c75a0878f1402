using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Timing;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Reference;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Tests;

/// <summary>That no op and no kernel is without a benchmark, and that what a case is said to cost is what it costs.</summary>
[TestFixture]
internal sealed class CatalogueTests
{
    private static IEnumerable<string> Ops => OpCatalogue.All.Select(static opCase => opCase.Op).Distinct();

    /// <summary>Every kernel of the contract, as the reference backend counts it. Ops from outside the engine bring theirs along: of them there is none to time.</summary>
    private static IEnumerable<string> Kernels => typeof(Backend).GetProperties()
        .Where(static property => property.PropertyType.IsInterface && property.PropertyType.Name.EndsWith("Kernels", StringComparison.Ordinal) && property.Name != nameof(Backend.Custom))
        .SelectMany(static property => property.PropertyType.GetMethods().Select(method => $"{property.Name}.{method.Name}"));

    [Test]
    public void Every_op_has_a_benchmark() => Assert.That(Cases.Reduced.SelectMany(static benchmark => benchmark.Ops).Distinct(), Is.EquivalentTo(Ops));

    [Test]
    public void Every_kernel_of_the_contract_has_a_benchmark() => Assert.That(Called(Cases.Reduced), Is.SupersetOf(Kernels));

    [Test]
    public void A_missing_benchmark_would_be_noticed()
    {
        Assert.That(Kernels, Has.Member("Gate.GumbelNoise").And.Member("Optimizer.Adam").And.Member("Convolution.BackwardFilter"));
        Assert.That(Called(Cases.Reduced.Where(static benchmark => benchmark.Key != "batch-norm/inference-backward-relu-stem")), Is.Not.SupersetOf(Kernels));
    }

    [Test]
    public void Every_benchmark_calls_a_kernel() =>
        Assert.That(Cases.Reduced.Where(static benchmark => !Called([benchmark]).Any()), Is.Empty);

    [Test]
    public void A_benchmark_has_the_same_key_at_every_scale_and_another_name()
    {
        string[] keys = [.. Cases.Reduced.Select(static benchmark => benchmark.Key)];
        Assert.That(keys, Is.Unique);
        Assert.That(Cases.Cpu.Select(static benchmark => benchmark.Key), Is.EqualTo(keys));
        Assert.That(Cases.Gpu.Select(static benchmark => benchmark.Key), Is.EqualTo(keys));
        Assert.That(Cases.Cpu.Select(static benchmark => benchmark.Name), Is.Unique);
        IEnumerable<string> convolutions = Cases.Cpu.Where(static benchmark => benchmark.Family == "convolution").Select(static benchmark => benchmark.Name);
        Assert.That(convolutions.Intersect(Cases.Gpu.Select(static benchmark => benchmark.Name)), Is.Empty);
    }

    [TestCase("convolution/forward-stem", 4, 128, 3)]
    [TestCase("convolution/forward-stage1", 4, 33, 64)]
    [TestCase("convolution/forward-stage2-first", 4, 33, 64)]
    [TestCase("convolution/forward-stage2-projection", 4, 33, 64)]
    [TestCase("convolution/forward-stage4", 4, 17, 512)]
    [TestCase("convolution/forward-head-dilation24", 4, 17, 512)]
    [TestCase("convolution/forward-head-hidden", 4, 17, 1024)]
    [TestCase("convolution/forward-head-out40", 4, 17, 1024)]
    public void The_convolutions_are_those_of_the_published_network(string key, int images, int side, int channels) =>
        Assert.That(Find(Cases.Cpu, key).Name, Is.EqualTo($"{key}@{images}x{side}x{side}x{channels}"));

    [Test]
    public void There_is_a_case_for_every_distinct_convolution()
    {
        NetworkShapes network = NetworkShapes.Of(BenchmarkScale.Cpu);

        // The stem, a stage without and three with a first block and projection of their own, four rates, the hidden layer, three outputs.
        Assert.That(network.Convolutions, Has.Count.EqualTo(1 + 1 + (3 * 3) + 4 + 1 + 3));
        Assert.That(network.Convolutions.Select(static convolution => convolution.Role), Is.Unique);
        Assert.That(Cases.Cpu.Count(static benchmark => benchmark.Family == "convolution"), Is.EqualTo((3 * network.Convolutions.Count) - 1), "nobody needs the gradient of the images");
    }

    [Test]
    public void A_GPU_gets_the_published_crop_and_batch()
    {
        Assert.That(NetworkShapes.Of(BenchmarkScale.Gpu).Images, Is.EqualTo(new Shape(16, 321, 321, 3)));
        Assert.That(Find(Cases.Gpu, "convolution/forward-head-dilation6").Name, Does.EndWith("@16x41x41x512"));
    }

    // Multiply-adds and megabytes by hand, from the shapes in the comments.
    [TestCase("matrix/product", 1156L * 1024 * 1024, 4L * ((1156 * 1024) + (1024 * 1024) + (1156 * 1024)))] // [4 17 17, 1024] [1024, 1024]
    [TestCase("convolution/forward-head-hidden", 1156L * 1024 * 1024, 4L * ((1156 * 1024) + (1024 * 1024) + (1156 * 1024)))] // the same as a 1x1 convolution
    [TestCase("convolution/forward-head-out40", 1156L * 1024 * 40, 4L * ((1156 * 1024) + (1024 * 40) + (1156 * 40) + 40))] // with a bias
    [TestCase("convolution/forward-stage1", 4L * 64 * 64 * 97 * 97, 4L * ((2 * 4 * 33 * 33 * 64) + (9 * 64 * 64)))] // 3x3 over 33 rows: 3 * 33 - 2 taps lie inside
    [TestCase("convolution/data-stage2-projection", 4L * 17 * 17 * 64 * 128, 4L * ((4 * 17 * 17 * 128) + (64 * 128) + (4 * 33 * 33 * 64)))]
    [TestCase("convolution/forward-head-dilation18", 1156L * 512 * 1024, 4L * ((1156 * 512) + (512 * 1024) + (1156 * 1024)))] // only the centre tap meets 17 rows
    [TestCase("convolution/filter-head-dilation18", 1156L * 512 * 1024, 4L * ((1156 * 512) + (9 * 512 * 1024) + (1156 * 1024)))] // but the whole gradient is written
    [TestCase("activation/relu", 0, 4L * 2 * 4 * 33 * 33 * 64)]
    [TestCase("elementwise/add-to-gradient", 0, 4L * 3 * 4 * 33 * 33 * 64)] // read, read, write
    [TestCase("elementwise/cast-images", 0, 5L * 4 * 128 * 128 * 3)] // a byte read, four written
    [TestCase("assembly/slice-stream", 0, 4L * 2 * 4 * 33 * 33 * 64)] // one stream of three is read
    [TestCase("assembly/concat-streams", 0, 4L * 6 * 4 * 33 * 33 * 64)]
    [TestCase("resize/bilinear", 4L * 4 * 128 * 128 * 40, 4L * 40 * 4 * ((17 * 17) + (128 * 128)))]
    [TestCase("optimizer/sgd-weights", 3L * 90695808, 4L * 5 * 90695808)]
    [TestCase("optimizer/adam-weights", 7L * 90695808, 4L * 7 * 90695808)]
    public void Multiply_adds_and_bytes_are_those_of_the_shapes(string key, long multiplyAdds, long bytes)
    {
        BenchmarkCase benchmark = Find(Cases.Cpu, key);
        Assert.That((benchmark.MultiplyAdds, benchmark.Bytes(DType.Float32)), Is.EqualTo((multiplyAdds, bytes)));
    }

    private static BenchmarkCase Find(IEnumerable<BenchmarkCase> cases, string key) => cases.Single(benchmark => benchmark.Key == key);

    private static IEnumerable<string> Called(IEnumerable<BenchmarkCase> cases)
    {
        using var backend = new ReferenceBackend();
        var operands = new OperandSet(DType.Float32);
        foreach (BenchmarkCase benchmark in cases)
        {
            using var step = new Step(backend, recordGradients: false);
            Tensor[] tensors = operands.Make(step, benchmark with { Prepare = null }, 0);
            benchmark.Call(backend, tensors)();
        }

        return [.. backend.Calls.Keys];
    }
}
