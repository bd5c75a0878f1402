using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Methods.Tests.Runs;

namespace AdaShare.Native.Methods.Tests.Decisions;

/// <summary>Gradients of a network in double precision along random directions, against central differences.</summary>
internal static class CentralDifferences
{
    // Relative to the largest weight: small enough that ReLU and pooling keep their choices, large enough for the rounding of sums.
    private const double RelativeDistance = 1e-7;

    /// <summary>Checks the gradients of some parameters through a pass in training mode of two images of 24x24 pixels and two tasks.</summary>
    public static void Check(IModel model, GateTable gates, params string[] names)
    {
        foreach (ParameterGroup group in model.Store.Groups)
        {
            group.ClearGradients();
        }

        double[][] gradients;
        using (var step = new Step(model.Backend))
        {
            step.Backward(Loss(step, model, gates));
            gradients = [.. names.Select(name => model.Store[name].Gradient.ToDoubles())];
        }

        for (int i = 0; i < names.Length; i++)
        {
            Parameter parameter = model.Store[names[i]];
            double[] start = parameter.Value.ToDoubles(), gradient = gradients[i], direction = SmallRun.Normal(parameter.Count, (ulong)i);
            double length = RelativeDistance * (start.Any(static x => x != 0) ? start.Max(Math.Abs) : 1);
            double numeric = (At(length) - At(-length)) / (2 * length);
            double analytic = direction.Zip(gradient, static (d, g) => d * g).Sum();
            Assert.That(analytic, Is.EqualTo(numeric).Within(1e-5 * Math.Max(1e-2, Math.Abs(numeric))), names[i]);
            Assert.That(gradient, Has.Some.Not.Zero, names[i]);
            parameter.Value.CopyFromDoubles(start);

            double At(double distance)
            {
                parameter.Value.CopyFromDoubles([.. start.Zip(direction, (x, d) => x + (distance * d))]);
                using var step = new Step(model.Backend, recordGradients: false);
                return Loss(step, model, gates).Item();
            }
        }
    }

    /// <summary>A loss that depends on every output with a weight of its own.</summary>
    private static Tensor Loss(Step step, IModel model, GateTable gates)
    {
        Shape shape = SmallRun.Images(2, 24);
        Tensor images = step.FromDoubles(shape, DType.Float64, [.. SmallRun.Normal(shape.Count, 7).Select(static x => 50 * x)]);
        IReadOnlyList<Tensor> outputs = model.Forward(step, new InputGroup(images, [0, 1]), new ForwardContext(gates, Training: true, Seed: 88));
        Tensor? sum = null;
        for (int t = 0; t < outputs.Count; t++)
        {
            Tensor weights = step.FromDoubles(outputs[t].Shape, DType.Float64, SmallRun.Normal(outputs[t].Count, (ulong)(20 + t)));
            Tensor loss = step.Sum(step.Multiply(outputs[t], weights));
            sum = sum is null ? loss : step.Add(sum, loss);
        }

        return step.Keep(sum!);
    }
}
