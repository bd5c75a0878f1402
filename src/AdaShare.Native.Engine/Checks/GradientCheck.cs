using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Random;
using AdaShare.Native.Engine.Tensors;

namespace AdaShare.Native.Engine.Checks;

/// <summary>Holds the gradients of a function of tensors against central differences.</summary>
/// <remarks>PyTorch: <c>torch.autograd.gradcheck</c>.</remarks>
public static class GradientCheck
{
    /// <summary>
    /// Checks the gradient of every input: of single elements, along a direction through all of them, and that gradients add up where the function is used twice. What is differentiated is the sum of the output's
    /// elements, each with a random weight, so that every one has a say; differences are taken term by term and added up in double precision.
    /// </summary>
    /// <param name="backend">Where the function computes.</param>
    /// <param name="function">
    /// The function: from a step and the inputs, in their order, to an output of any shape and of the check's type. It is called several times for each element, and must do the same each time.
    /// </param>
    /// <param name="inputs">The inputs and their values.</param>
    /// <param name="options">How to check; the defaults if null.</param>
    /// <returns>What came of it; <see cref="GradientCheckReport.ThrowIfWrong"/> makes an error of it where a gradient is wrong.</returns>
    /// <exception cref="ShapeException">An input's values don't fit its shape, no input is checked, or the output depends on none that is.</exception>
    /// <exception cref="DeviceException">The backend does not compute in the type.</exception>
    public static GradientCheckReport Of(Backend backend, Func<Step, IReadOnlyList<Tensor>, Tensor> function, IReadOnlyList<GradientCheckInput> inputs, GradientCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        options ??= new GradientCheckOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.ElementsPerInput, nameof(options));
        DType type = TypeOf(backend, options.Type);
        CheckInputs(inputs);
        return new Run(backend, function, inputs, options, type).Report();
    }

    private static DType TypeOf(Backend backend, DType? asked)
    {
        DType type = asked ?? (backend.Supports(DType.Float64) ? DType.Float64 : DType.Float32);
        if (type is not (DType.Float32 or DType.Float64))
        {
            throw new ShapeException($"gradient check: it can't be done in {type}, in which differences are lost to rounding; use Float32 or Float64");
        }

        return backend.Supports(type) ? type : throw new DeviceException($"gradient check: {backend.Name} does not compute in {type}; use Float32");
    }

    private static void CheckInputs(IReadOnlyList<GradientCheckInput> inputs)
    {
        foreach (GradientCheckInput input in inputs)
        {
            if (input.Values.Count != input.Shape.Count)
            {
                throw new ShapeException($"gradient check: {input.Name} has shape {input.Shape} and {input.Values.Count} values; give {input.Shape.Count}");
            }
        }

        if (!inputs.Any(static input => input.IsMoved))
        {
            throw new ShapeException("gradient check: no input has a gradient to check; give one that is floating, has elements, and is not excluded by IsChecked");
        }
    }

    private sealed class Run(Backend backend, Func<Step, IReadOnlyList<Tensor>, Tensor> function, IReadOnlyList<GradientCheckInput> inputs, GradientCheckOptions options, DType type)
    {
        // Everything starts from numbers that the type has.
        private readonly double[][] _values = [.. inputs.Select(input => (double[])[.. input.Values.Select(value => type == DType.Float32 ? (float)value : value)])];

        public GradientCheckReport Report()
        {
            double[]?[] once = Gradients(uses: 1), twice = Gradients(uses: 2);
            CentralDifferenceSettings settings = options.For(type);
            int comparisons = 0;
            var failures = new List<GradientComparison>();
            for (int i = 0; i < inputs.Count; i++)
            {
                GradientComparison? worst = null;
                foreach (GradientComparison comparison in Compare(i, once[i], twice[i], settings))
                {
                    comparisons++;
                    worst = comparison.IsWrong && comparison.IsWorseThan(worst) ? comparison : worst;
                }

                if (worst is not null)
                {
                    failures.Add(worst);
                }
            }

            return new GradientCheckReport(comparisons, [.. failures.OrderByDescending(static failure => failure.Excess)]);
        }

        private IEnumerable<GradientComparison> Compare(int input, double[]? once, double[]? twice, CentralDifferenceSettings settings)
        {
            (string name, Shape shape, _) = inputs[input];
            if (!inputs[input].IsMoved)
            {
                return [];
            }

            if (once is null || twice is null)
            {
                return [new GradientComparison(name, shape, GradientComparisonKind.Arrival, -1, 0, 0, 0)];
            }

            var differences = new CentralDifferences(values => Terms(input, values), settings);
            return differences.Compare(name, shape, _values[input], once, RandomStream.For(options.Seed, "gradient check", input)).Concat(once.Select((gradient, i) => new GradientComparison(
                name, shape, GradientComparisonKind.Accumulation, i, twice[i], 2 * gradient, settings.AbsoluteTolerance + (settings.RelativeTolerance * Math.Abs(2 * gradient)))));
        }

        private double[]?[] Gradients(int uses)
        {
            using var step = new Step(backend);
            Tensor[] tensors = Upload(step, _values);
            for (int i = 0; i < tensors.Length; i++)
            {
                if (inputs[i].IsMoved)
                {
                    step.Watch(tensors[i]);
                }
            }

            Tensor? loss = null;
            for (int use = 0; use < uses; use++)
            {
                Tensor output = Output(step, tensors);
                Tensor sum = step.Sum(step.Multiply(output, step.FromDoubles(output.Shape, type, Weights(output.Count))));
                loss = loss is null ? sum : step.Add(loss, sum);
            }

            if (!loss!.RequiresGradient)
            {
                throw new ShapeException("gradient check: the output depends on no input that is checked by ops which are recorded; compute it by ops of the step that the function is given");
            }

            step.Backward(loss);
            return [.. tensors.Select((tensor, i) => inputs[i].IsMoved ? step.GradientOf(tensor)?.ToDoubles() : null)];
        }

        private double[] Terms(int input, double[] moved)
        {
            using var step = new Step(backend, recordGradients: false);
            Tensor output = Output(step, Upload(step, [.. _values.Select((values, i) => i == input ? moved : values)]));
            return [.. output.ToDoubles().Zip(Weights(output.Count), static (y, w) => y * w)];
        }

        private Tensor Output(Step step, Tensor[] tensors)
        {
            Tensor output = function(step, tensors) ?? throw new ShapeException("gradient check: the function returned null; return the output");
            return output.DType == type ? output : throw new ShapeException($"gradient check: the output is {output}, the check computes in {type}; cast it in the function, or choose the type by GradientCheckOptions.Type");
        }

        private Tensor[] Upload(Step step, double[][] values) => [.. inputs.Select((input, i) => input.Type switch
        {
            DType.Int32 => step.FromHost<int>(input.Shape, Array.ConvertAll(values[i], static v => (int)v)),
            DType.UInt8 => step.FromHost<byte>(input.Shape, Array.ConvertAll(values[i], static v => (byte)v)),
            null when input.IsFilter => step.Filter(input.Shape, type, values[i]),
            null => step.FromDoubles(input.Shape, type, values[i]),
            _ => throw new ShapeException($"gradient check: {input.Name} names {input.Type}; leave the type of floating inputs open, it is the check's"),
        })];

        /// <summary>Of magnitude 0.5 to 1.5, and of either sign.</summary>
        private double[] Weights(long count)
        {
            RandomStream stream = RandomStream.For(options.Seed, "gradient check weights", 0);
            return [.. Enumerable.Range(0, checked((int)count)).Select(i =>
            {
                double magnitude = (float)(0.5 + stream.UniformDouble((ulong)i));
                return (stream.Word((ulong)i) & 1) == 0 ? magnitude : -magnitude;
            })];
        }
    }
}
