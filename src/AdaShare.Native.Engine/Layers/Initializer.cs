using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>Fills a parameter's values, given in PyTorch's order.</summary>
/// <param name="values">Receives the values.</param>
/// <param name="shape">The parameter's shape.</param>
/// <param name="stream">Random numbers of the parameter's own.</param>
public delegate void Initializer(Span<double> values, Shape shape, RandomStream stream);

/// <summary>The initialisers of PyTorch's layers.</summary>
public static class Initializers
{
    /// <summary>Every element the same.</summary>
    public static Initializer Constant(double value) => (values, _, _) => values.Fill(value);

    /// <summary>Normal with a mean and a standard deviation (<c>nn.init.normal_</c>).</summary>
    public static Initializer Normal(double mean, double deviation) => (values, _, stream) =>
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = mean + (deviation * stream.Normal((ulong)i));
        }
    };

    /// <summary>Uniform in [-bound, bound) (<c>nn.init.uniform_</c>).</summary>
    public static Initializer Uniform(double bound) => (values, _, stream) =>
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = bound * ((2 * stream.UniformDouble((ulong)i)) - 1);
        }
    };

    /// <summary>
    /// PyTorch's default for Conv2d and Linear weights, <c>kaiming_uniform_(a=sqrt(5))</c>: uniform within 1 / sqrt(fan-in), where the fan-in is
    /// the elements of one output.
    /// </summary>
    public static Initializer KaimingUniformDefault { get; } = (values, shape, stream) =>
        Uniform(1.0 / Math.Sqrt((double)shape.Count / shape[0]))(values, shape, stream);
}
