using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Bench.Cases;

/// <summary>One direction of one convolution, output allocation and filter packing included.</summary>
internal sealed class ConvolutionCase : BenchCase
{
    private readonly Backend _backend;
    private readonly Step _inputs;
    private readonly Conv2dGeometry _geometry;
    private readonly string _direction;
    private readonly Tensor _input;
    private readonly Tensor _filter;
    private readonly Tensor _gradOutput;

    /// <summary>Makes the operands.</summary>
    /// <param name="name">The case's name, from which the numbers follow.</param>
    /// <param name="backend">Where to compute.</param>
    /// <param name="shape">A name of <see cref="Geometry"/>.</param>
    /// <param name="direction"><c>forward</c>, <c>data</c> or <c>filter</c>.</param>
    public ConvolutionCase(string name, Backend backend, string shape, string direction)
    {
        if (direction is not ("forward" or "data" or "filter"))
        {
            throw new ArgumentException($"the direction {direction} is not one of forward, data, filter");
        }

        _backend = backend;
        _direction = direction;
        _geometry = Geometry(shape);
        _inputs = new Step(backend, recordGradients: false);
        _input = _inputs.FromHost<float>(InputShape, Symmetric(name + "/input", InputShape.Count));
        _filter = _inputs.NewFilter(FilterShape, DType.Float32);
        _filter.CopyFrom<float>(Symmetric(name + "/filter", FilterShape.Count));
        _gradOutput = _inputs.FromHost<float>(OutputShape, Symmetric(name + "/gradient", OutputShape.Count));
    }

    private Shape InputShape => new(_geometry.Batch, _geometry.InputHeight, _geometry.InputWidth, _geometry.InputChannels);

    private Shape OutputShape => new(_geometry.Batch, _geometry.OutputHeight, _geometry.OutputWidth, _geometry.OutputChannels);

    private Shape FilterShape => new(_geometry.OutputChannels, _geometry.InputChannels, _geometry.KernelHeight, _geometry.KernelWidth);

    /// <inheritdoc/>
    public override void Run()
    {
        using var step = new Step(_backend, recordGradients: false);
        Compute(step);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, float[] Values)> Results()
    {
        using var step = new Step(_backend, recordGradients: false);
        yield return (_direction, Compute(step).ToArray<float>());
    }

    /// <inheritdoc/>
    public override void Dispose() => _inputs.Dispose();

    // Batch, channels, height and width of the input; filters, kernel, stride, padding, dilation.
    private static Conv2dGeometry Geometry(string shape) => shape switch
    {
        "r64" => Of(8, 64, 32, 64, 3, 1, 1, 1),
        "r128" => Of(8, 128, 16, 128, 3, 1, 1, 1),
        "r256d2" => Of(8, 256, 16, 256, 3, 1, 2, 2),
        "r512d4" => Of(4, 512, 16, 512, 3, 1, 4, 4),
        "h512d12" => Of(4, 512, 16, 1024, 3, 1, 12, 12),
        "h512d6" => Of(4, 512, 16, 1024, 3, 1, 6, 6),
        "p1024" => Of(4, 1024, 16, 1024, 1, 1, 0, 1),
        "stem7" => Of(8, 3, 128, 64, 7, 2, 3, 1),
        "s2_64_128" => Of(8, 64, 32, 128, 3, 2, 1, 1),
        _ => throw new ArgumentException($"there is no convolution {shape}"),
    };

    private static Conv2dGeometry Of(int batch, int inputs, int size, int outputs, int kernel, int stride, int padding, int dilation) =>
        Conv2dGeometry.Of(new Shape(batch, size, size, inputs), new Shape(outputs, inputs, kernel, kernel), new Conv2dOptions(stride, padding, dilation));

    private Tensor Compute(Step step)
    {
        switch (_direction)
        {
            case "forward":
                return step.Conv2d(_input, _filter, null, _geometry.Options);
            case "data":
                Tensor gradInput = step.New(InputShape, DType.Float32);
                _backend.Convolution.BackwardInput(_geometry, _gradOutput, _filter, gradInput, accumulate: false);
                return gradInput;
            default:
                Tensor gradFilter = step.NewFilter(FilterShape, DType.Float32);
                _backend.Convolution.BackwardFilter(_geometry, _input, _gradOutput, gradFilter, accumulate: false);
                return gradFilter;
        }
    }
}
