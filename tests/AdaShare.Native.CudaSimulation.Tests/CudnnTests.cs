using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Findings;
using static AdaShare.Native.CudaSimulation.Tests.CudnnBench;

namespace AdaShare.Native.CudaSimulation.Tests;

/// <summary>Convolutions of the simulated cuDNN against sums over their definition, and descriptors that it must refuse.</summary>
[TestFixture]
public sealed unsafe class CudnnTests
{
    private static readonly Window[] Windows = [new(1, 1, 1), new(2, 2, 1), new(3, 1, 2), new(0, 2, 2), new(1, 1, 1, CudnnConvolutionMode.Convolution)];

    private static Tensor Output(Tensor x, Tensor w, Window v, long pitch = 0)
    {
        long Extent(int d) => (x.Sizes[d] + (2 * v.Padding) - ((w.Sizes[d] - 1) * v.Dilation) - 1) / v.Stride + 1;
        return Tensor.ChannelsLast(x.Sizes[0], w.Sizes[0], Extent(2), Extent(3), pitch);
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    /// <summary>Visits every product of a convolution: places in x, w and y, in elements.</summary>
    private static void ForEachProduct(Tensor x, Tensor w, Tensor y, Window v, Action<long, long, long> visit)
    {
        for (long n = 0; n < y.Sizes[0]; n++)
        {
            for (long i = 0; i < y.Sizes[1] * y.Sizes[2] * y.Sizes[3] * w.Sizes[1] * w.Sizes[2] * w.Sizes[3]; i++)
            {
                long rest = i;
                long k = Digit(ref rest, y.Sizes[1]), p = Digit(ref rest, y.Sizes[2]), q = Digit(ref rest, y.Sizes[3]);
                long c = Digit(ref rest, w.Sizes[1]), r = Digit(ref rest, w.Sizes[2]), s = Digit(ref rest, w.Sizes[3]);
                bool flipped = v.Mode == CudnnConvolutionMode.Convolution;
                long h = (p * v.Stride) - v.Padding + ((flipped ? w.Sizes[2] - 1 - r : r) * v.Dilation), g = (q * v.Stride) - v.Padding + ((flipped ? w.Sizes[3] - 1 - s : s) * v.Dilation);
                if (h >= 0 && h < x.Sizes[2] && g >= 0 && g < x.Sizes[3])
                {
                    visit(x.Offset(n, c, h, g), w.Offset(k, c, r, s), y.Offset(n, k, p, q));
                }
            }
        }
    }

    private static long Digit(ref long rest, long size)
    {
        (rest, long digit) = Math.DivRem(rest, size);
        return digit;
    }

    private static void Check(CudnnDescriptorType kind, Tensor x, Tensor w, Tensor y, Window v, float beta = 0)
    {
        using var bench = new CudnnBench();
        Assert.That(bench.TryPlan(bench.NewGraph(kind, x, w, y, v, beta), 0, out nint plan), Is.EqualTo(CudnnStatus.Success));
        float[] input = Values(x.Span, 1), filter = Values(w.Span, 2), output = Values(y.Span, 3);
        ulong dx = bench.Upload(input), dw = bench.Upload(filter), dy = bench.Upload(output), workspace = bench.Driver.Allocate(256);
        Expect(bench.Execute(plan, dx, dw, dy, workspace));
        (ulong address, float[] before, Tensor result) = kind switch
        {
            CudnnDescriptorType.OperationConvolutionForward => (dy, output, y),
            CudnnDescriptorType.OperationConvolutionBackwardData => (dx, input, x),
            _ => (dw, filter, w),
        };
        double[] expected = [.. before.Select(static value => (double)value)];
        var touched = new bool[expected.Length];
        for (long i = 0; i < result.Sizes[0] * result.Sizes[1] * result.Sizes[2] * result.Sizes[3]; i++)
        {
            long place = result.Offset(i / result.Sizes[3] / result.Sizes[2] / result.Sizes[1], i / result.Sizes[3] / result.Sizes[2] % result.Sizes[1], i / result.Sizes[3] % result.Sizes[2], i % result.Sizes[3]);
            expected[place] *= beta;
            touched[place] = true;
        }

        ForEachProduct(x, w, y, v, (ix, iw, iy) =>
        {
            switch (kind)
            {
                case CudnnDescriptorType.OperationConvolutionForward:
                    expected[iy] += (double)input[ix] * filter[iw];
                    break;
                case CudnnDescriptorType.OperationConvolutionBackwardData:
                    expected[ix] += (double)output[iy] * filter[iw];
                    break;
                default:
                    expected[iw] += (double)input[ix] * output[iy];
                    break;
            }
        });
        float[] actual = bench.Download(address, expected.Length);
        bench.Driver.Device.Log.ThrowIfAny();
        Assert.Multiple(() =>
        {
            for (int i = 0; i < actual.Length; i++)
            {
                Assert.That(actual[i], Is.EqualTo(expected[i]).Within(1e-6), $"element {i}{(touched[i] ? "" : ", which lies between the result's")}");
            }
        });
    }

    [Test]
    public void Convolutions_are_what_their_descriptors_say(
        [Values(CudnnDescriptorType.OperationConvolutionForward, CudnnDescriptorType.OperationConvolutionBackwardData, CudnnDescriptorType.OperationConvolutionBackwardFilter)] CudnnDescriptorType kind,
        [Range(0, 4)] int window)
    {
        Tensor x = Tensor.ChannelsLast(2, 3, 7, 6), w = Tensor.ChannelsLast(5, 3, 3, 3);
        Check(kind, x, w, Output(x, w, Windows[window]), Windows[window]);
    }

    [Test]
    public void Views_into_wider_tensors_and_other_layouts_work(
        [Values(CudnnDescriptorType.OperationConvolutionForward, CudnnDescriptorType.OperationConvolutionBackwardData, CudnnDescriptorType.OperationConvolutionBackwardFilter)] CudnnDescriptorType kind)
    {
        Tensor x = Tensor.ChannelsLast(2, 3, 5, 4, pitch: 8), w = new([4, 3, 2, 2], [12, 4, 2, 1]);
        Check(kind, x, w, Output(x, w, Windows[0], pitch: 6), Windows[0]);
    }

    [Test]
    public void Results_are_added_to_what_is_there_where_asked()
    {
        Tensor x = Tensor.ChannelsLast(1, 2, 4, 4), w = Tensor.ChannelsLast(3, 2, 3, 3);
        Check(CudnnDescriptorType.OperationConvolutionBackwardFilter, x, w, Output(x, w, Windows[0]), Windows[0], beta: 1);
    }

    [Test]
    public void Brain_floats_are_read_and_floats_written()
    {
        using var bench = new CudnnBench();
        Tensor x = Tensor.ChannelsLast(1, 2, 1, 1, type: CudnnDataType.Bfloat16), w = Tensor.ChannelsLast(1, 2, 1, 1, type: CudnnDataType.Bfloat16), y = Tensor.ChannelsLast(1, 1, 1, 1);
        bench.TryPlan(bench.NewGraph(CudnnDescriptorType.OperationConvolutionForward, x, w, y, new Window(0, 1, 1)), 0, out nint plan);
        ulong dy = bench.Driver.Allocate(1);
        Expect(bench.Execute(plan, bench.Upload([1.001f, 3], CudnnDataType.Bfloat16), bench.Upload([2, 0.5f], CudnnDataType.Bfloat16), dy, bench.Driver.Allocate(256)));
        Assert.That(bench.Download(dy, 1)[0], Is.EqualTo(3.5f), "1.001 is 1 in bfloat16");
        bench.Driver.Device.Log.ThrowIfAny();
    }

    [Test]
    public void Engines_differ_in_notes_and_numbers()
    {
        using var bench = new CudnnBench();
        Tensor one = Tensor.ChannelsLast(1, 1, 1, 1);
        nint graph = bench.NewGraph(CudnnDescriptorType.OperationConvolutionForward, one, one, one, new Window(0, 1, 1));
        nint heuristics = bench.New(CudnnDescriptorType.EngineHeuristics);
        bench.Set(heuristics, CudnnAttribute.EngineHeuristicsOperationGraph, CudnnAttributeType.BackendDescriptor, graph);
        bench.Set(heuristics, CudnnAttribute.EngineHeuristicsMode, CudnnAttributeType.HeuristicMode, CudnnHeuristicMode.A);
        bench.Finish(heuristics);
        Expect(bench.Cudnn.BackendGetAttribute(heuristics, CudnnAttribute.EngineHeuristicsResults, CudnnAttributeType.BackendDescriptor, 0, out long count, null));
        nint[] configs = [.. Enumerable.Range(0, (int)count).Select(_ => bench.New(CudnnDescriptorType.EngineConfig))];
        fixed (nint* handles = configs)
        {
            Expect(bench.Cudnn.BackendGetAttribute(heuristics, CudnnAttribute.EngineHeuristicsResults, CudnnAttributeType.BackendDescriptor, count, out _, handles));
        }

        var notes = new List<CudnnNumericalNote>();
        CudnnNumericalNote* found = stackalloc CudnnNumericalNote[8];
        foreach (nint config in configs)
        {
            nint engine = bench.New(CudnnDescriptorType.Engine);
            Expect(bench.Cudnn.BackendGetAttribute(config, CudnnAttribute.EngineConfigEngine, CudnnAttributeType.BackendDescriptor, 1, out _, &engine));
            Expect(bench.Cudnn.BackendGetAttribute(engine, CudnnAttribute.EngineNumericalNotes, CudnnAttributeType.NumericalNote, 8, out long returned, found));
            notes.AddRange(new ReadOnlySpan<CudnnNumericalNote>(found, (int)returned));
        }

        Assert.That(notes, Does.Contain(CudnnNumericalNote.TensorCore).And.Contain(CudnnNumericalNote.Nondeterministic).And.Contain(CudnnNumericalNote.Winograd));
        Assert.That(bench.TryPlan(graph, 4, out _), Is.EqualTo(CudnnStatus.NotSupported), "some engines that are named can't do the work");
        Assert.That(Product(1), Is.EqualTo(1f), "tensor cores round to 10 bits");
        Assert.That(Product(0), Is.EqualTo(1.0001f), "the exact engine does not");
        bench.Driver.Device.Log.ThrowIfAny();

        float Product(long engine)
        {
            Expect(bench.TryPlan(graph, engine, out nint plan));
            ulong y = bench.Driver.Allocate(1);
            Expect(bench.Execute(plan, bench.Upload([1.0001f]), bench.Upload([1]), y, bench.Driver.Allocate(1 << 15)));
            return bench.Download(y, 1)[0];
        }
    }

    [Test]
    public void A_wrong_stride_leaves_the_buffer()
    {
        using var bench = new CudnnBench();
        Tensor x = Tensor.ChannelsLast(1, 2, 4, 4), w = Tensor.ChannelsLast(3, 2, 1, 1), right = Tensor.ChannelsLast(1, 3, 4, 4);
        Tensor wrong = right with { Strides = [64, 1, 16, 4] };
        ulong dx = bench.Upload(Values(32, 1)), dw = bench.Upload(Values(6, 2)), dy = bench.Driver.Allocate(48), workspace = bench.Driver.Allocate(256);
        foreach ((Tensor y, int faults) in new[] { (right, 0), (wrong, 1) })
        {
            Expect(bench.TryPlan(bench.NewGraph(CudnnDescriptorType.OperationConvolutionForward, x, w, y, new Window(0, 1, 1)), 0, out nint plan));
            Expect(bench.Execute(plan, dx, dw, dy, workspace));
            bench.Driver.Driver.StreamSynchronize(bench.Driver.Stream);
            Assert.That(bench.Driver.Kinds, Is.EqualTo(Enumerable.Repeat(FindingKind.OutOfBounds, faults)));
        }
    }

    [Test]
    public void An_input_that_nobody_wrote_is_found()
    {
        using var bench = new CudnnBench();
        Tensor one = Tensor.ChannelsLast(1, 1, 1, 1);
        bench.TryPlan(bench.NewGraph(CudnnDescriptorType.OperationConvolutionForward, one, one, one, new Window(0, 1, 1)), 0, out nint plan);
        ulong y = bench.Driver.Allocate(1);
        Expect(bench.Execute(plan, bench.Driver.Allocate(1), bench.Upload([1]), y, bench.Driver.Allocate(256)));
        DriverBench.Expect(bench.Driver.Driver.CtxSynchronize());
        Assert.That(bench.Driver.Device.Log.Findings.Single().ToString(), Does.StartWith("UninitializedRead in cudnnBackendExecute, convolution: reads the input"));
    }

    [Test]
    public void Misuse_of_descriptors_is_refused_with_words()
    {
        using var bench = new CudnnBench();
        Tensor tensor = Tensor.ChannelsLast(1, 2, 3, 3);
        nint finished = bench.NewTensor(1, tensor), open = bench.NewTensor(2, tensor), empty = bench.New(CudnnDescriptorType.Tensor), operation = bench.New(CudnnDescriptorType.OperationConvolutionForward);
        bench.Finish(finished);
        var faults = new (Func<CudnnStatus> Call, string Words)[]
        {
            (() => bench.TrySet(finished, CudnnAttribute.TensorUniqueId, CudnnAttributeType.Int64, 5L), "after the descriptor Tensor was finalized"),
            (() => bench.TrySet(open, CudnnAttribute.TensorUniqueId, CudnnAttributeType.Float, 5f), "not 1 of type Float"),
            (() => bench.TrySet(open, CudnnAttribute.TensorUniqueId, CudnnAttributeType.Int64, 5L, 6L), "not 2 of type Int64"),
            (() => bench.TrySet(open, CudnnAttribute.ForwardAlpha, CudnnAttributeType.Float, 5f), "has no attribute ForwardAlpha"),
            (() => bench.TrySet(operation, CudnnAttribute.ForwardInput, CudnnAttributeType.BackendDescriptor, open), "that is not finalized"),
            (() => bench.TrySet(operation, CudnnAttribute.ForwardConvolution, CudnnAttributeType.BackendDescriptor, finished), "not Convolution"),
            (() => bench.TrySet(operation, CudnnAttribute.ForwardInput, CudnnAttributeType.BackendDescriptor, (nint)1), "destroyed, or is none"),
            (() => bench.Cudnn.BackendFinalize(empty), "is not set"),
            (() => bench.Cudnn.BackendFinalize(finished), "was finalized before"),
            (() => bench.Cudnn.BackendFinalize(bench.NewTensor(1, tensor with { Strides = [18, 1, 3, 2] })), "let elements overlap"),
            (() => bench.Cudnn.BackendFinalize(bench.NewTensor(1, tensor with { Sizes = [1, 2, 0, 3] })), "are positive"),
            (() => bench.Cudnn.BackendFinalize(bench.NewTensor(1, tensor, alignment: 3)), "3 is no alignment"),
            (() => bench.Cudnn.BackendFinalize(bench.NewWindow(new Window(0, 0, 1))), "strides 1 or more"),
            (() => bench.Cudnn.BackendGetAttribute(open, CudnnAttribute.TensorUniqueId, CudnnAttributeType.Int64, 0, out _, null), "before it is finalized"),
            (() => bench.Cudnn.BackendDestroyDescriptor(7), "destroyed before"),
        };
        byte* message = stackalloc byte[500];
        foreach ((Func<CudnnStatus> call, string words) in faults)
        {
            bench.Driver.Device.Log.Clear();
            Expect(call(), CudnnStatus.BadParam);
            Assert.That(bench.Driver.Device.Log.Findings.Single().Problem, Does.Contain(words));
            bench.Cudnn.GetLastErrorString(message, 500);
            Assert.That(System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)message), Does.Contain(words));
        }
    }

    [Test]
    public void Tensors_of_an_operation_must_fit()
    {
        using var bench = new CudnnBench();
        Tensor x = Tensor.ChannelsLast(1, 2, 4, 4), w = Tensor.ChannelsLast(3, 2, 3, 3), y = Tensor.ChannelsLast(1, 3, 3, 4);
        Assert.Throws<AssertionException>(() => bench.NewGraph(CudnnDescriptorType.OperationConvolutionForward, x, w, y, Windows[0]));
        Assert.That(bench.Driver.Device.Log.Findings.Single().Problem, Does.Contain("give an output 1x3x4x4, not 1x3x3x4"));
    }

    [Test]
    public void Plans_need_aligned_pointers_for_all_tensors_and_a_workspace()
    {
        using var bench = new CudnnBench();
        Tensor one = Tensor.ChannelsLast(1, 1, 1, 1);
        Expect(bench.TryPlan(bench.NewGraph(CudnnDescriptorType.OperationConvolutionForward, one, one, one, new Window(0, 1, 1)), 0, out nint plan));
        long bytes = 0;
        Expect(bench.Cudnn.BackendGetAttribute(plan, CudnnAttribute.ExecutionPlanWorkspaceSize, CudnnAttributeType.Int64, 1, out _, &bytes));
        ulong x = bench.Upload([1, 2, 3, 4, 5]), y = bench.Driver.Allocate(1), workspace = bench.Driver.Allocate((int)bytes / 4);
        Expect(bench.Execute(plan, x, x, y, workspace));
        bench.Driver.Device.Log.ThrowIfAny();
        Expect(bench.Execute(plan, x + 4, x, y, workspace), CudnnStatus.BadParam);
        Expect(bench.Execute(plan, x, x, y, 0), CudnnStatus.BadParam);
        Expect(bench.Execute(plan, x, x, y, workspace, 1, 2, 9), CudnnStatus.BadParam);
        Assert.That(bench.Driver.Kinds, Is.All.EqualTo(FindingKind.InvalidCall));
        bench.Driver.Device.Log.Clear();
        Expect(bench.Execute(plan, x, x, y, workspace + 16));
        bench.Driver.Driver.CtxSynchronize();
        Assert.That(bench.Driver.Kinds, Is.EqualTo(new[] { FindingKind.OutOfBounds }), "a workspace that is too small is used all the same");
    }
}
