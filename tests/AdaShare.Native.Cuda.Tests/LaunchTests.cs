using System.Numerics;
using System.Text.RegularExpressions;
using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Conformance.Checks;
using AdaShare.Native.Cuda.Commands;
using AdaShare.Native.Cuda.Tests.Fakes;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cuda.Tests;

/// <summary>That launches and the kernels' declarations agree, and how work is cut into blocks.</summary>
[TestFixture]
public sealed partial class LaunchTests
{
    [Test]
    public void Every_launch_of_the_catalogue_has_the_parameters_that_its_kernel_declares()
    {
        using var device = new FakeDevice();
        var checkedKernels = new HashSet<string>();
        device.Backend.Context.Commands.Recorder = words =>
        {
            if ((CommandKind)words[0] == CommandKind.Kernel)
            {
                (string kernel, string image) = device.Driver.Functions[(nint)words[1]];
                Assert.That(Given(words), Is.EqualTo(Declared(image, kernel)), kernel);
                checkedKernels.Add(kernel);
            }
        };
        foreach (KernelCase kernel in KernelCases.All)
        {
            kernel.RunOn(device.Backend, DType.Float32);
        }

        foreach (OpCase opCase in OpCatalogue.All)
        {
            CaseRun.TwiceWithParameters(opCase, device.Backend, DType.Float32);
            if (opCase.TakesBfloat16)
            {
                CaseRun.TwiceWithParameters(opCase, device.Backend, DType.BFloat16);
            }
        }

        Assert.That(checkedKernels.Count, Is.GreaterThan(50));
    }

    [Test]
    public void The_gates_of_all_tasks_and_blocks_are_one_launch_and_so_is_their_gradient()
    {
        using var device = new FakeDevice();
        using var store = new ParameterStore();
        ParameterGroup group = store.Group("logits");
        Parameter[] logits = [.. Enumerable.Range(0, 5).Select(t => group.Add($"task{t}_logits", new Shape(9, 2), Initializers.Constant(0.5)))];
        store.Allocate(device.Backend, DType.Float32);
        using var step = new Step(device.Backend);
        Tensor gates = step.GumbelGates([.. logits.Select(static p => p.Value)], [.. logits.Select(static p => RandomStream.For(1, p.Name))], 5);
        Assert.That(device.Driver.Kernels, Is.EqualTo(new[] { "gumbel_gates" }));
        Tensor loss = step.Sum(step.Concat([.. Enumerable.Range(0, 45).Select(row => step.Narrow(gates, row, 1))], 0));
        step.Backward(loss);
        Assert.That(device.Driver.Kernels.Count(static kernel => kernel == "gumbel_gates_backward"), Is.EqualTo(1));
        Assert.That(device.Driver.Kernels, Has.None.StartsWith("copy_blocks"), "the gates of a block lie side by side");
    }

    [TestCase(1, 1)]
    [TestCase(256, 1)]
    [TestCase(257, 2)]
    [TestCase(10_000_000, 8192)]
    public void Items_are_spread_over_at_most_8192_blocks(long items, int blocks) => Assert.That(LaunchShape.Linear(items).GridX, Is.EqualTo(blocks));

    [TestCase(64, true, 4, 16, 16)]
    [TestCase(64, false, 1, 32, 8)]
    [TestCase(3, true, 1, 3, 85)]
    [TestCase(40, true, 4, 10, 25)]
    [TestCase(132, true, 4, 17, 15)]
    [TestCase(1024, true, 4, 32, 8)]
    public void Channels_are_cut_evenly(int channels, bool aligned, int width, int x, int y)
    {
        ChannelLaunch launch = ChannelLaunch.Summing(2, 1000, channels, aligned);
        Assert.That((launch.Width, (int)launch.Shape.BlockX, (int)launch.Shape.BlockY, (int)launch.Shape.GridZ), Is.EqualTo((width, x, y, 2)));
        Assert.That(launch.Shape.BlockX * launch.Shape.GridY * width, Is.GreaterThanOrEqualTo(channels));
        Assert.That(launch.Chunks, Is.EqualTo((int)Math.Ceiling(1000.0 / (y * 16))));
    }

    /// <summary>The words of each parameter in a launch.</summary>
    private static List<int> Given(ReadOnlySpan<ulong> words)
    {
        var sizes = new List<int>();
        int end = words.Length - CommandStream.KernelHeader;
        for (ulong starts = words[6]; starts != 0; starts &= starts - 1)
        {
            ulong rest = starts & (starts - 1);
            sizes.Add((rest == 0 ? end : BitOperations.TrailingZeroCount(rest)) - BitOperations.TrailingZeroCount(starts));
        }

        return sizes;
    }

    /// <summary>The words of each parameter that a kernel's PTX declares.</summary>
    private static List<int> Declared(string image, string kernel)
    {
        int start = image.IndexOf($".entry {kernel}(", StringComparison.Ordinal);
        string list = image[start..image.IndexOf(')', start)];
        return [.. Parameter().Matches(list).Select(static m => m.Groups[1].Success ? (int.Parse(m.Groups[1].Value) + 7) / 8 : 1)];
    }

    [GeneratedRegex(@"\.param [^,]*?_param_\d+(?:\[(\d+)\])?")]
    private static partial Regex Parameter();
}
