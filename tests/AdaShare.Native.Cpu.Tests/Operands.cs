using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Cpu.Tests;

/// <summary>The tensors of one convolution with random content, targets full of NaN, memory poisoned, and the definition in double precision.</summary>
internal sealed class Operands : IDisposable
{
    private readonly Conv2dGeometry _g;
    private ulong _stream;

    public Operands(DType type, Conv2dGeometry g, int threads = 2, VectorWidth vectors = VectorWidth.Auto, NumericsMode numerics = NumericsMode.Exact)
    {
        _g = g;
        Backend = new CpuBackend(new CpuBackendOptions { Threads = threads, VectorWidth = vectors, PoisonMemory = true, Numerics = numerics });
        var filter = new Shape(g.OutputChannels, g.InputChannels, g.KernelHeight, g.KernelWidth);
        Input = Random(new Shape(g.Batch, g.InputHeight, g.InputWidth, g.InputChannels), type);
        Filter = AsFilter(Random(filter, type));
        Bias = Random(new Shape(g.OutputChannels), type);
        GradOutput = Random(new Shape(g.Batch, g.OutputHeight, g.OutputWidth, g.OutputChannels), type);
        Output = Tensor.Allocate(Backend, GradOutput.Shape, type);
        GradInput = Tensor.Allocate(Backend, Input.Shape, type);
        GradFilter = AsFilter(Tensor.Allocate(Backend, filter, type));
    }

    public CpuBackend Backend { get; }

    public Tensor Input { get; }

    public Tensor Filter { get; }

    public Tensor Bias { get; }

    public Tensor Output { get; }

    public Tensor GradOutput { get; }

    public Tensor GradInput { get; }

    public Tensor GradFilter { get; }

    /// <summary>Releases the tensors, at which the allocator checks that nothing wrote past their ends.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in new[] { Input, Filter, Bias, Output, GradOutput, GradInput, GradFilter })
        {
            tensor.Storage.Release();
        }

        Backend.Dispose();
    }

    public double[] NaiveForward(bool bias)
    {
        double[] x = Input.ToDoubles(), w = Filter.ToDoubles(), b = Bias.ToDoubles(), y = new double[Output.Count];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = bias ? b[i % _g.OutputChannels] : 0;
        }

        ForEach((i, f, o) => y[o] += x[i] * w[f]);
        return y;
    }

    public double[] NaiveBackwardInput()
    {
        double[] w = Filter.ToDoubles(), dy = GradOutput.ToDoubles(), dx = new double[Input.Count];
        ForEach((i, f, o) => dx[i] += dy[o] * w[f]);
        return dx;
    }

    public double[] NaiveBackwardFilter()
    {
        double[] x = Input.ToDoubles(), dy = GradOutput.ToDoubles(), dw = new double[Filter.Count];
        ForEach((i, f, o) => dw[f] += dy[o] * x[i]);
        return dw;
    }

    /// <summary>Calls with the indices of input, filter (in PyTorch's order) and output of every product that the definition names.</summary>
    private void ForEach(Action<int, int, int> product)
    {
        Conv2dOptions o = _g.Options;
        for (int pixel = 0; pixel < _g.Batch * _g.OutputHeight * _g.OutputWidth; pixel++)
        {
            int x = pixel % _g.OutputWidth, y = pixel / _g.OutputWidth % _g.OutputHeight, n = pixel / (_g.OutputWidth * _g.OutputHeight);
            for (int tap = 0; tap < _g.KernelHeight * _g.KernelWidth; tap++)
            {
                int iy = (y * o.StrideHeight) - o.PadHeight + (tap / _g.KernelWidth * o.DilationHeight);
                int ix = (x * o.StrideWidth) - o.PadWidth + (tap % _g.KernelWidth * o.DilationWidth);
                if (iy < 0 || ix < 0 || iy >= _g.InputHeight || ix >= _g.InputWidth)
                {
                    continue;
                }

                int source = ((((n * _g.InputHeight) + iy) * _g.InputWidth) + ix) * _g.InputChannels;
                for (int oc = 0; oc < _g.OutputChannels; oc++)
                {
                    for (int ic = 0; ic < _g.InputChannels; ic++)
                    {
                        product(source + ic, (((oc * _g.InputChannels) + ic) * _g.KernelHeight * _g.KernelWidth) + tap, (pixel * _g.OutputChannels) + oc);
                    }
                }
            }
        }
    }

    private static Tensor AsFilter(Tensor tensor)
    {
        double[] values = tensor.ToDoubles();
        Tensor filter = tensor.Part(0, tensor.Shape, isFilter: true);
        filter.CopyFromDoubles(values);
        return filter;
    }

    private Tensor Random(Shape shape, DType type)
    {
        var stream = RandomStream.For(7, "operands", (long)_stream++);
        var values = new double[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = stream.Uniform((ulong)i) - 0.5;
        }

        Tensor tensor = Tensor.Allocate(Backend, shape, type);
        tensor.CopyFromDoubles(values);
        return tensor;
    }
}
