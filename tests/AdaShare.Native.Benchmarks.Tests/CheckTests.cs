using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Benchmarks.Checks;
using AdaShare.Native.Cpu;
using AdaShare.Native.Cuda;
using AdaShare.Native.CudaSimulation;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Benchmarks.Tests;

/// <summary>That what is timed is right, and that what is wrong is found.</summary>
[TestFixture]
internal sealed class CheckTests
{
    private static IEnumerable<TestCaseData> All => Cases.Reduced.Select(static benchmark => new TestCaseData(benchmark).SetArgDisplayNames(benchmark.Key));

    /// <summary>Those of which a device that takes its time needs little.</summary>
    private static IEnumerable<TestCaseData> Quick => Cases.Reduced
        .GroupBy(static benchmark => benchmark.Family)
        .SelectMany(static family => family.OrderBy(static benchmark => benchmark.ReferenceWork).Take(4))
        .Select(static benchmark => new TestCaseData(benchmark).SetArgDisplayNames(benchmark.Key));

    [TestCaseSource(nameof(All))]
    public void Every_case_is_right_on_the_CPU(BenchmarkCase benchmark)
    {
        foreach (NumericsMode numerics in Enum.GetValues<NumericsMode>())
        {
            using var backend = new CpuBackend(new CpuBackendOptions { Numerics = numerics, PoisonMemory = true });
            CaseCheck check = Cases.CheckOn(backend, numerics.ToString().ToLowerInvariant());
            Assert.That(check.Whole(benchmark), Is.Empty, $"{numerics}, whole");
            Assert.That(check.Sampled(benchmark), Is.Empty, $"{numerics}, sample");
            Assert.That(backend.Memory.LiveBuffers, Is.Zero);
        }
    }

    [TestCaseSource(nameof(Quick))]
    public void Cases_are_right_on_a_simulated_GPU(BenchmarkCase benchmark)
    {
        using var device = new SimulatedDevice();
        using (var backend = new CudaBackend(device.Libraries))
        {
            Assert.That(Cases.CheckOn(backend, "exact").Whole(benchmark), Is.Empty, "exact");
            Assert.That(Cases.CheckOn(backend, "bfloat16").Whole(benchmark), Is.Empty, "bfloat16");
        }

        Assert.That(device.Log.Findings, Is.Empty);
    }

    [TestCase("activation/relu")]
    [TestCase("convolution/forward-stage2")]
    public void A_wrong_result_is_found_whole_and_in_a_sample(string key)
    {
        using var inner = new CpuBackend();
        var backend = new WrongBackend(inner);
        CaseCheck check = Cases.CheckOn(backend, "fast");
        Assert.That(check.Whole(Cases.ByKey[key]), Has.Count.EqualTo(1).And.Some.StartsWith("output: element "));
        Assert.That(check.Sampled(Cases.ByKey[key]), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_kernel_that_does_nothing_is_found()
    {
        using var backend = new CpuBackend();
        BenchmarkCase idle = Cases.ByKey["elementwise/copy"] with
        {
            Call = (on, x) => on == backend ? static () => { } : () => on.Elementwise.Affine(x[0], 1, 0, x[1], accumulate: false),
        };
        Assert.That(Cases.CheckOn(backend, "exact").Whole(idle), Has.Count.EqualTo(1));
    }

    [TestCase("convolution/forward-stage2", "sample and reduced")]
    [TestCase("loss/cosine", "whole")]
    public void Large_cases_are_checked_by_a_sample_and_reduced_small_ones_whole(string key, string extent)
    {
        using var backend = new CpuBackend();
        CheckResult result = Cases.CheckOn(backend, "exact").Run(Cases.Cpu.Single(benchmark => benchmark.Key == key));
        Assert.That((result.Extent, result.Differences.Count), Is.EqualTo((extent, 0)));
    }

    [Test]
    public void A_fault_at_the_timed_shape_alone_is_found()
    {
        using var inner = new CpuBackend();
        var backend = new WrongBackend(inner) { LeastElements = 100_000 };
        CheckResult result = Cases.CheckOn(backend, "fast").Run(Cases.Cpu.Single(static benchmark => benchmark.Key == "convolution/forward-stage2"));
        Assert.That(result.Differences, Has.Count.EqualTo(1).And.Some.StartsWith("output: element "));
    }

    /// <summary>The CPU with a last element that is wrong, in ReLU and in convolutions.</summary>
    private sealed class WrongBackend(Backend inner) : DelegatingBackend(inner), IActivationKernels, IConvolutionKernels
    {
        public long LeastElements { get; init; }

        public override IActivationKernels Activation => this;

        public override IConvolutionKernels Convolution => this;

        public void Relu(Tensor input, Tensor output)
        {
            Inner.Activation.Relu(input, output);
            Spoil(output);
        }

        public void Forward(in Conv2dGeometry geometry, Tensor input, Tensor filter, Tensor? bias, Tensor output)
        {
            Inner.Convolution.Forward(geometry, input, filter, bias, output);
            Spoil(output);
        }

        public void ReluBackward(Tensor output, Tensor gradOutput, Tensor gradInput, bool accumulate) => Inner.Activation.ReluBackward(output, gradOutput, gradInput, accumulate);

        public void Dropout(Tensor input, float probability, Engine.Random.RandomStream stream, Tensor output, bool accumulate) =>
            Inner.Activation.Dropout(input, probability, stream, output, accumulate);

        public void BiasReluDropout(Tensor input, Tensor? bias, float probability, Engine.Random.RandomStream stream, Tensor output) =>
            Inner.Activation.BiasReluDropout(input, bias, probability, stream, output);

        public void BiasReluDropoutBackward(Tensor output, float probability, Tensor gradOutput, Target gradInput, Target gradBias) =>
            Inner.Activation.BiasReluDropoutBackward(output, probability, gradOutput, gradInput, gradBias);

        public void BackwardInput(in Conv2dGeometry geometry, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate) =>
            Inner.Convolution.BackwardInput(geometry, gradOutput, filter, gradInput, accumulate);

        public void BackwardFilter(in Conv2dGeometry geometry, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate) =>
            Inner.Convolution.BackwardFilter(geometry, input, gradOutput, gradFilter, accumulate);

        private void Spoil(Tensor output)
        {
            if (output.Count >= LeastElements)
            {
                Tensor last = output.Part(output.Count - 1, new Shape(1));
                Inner.Elementwise.Affine(last, 1, 0.1, last, accumulate: false);
            }
        }
    }
}
