using System.Numerics;
using AdaShare.Native.Cuda.Interop;
using AdaShare.Native.CudaSimulation.Driver;

namespace AdaShare.Native.CudaSimulation.Cudnn;

/// <summary>
/// A convolution computed from the descriptors as they were set: every output from its definition, summed in double precision.
/// </summary>
internal sealed class ConvolutionWork
{
    private readonly OperationAttributes _names;
    private readonly TensorView _input;
    private readonly TensorView _filter;
    private readonly TensorView _output;
    private readonly long[] _padding;
    private readonly long[] _stride;
    private readonly long[] _dilation;
    private readonly bool _isFlipped;
    private readonly float _alpha;
    private readonly float _beta;
    private readonly SimulatedEngine _engine;

    public ConvolutionWork(BackendDescriptor operation, SimulatedEngine engine)
    {
        _engine = engine;
        _names = OperationAttributes.Of(operation.Type)!;
        _input = new TensorView(operation.Descriptor(_names.Input));
        _filter = new TensorView(operation.Descriptor(_names.Filter));
        _output = new TensorView(operation.Descriptor(_names.Output));
        BackendDescriptor window = operation.Descriptor(_names.Convolution);
        _padding = window.Longs(CudnnAttribute.ConvolutionPrePaddings);
        _stride = window.Longs(CudnnAttribute.ConvolutionFilterStrides);
        _dilation = window.Longs(CudnnAttribute.ConvolutionDilations);
        _isFlipped = window.Int(CudnnAttribute.ConvolutionMode) == (int)CudnnConvolutionMode.Convolution;
        _alpha = operation.Float(_names.Alpha);
        _beta = operation.Float(_names.Beta);
    }

    /// <summary>What findings call it.</summary>
    public string Name => _names.Type switch
    {
        CudnnDescriptorType.OperationConvolutionForward => "cudnnBackendExecute, convolution",
        CudnnDescriptorType.OperationConvolutionBackwardData => "cudnnBackendExecute, gradient of a convolution's input",
        _ => "cudnnBackendExecute, gradient of a convolution's filter",
    };

    /// <summary>The tensors that the variant pack must have pointers for.</summary>
    public IReadOnlyList<TensorView> Tensors => [_input, _filter, _output];

    /// <summary>Runs it on the pointers, by the tensors' identifiers.</summary>
    public void Run(WorkContext context, IReadOnlyDictionary<long, ulong> pointers, ulong workspace)
    {
        var access = new RangeAccess(context);
        if (_engine.WorkspaceBytes > 0)
        {
            access.Write(workspace, _engine.WorkspaceBytes, "the workspace").Fill(0xFF);
        }

        (TensorView result, string name) = _names.Type switch
        {
            CudnnDescriptorType.OperationConvolutionForward => (_output, "the output"),
            CudnnDescriptorType.OperationConvolutionBackwardData => (_input, "the input's gradient"),
            _ => (_filter, "the filter's gradient"),
        };
        double[] x = result == _input ? new double[_input.Count] : Operand(_input, access, pointers, "the input");
        double[] w = result == _filter ? new double[_filter.Count] : Operand(_filter, access, pointers, "the filter");
        double[] y = result == _output ? new double[_output.Count] : Operand(_output, access, pointers, "the output's gradient");
        double[] sums = result == _output ? y : result == _input ? x : w;
        Accumulate(x, w, y, result);
        double[]? before = _beta != 0 ? result.Read(access, pointers[result.Id], name) : null;
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = (_alpha * sums[i]) + (before is null ? 0 : _beta * before[i]);
        }

        result.Write(access, pointers[result.Id], sums, name);
    }

    private double[] Operand(TensorView tensor, RangeAccess access, IReadOnlyDictionary<long, ulong> pointers, string what)
    {
        double[] values = tensor.Read(access, pointers[tensor.Id], what);
        if (_engine == SimulatedEngine.TensorCore && !tensor.IsBfloat16)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Precision.ToTf32((float)values[i]);
            }
        }

        return values;
    }

    /// <summary>Walks all products: for each output place and tap, a matrix of channels.</summary>
    private void Accumulate(double[] x, double[] w, double[] y, TensorView result)
    {
        (int n, int c, int h, int width) = Four(_input);
        (int k, _, int r, int s) = Four(_filter);
        (_, _, int outputHeight, int outputWidth) = Four(_output);

        // Channels last, so that the inner loops run over neighbours: x [N, H, W, C], w [R, S, C, K], y [N, P, Q, K].
        double[] xl = ChannelsLast(x, n, c, h * width), wl = FilterLast(w, k, c, r * s), yl = ChannelsLast(y, n, k, outputHeight * outputWidth);
        for (int image = 0; image < n; image++)
        {
            for (int place = 0; place < outputHeight * outputWidth; place++)
            {
                int p = place / outputWidth, q = place % outputWidth;
                Span<double> outputs = yl.AsSpan(((image * outputHeight * outputWidth) + place) * k, k);
                for (int tap = 0; tap < r * s; tap++)
                {
                    long iy = (p * _stride[0]) - _padding[0] + ((_isFlipped ? r - 1 - (tap / s) : tap / s) * _dilation[0]);
                    long ix = (q * _stride[1]) - _padding[1] + ((_isFlipped ? s - 1 - (tap % s) : tap % s) * _dilation[1]);
                    if (iy >= 0 && iy < h && ix >= 0 && ix < width)
                    {
                        Span<double> inputs = xl.AsSpan((int)(((image * h) + iy) * width + ix) * c, c);
                        Taps(inputs, wl.AsSpan(tap * c * k, c * k), outputs, result);
                    }
                }
            }
        }

        if (result == _input)
        {
            FromChannelsLast(xl, x, n, c, h * width);
        }
        else if (result == _output)
        {
            FromChannelsLast(yl, y, n, k, outputHeight * outputWidth);
        }
        else
        {
            FromFilterLast(wl, w, k, c, r * s);
        }
    }

    private void Taps(Span<double> inputs, Span<double> filters, Span<double> outputs, TensorView result)
    {
        int k = outputs.Length;
        for (int i = 0; i < inputs.Length; i++)
        {
            Span<double> filter = filters.Slice(i * k, k);
            if (result == _output)
            {
                AddProduct(inputs[i], filter, outputs);
            }
            else if (result == _filter)
            {
                AddProduct(inputs[i], outputs, filter);
            }
            else
            {
                inputs[i] += Dot(filter, outputs);
            }
        }
    }

    private static void AddProduct(double factor, ReadOnlySpan<double> values, Span<double> sums)
    {
        int i = 0;
        var factors = new Vector<double>(factor);
        for (; i <= sums.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(sums[i..]) + (factors * new Vector<double>(values[i..]))).CopyTo(sums[i..]);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] += factor * values[i];
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static (int, int, int, int) Four(TensorView tensor) => ((int)tensor.Dimensions[0], (int)tensor.Dimensions[1], (int)tensor.Dimensions[2], (int)tensor.Dimensions[3]);

    private static double[] ChannelsLast(double[] values, int n, int c, int places)
    {
        var last = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            last[((i / (c * places) * places) + (i % places)) * c + (i / places % c)] = values[i];
        }

        return last;
    }

    private static void FromChannelsLast(double[] last, double[] values, int n, int c, int places)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = last[((i / (c * places) * places) + (i % places)) * c + (i / places % c)];
        }
    }

    private static double[] FilterLast(double[] values, int k, int c, int taps)
    {
        var last = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            last[(((i % taps) * c) + (i / taps % c)) * k + (i / (taps * c))] = values[i];
        }

        return last;
    }

    private static void FromFilterLast(double[] last, double[] values, int k, int c, int taps)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = last[(((i % taps) * c) + (i / taps % c)) * k + (i / (taps * c))];
        }
    }
}

/// <summary>Rounding of operands.</summary>
internal static class Precision
{
    /// <summary>The nearest number with 10 bits of mantissa, of two equally near ones the even one.</summary>
    public static float ToTf32(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsFinite(value) ? BitConverter.UInt32BitsToSingle((bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFFu) : value;
    }
}
