using System.Numerics;
using AdaShare.Native.Cpu.Memory;
using AdaShare.Native.Cpu.Numerics;
using AdaShare.Native.Cpu.Threading;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Kernels;

/// <summary>Convolution in one element type: keeps what depends on shapes alone, and chooses the algorithm.</summary>
/// <param name="threads">Where to compute.</param>
/// <param name="kernels">The micro-kernels.</param>
/// <param name="winograd">Whether single-precision 3x3 convolutions may go through <see cref="ConvolutionWinograd"/>.</param>
internal sealed unsafe class ConvolutionOf<T>(CpuThreads threads, MicroKernels<T> kernels, bool winograd) where T : unmanaged, INumberBase<T>
{
    // A model has a few dozen shapes; only data of ever-changing size reaches this many.
    private const int MaxPlans = 1024;

    // Below these sizes packing both operands of a matrix product costs more than it gains.
    private const int ProductChannels = 256;
    private const int ProductPixels = 512;

    private readonly WinogradKernels? _winograd = winograd ? new WinogradKernels(kernels.Vectors) : null;
    private readonly Dictionary<Conv2dGeometry, Prepared> _prepared = [];

    /// <summary>output = input * filter + bias.</summary>
    public void Forward(in Conv2dGeometry g, Tensor input, Tensor filter, Tensor? bias, Tensor output)
    {
        Prepared prepared = Of(g);
        if (prepared.HasFewChannels)
        {
            Windows(g, input).Forward(filter.Pointer<T>(), bias.PointerOrNull<T>(), output.Pointer<T>());
        }
        else if (prepared.Winograd is { } tiles)
        {
            Winograd(tiles).Run(input.Pointer<float>(), g.InputChannels, filter.Pointer<float>(), false, bias.PointerOrNull<float>(), output.Pointer<float>(), g.OutputChannels, accumulate: false);
        }
        else if (IsProduct(prepared.Plan, g.OutputChannels))
        {
            var left = MatrixView<T>.Of(input.Pointer<T>(), g.InputChannels, transpose: false);
            var right = MatrixView<T>.Of(filter.Pointer<T>(), g.OutputChannels, transpose: false);
            Product.Multiply(threads, kernels, prepared.Plan.OutputPixels, g.OutputChannels, g.InputChannels, left, right, bias.PointerOrNull<T>(), output.Pointer<T>(), accumulate: false);
        }
        else
        {
            new ConvolutionRows<T>
            {
                Threads = threads,
                Kernels = kernels,
                Schedule = prepared.Forward,
                TapCount = prepared.Plan.TapCount,
                Source = input.Pointer<T>(),
                SourceChannels = g.InputChannels,
                Filter = filter.Pointer<T>(),
                Transposed = false,
                Initial = bias.PointerOrNull<T>(),
                Target = output.Pointer<T>(),
                TargetChannels = g.OutputChannels,
                Accumulate = false,
            }.Run();
        }
    }

    /// <summary>gradInput (+)= the gradient of the input.</summary>
    public void BackwardInput(in Conv2dGeometry g, Tensor gradOutput, Tensor filter, Tensor gradInput, bool accumulate)
    {
        Prepared prepared = Of(g);
        if (prepared.Winograd is { } tiles)
        {
            Winograd(tiles).Run(gradOutput.Pointer<float>(), g.OutputChannels, filter.Pointer<float>(), true, null, gradInput.Pointer<float>(), g.InputChannels, accumulate);
            return;
        }

        if (IsProduct(prepared.Plan, g.InputChannels))
        {
            var left = MatrixView<T>.Of(gradOutput.Pointer<T>(), g.OutputChannels, transpose: false);
            var right = MatrixView<T>.Of(filter.Pointer<T>(), g.OutputChannels, transpose: true);
            Product.Multiply(threads, kernels, prepared.Plan.InputPixels, g.InputChannels, g.OutputChannels, left, right, null, gradInput.Pointer<T>(), accumulate);
            return;
        }

        new ConvolutionRows<T>
        {
            Threads = threads,
            Kernels = kernels,
            Schedule = prepared.Backward,
            TapCount = prepared.Plan.TapCount,
            Source = gradOutput.Pointer<T>(),
            SourceChannels = g.OutputChannels,
            Filter = filter.Pointer<T>(),
            Transposed = true,
            Initial = null,
            Target = gradInput.Pointer<T>(),
            TargetChannels = g.InputChannels,
            Accumulate = accumulate,
        }.Run();
    }

    /// <summary>gradFilter (+)= the gradient of the filter.</summary>
    public void BackwardFilter(in Conv2dGeometry g, Tensor input, Tensor gradOutput, Tensor gradFilter, bool accumulate)
    {
        Prepared prepared = Of(g);
        if (prepared.HasFewChannels)
        {
            Windows(g, input).BackwardFilter(gradOutput.Pointer<T>(), gradFilter.Pointer<T>(), accumulate);
            return;
        }

        if (prepared.Winograd is { } tiles)
        {
            new ConvolutionWinogradFilter
            {
                Convolution = Winograd(tiles),
                Input = input.Pointer<float>(),
                InputChannels = g.InputChannels,
                GradOutput = gradOutput.Pointer<float>(),
                OutputChannels = g.OutputChannels,
                GradFilter = gradFilter.Pointer<float>(),
                Accumulate = accumulate,
            }.Run();
            return;
        }

        new ConvolutionFilterGradient<T>
        {
            Threads = threads,
            Kernels = kernels,
            Runs = prepared.Plan.Runs,
            Items = prepared.FilterItems,
            StrideWidth = g.Options.StrideWidth,
            Input = input.Pointer<T>(),
            InputPixels = prepared.Plan.InputPixels,
            InputChannels = g.InputChannels,
            GradOutput = gradOutput.Pointer<T>(),
            OutputPixels = prepared.Plan.OutputPixels,
            OutputChannels = g.OutputChannels,
            GradFilter = gradFilter.Pointer<T>(),
            Accumulate = accumulate,
        }.Run();
    }

    private static bool IsProduct(ConvolutionPlan plan, int channels) => plan.IsPointwise && channels >= ProductChannels && plan.InputPixels >= ProductPixels;

    private ConvolutionWindows<T> Windows(in Conv2dGeometry g, Tensor input) => new() { Threads = threads, Kernels = kernels, Geometry = g, Input = input.Pointer<T>() };

    private ConvolutionWinograd Winograd(WinogradPlan tiles) => new() { Threads = threads, Kernels = _winograd!, Plan = tiles };

    private Prepared Of(in Conv2dGeometry g)
    {
        if (!_prepared.TryGetValue(g, out Prepared? prepared))
        {
            if (_prepared.Count == MaxPlans)
            {
                _prepared.Clear();
            }

            prepared = new Prepared(new ConvolutionPlan(g), kernels, threads.Count, winograd);
            _prepared.Add(g, prepared);
        }

        return prepared;
    }

    /// <summary>A plan with the work cut for this element type and number of threads.</summary>
    private sealed class Prepared(ConvolutionPlan plan, MicroKernels<T> kernels, int threads, bool winograd)
    {
        private RowSchedule? _forward;
        private RowSchedule? _backward;
        private FilterItem[]? _filterItems;

        public ConvolutionPlan Plan => plan;

        /// <summary>The tiles, where Winograd's algorithm may be used and pays.</summary>
        public WinogradPlan? Winograd { get; } = winograd ? PlanWinograd(plan) : null;

        public bool HasFewChannels => plan.Geometry.InputChannels < ConvolutionWindows<T>.ChannelLimit && plan.TapCount > 1;

        public RowSchedule Forward => _forward ??= RowSchedule.Of(plan.Forward, kernels.Panels(plan.Geometry.OutputChannels), kernels.Height, threads);

        public RowSchedule Backward => _backward ??= RowSchedule.Of(plan.Backward, kernels.Panels(plan.Geometry.InputChannels), kernels.Height, threads);

        public FilterItem[] FilterItems => _filterItems ??= FilterItem.Cut(plan.Runs, kernels.Panels(plan.Geometry.OutputChannels), threads);

        private static WinogradPlan? PlanWinograd(ConvolutionPlan plan)
        {
            if (!WinogradPlan.Fits(plan.Geometry))
            {
                return null;
            }

            var candidate = new WinogradPlan(plan.Geometry);
            return candidate.Pays(plan.Runs) ? candidate : null;
        }
    }
}
