using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Layers;

/// <summary>How a parameter starts: gives the function from an element's position, in PyTorch's order, to its value. The function is called from several threads at once.</summary>
/// <param name="shape">The parameter's shape.</param>
/// <param name="stream">Random numbers of the parameter's own.</param>
public delegate Func<long, double> Initializer(Shape shape, RandomStream stream);

/// <summary>The initialisers of PyTorch's layers.</summary>
public static class Initializers
{
    /// <summary>Every element the same.</summary>
    public static Initializer Constant(double value) => (_, _) => _ => value;

    /// <summary>Normal with a mean and a standard deviation (<c>nn.init.normal_</c>).</summary>
    public static Initializer Normal(double mean, double deviation) => (_, stream) => i => mean + (deviation * stream.Normal((ulong)i));

    /// <summary>Uniform in [-bound, bound) (<c>nn.init.uniform_</c>).</summary>
    public static Initializer Uniform(double bound) => (_, stream) => i => bound * ((2 * stream.UniformDouble((ulong)i)) - 1);

    /// <summary>
    /// PyTorch's default for Conv2d and Linear weights, <c>kaiming_uniform_(a=sqrt(5))</c>: uniform within 1 / sqrt(fan-in), where the fan-in is
    /// the elements of one output.
    /// </summary>
    public static Initializer KaimingUniformDefault { get; } = (shape, stream) => Uniform(1.0 / Math.Sqrt((double)shape.Count / shape[0]))(shape, stream);
}
