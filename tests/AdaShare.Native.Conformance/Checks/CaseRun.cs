using AdaShare.Native.Conformance.Catalogue;
using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Conformance.Checks;

/// <summary>What one execution of a case gave.</summary>
/// <param name="Outputs">The op's outputs, in order; those of a repeated execution follow one another.</param>
/// <param name="Differentiable">For each output whether a gradient flows through it.</param>
/// <param name="Gradients">For each input its gradient, or null where it gets none.</param>
public sealed record CaseResult(HostArray[] Outputs, bool[] Differentiable, HostArray?[] Gradients);

/// <summary>
/// Executes cases. A case's loss is the sum of its differentiable outputs, each weighted with fixed random numbers, so that every element of
/// every output has a say in the gradients.
/// </summary>
public static class CaseRun
{
    private const ulong WeightSeed = 4711;

    /// <summary>Runs a case forward and backward on inputs that belong to the step.</summary>
    /// <param name="opCase">The case.</param>
    /// <param name="backend">Where.</param>
    /// <param name="type">The floating type.</param>
    public static CaseResult WithWatchedInputs(OpCase opCase, Backend backend, DType type)
    {
        using var step = new Step(backend);
        Tensor[] inputs = Upload(opCase, step, type, opCase.Generate(), watch: true);
        return Execute(opCase, step, inputs, type, repetitions: 1);
    }

    /// <summary>
    /// Runs a case twice in one step on inputs that are parameters in a flat buffer: gradients are written at an offset the first time and added the second time.
    /// </summary>
    /// <remarks>Activations of bfloat16 are no parameters: they are watched, and filters and tables are parameters in single precision that are rounded.</remarks>
    public static CaseResult TwiceWithParameters(OpCase opCase, Backend backend, DType type)
    {
        bool rounds = type == DType.BFloat16;
        using var store = new ParameterStore();
        ParameterGroup group = store.Group("inputs");

        // A parameter before the inputs, so that none of them starts at the buffer's first element.
        group.Add("padding", new Shape(5), Initializers.Constant(double.NaN));
        Parameter?[] parameters = [.. opCase.Inputs.Select(input => input.IsDifferentiable && (!rounds || input.IsParameter || input.IsRounded) ? group.Add(input.Name, input.Shape, Initializers.Constant(0), input.IsFilter) : null)];
        store.Allocate(backend, type.ParameterType());
        using var step = new Step(backend);
        HostArray[] values = opCase.Generate();
        Tensor[] inputs = Upload(opCase, step, type, values, watch: false);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (parameters[i] is { } parameter)
            {
                parameter.Value.CopyFromDoubles(values[i].Values);
                step.Release(inputs[i]);
                inputs[i] = opCase.Inputs[i].IsRounded ? parameter.For(type) : parameter.Value;
            }
            else if (rounds && opCase.Inputs[i].IsDifferentiable)
            {
                step.Watch(inputs[i]);
            }
        }

        return Execute(opCase, step, inputs, type, repetitions: 2);
    }

    /// <summary>The terms whose sum is the case's loss, for given inputs, without recording gradients.</summary>
    /// <param name="opCase">The case.</param>
    /// <param name="backend">Where; computes in double precision.</param>
    /// <param name="values">The inputs' elements.</param>
    /// <param name="differentiable">Which outputs count, from a recorded run.</param>
    /// <returns>Every element of every output that counts, times its weight.</returns>
    public static double[] LossTerms(OpCase opCase, Backend backend, HostArray[] values, bool[] differentiable)
    {
        using var step = new Step(backend, recordGradients: false);
        Tensor[] outputs = opCase.Run(step, Upload(opCase, step, DType.Float64, values, watch: false), DType.Float64);
        return [.. outputs.SelectMany((output, i) => differentiable[i] ? output.ToDoubles().Zip(Weights(opCase, i, output.Count), static (y, w) => y * w) : [])];
    }

    /// <summary>The numbers with which an output is weighted in the loss, of magnitude 0.5 to 1.5.</summary>
    private static double[] Weights(OpCase opCase, int output, long count)
    {
        RandomStream stream = RandomStream.For(WeightSeed, opCase.FullName, output);
        var weights = new double[count];
        for (int i = 0; i < weights.Length; i++)
        {
            double magnitude = (float)(0.5 + stream.UniformDouble((ulong)i));
            weights[i] = (stream.Word((ulong)i) & 1) == 0 ? magnitude : -magnitude;
        }

        return weights;
    }

    private static Tensor[] Upload(OpCase opCase, Step step, DType type, HostArray[] values, bool watch)
    {
        var inputs = new Tensor[values.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            OpInput input = opCase.Inputs[i];
            DType floating = input.IsParameter ? type.ParameterType() : type;
            inputs[i] = input.Type switch
            {
                DType.Int32 => step.FromHost<int>(input.Shape, Array.ConvertAll(values[i].Values, static v => (int)v)),
                DType.UInt8 => step.FromHost<byte>(input.Shape, Array.ConvertAll(values[i].Values, static v => (byte)v)),
                null when input.IsFilter => step.Filter(input.Shape, type, values[i].Values),
                null => step.FromDoubles(input.Shape, floating, values[i].Values),
                _ => throw new ArgumentException($"{opCase}: input {input.Name} names {input.Type}; leave floating inputs' type open", nameof(opCase)),
            };
            if (watch && input.IsDifferentiable)
            {
                step.Watch(inputs[i]);
            }
        }

        return inputs;
    }

    private static CaseResult Execute(OpCase opCase, Step step, Tensor[] inputs, DType type, int repetitions)
    {
        var outputs = new List<HostArray>();
        var differentiable = new List<bool>();
        List<Tensor> unread = [.. inputs];
        Tensor? loss = null;
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            Tensor[] results = opCase.Run(step, inputs, type);
            for (int i = 0; i < results.Length; i++)
            {
                outputs.Add(new HostArray(results[i].Shape, results[i].ToDoubles()));
                differentiable.Add(results[i].RequiresGradient);
                if (results[i].RequiresGradient)
                {
                    Tensor weights = step.FromDoubles(results[i].Shape, results[i].DType, Weights(opCase, i, results[i].Count));
                    Tensor part = step.Sum(step.Multiply(results[i], weights));
                    loss = loss is null ? part : step.Add(loss, part);
                }
            }

            unread.AddRange(results);
        }

        // Nobody but backward rules reads these any more: a rule that has not saved what it reads finds the memory gone.
        unread.ForEach(step.Release);
        if (loss is not null)
        {
            step.Backward(loss);
        }

        return new CaseResult([.. outputs], [.. differentiable], [.. inputs.Select(input => Gradient(step, input))]);
    }

    private static HostArray? Gradient(Step step, Tensor input) =>
        input.RequiresGradient && step.GradientOf(input) is { } gradient ? new HostArray(gradient.Shape, gradient.ToDoubles()) : null;
}
