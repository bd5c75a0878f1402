using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Verification;

/// <summary>The formulas from which everything random in a golden run follows.</summary>
public static class GoldenFormula
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    /// <summary>Number i of a named sequence, in [0, 1): SplitMix64 started at the name's FNV-1a hash, 53 bits.</summary>
    public static double Uniform(string name, long i) => Uniform(RandomStream.Hash(name), i);

    /// <summary>The Gumbel noise of a step's task (from 1): -log(-log u) of the uniform numbers plus 2^-54.</summary>
    public static double[] Gumbel(int step, int task, int count)
    {
        ulong hash = RandomStream.Hash($"gumbel/step{step}/task{task}");
        var noise = new double[count];
        for (int i = 0; i < count; i++)
        {
            noise[i] = -Math.Log(-Math.Log(Uniform(hash, i) + Math.ScaleB(1, -54)));
        }

        return noise;
    }

    /// <summary>Sets every parameter and buffer of a model to the golden values, rounded to single precision.</summary>
    public static void Initialize(ParameterStore store)
    {
        foreach (Counter counter in store.Counters)
        {
            counter.Value = 0;
        }

        foreach (Parameter parameter in store.Parameters)
        {
            ulong hash = RandomStream.Hash(parameter.Name);
            (double offset, double scale) = Form(parameter);
            parameter.Fill(i => (float)(offset + (scale * ((2 * Uniform(hash, i)) - 1))));
        }
    }

    /// <summary>A value is offset + scale * s with s in [-1, 1).</summary>
    private static (double Offset, double Scale) Form(Parameter parameter)
    {
        Shape shape = parameter.Shape;
        string name = parameter.Name;
        return name.EndsWith(".running_mean", StringComparison.Ordinal) ? (0, 0)
            : name.EndsWith(".running_var", StringComparison.Ordinal) ? (1, 0)
            : name.EndsWith("_logits", StringComparison.Ordinal) ? (0.5, 0.1)
            : name.EndsWith(".bias", StringComparison.Ordinal) ? (0, 0.1)
            : shape.Rank == 4 ? (0, Math.Sqrt(3.0 / ((double)shape[1] * shape[2] * shape[3])))
            : (1, 0.1);
    }

    private static double Uniform(ulong hash, long i)
    {
        ulong z = hash + ((ulong)(i + 1) * Increment);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (z >> 11) * (1.0 / (1UL << 53));
    }
}
