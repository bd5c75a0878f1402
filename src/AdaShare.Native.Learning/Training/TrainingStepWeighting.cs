using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Backends;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Learning.Training;

/// <summary>Steps whose losses are weighed by what a weighting knows of them.</summary>
public static partial class TrainingStep
{
    /// <summary>
    /// A step under a weighting. Weights are numbers of the host that the step reads from device memory, so that a captured step is replayed with others; what a weighting must see first is read between two pieces
    /// of work that are captured by themselves.
    /// </summary>
    private static StepLosses RunWeighted(Step step, IModel model, TrainingBatch batch, StepPlan plan, WeightingRun run)
    {
        Weighting weighting = run.Weighting;
        var view = new WeightingView(run.Steps, []);
        double[] factors;
        StepLosses losses = null!;
        if (weighting.Needs == WeightingNeeds.Losses)
        {
            ForwardPass pass = null!;
            step.Backend.RunStep(plan.Key + "/forward", () => pass = Predict(step, model, batch, plan, null));
            view = view with { Losses = Scaled(model, pass.OfTasks) };
            factors = weighting.Weigh(view);
            step.Backend.RunStep(plan.Key + "/backward", () => Update(step, plan, losses = Sum(step, model, pass, plan, Upload(step, pass.OfTasks[0].DType, factors))));
        }
        else
        {
            view = weighting.Needs == WeightingNeeds.Nothing ? view : Look(step.Backend, model, batch, plan, view, weighting.Needs);
            factors = weighting.Weigh(view);
            step.Backend.RunStep(plan.Key + "/weighted", () =>
            {
                IReadOnlyList<Tensor> weights = Upload(step, plan.InputType, factors);
                ForwardPass pass = Predict(step, model, batch, plan, weighting.WeighsSharedOnly ? weights : null);
                Update(step, plan, losses = Sum(step, model, pass, plan, weighting.WeighsSharedOnly ? null : weights));
            });
        }

        return losses with { Weights = new StepWeights(factors, view, weighting.LearnsFromUpdate ? After(step.Backend, model, batch, plan) : null) };
    }

    /// <summary>A forward pass, and a backward pass for each task that keeps nothing but inner products; the model is as it was.</summary>
    private static WeightingView Look(Backend backend, IModel model, TrainingBatch batch, StepPlan plan, WeightingView view, WeightingNeeds needs)
    {
        using var step = new Step(backend, hasEffects: false);
        using var frozen = new FrozenParts(model);
        plan.Optimizer.ClearGradients();
        ForwardPass pass = null!;
        Tensor products = null!;
        bool any = false;
        backend.RunStep(plan.Key + "/products", () =>
        {
            pass = Predict(step, model, batch, plan with { Inspect = null, Rewards = null }, null);
            products = step.New(new Shape(pass.OfTasks.Length, pass.OfTasks.Length), pass.OfTasks[0].DType);
            any = step.BackwardProducts(
                pass.OfTasks, [.. model.Tasks.Select(static task => task.Lambda)], products, needs == WeightingNeeds.LastLayer ? ProductsOf.LastCommonLayer : ProductsOf.AllParameters);
        });
        if (!any)
        {
            throw new AdaShareException(needs == WeightingNeeds.LastLayer
                ? "the weighting compares gradients at the last layer that all tasks share, and under these gates they share none; choose another weighting.method"
                : "the weighting compares gradients of shared weights, and no task's loss depends on one that is trained; choose another weighting.method");
        }

        double[] upper = products.ToDoubles();
        int tasks = pass.OfTasks.Length;
        var gram = new double[tasks, tasks];
        for (int i = 0; i < tasks; i++)
        {
            for (int j = 0; j < tasks; j++)
            {
                gram[i, j] = upper[(Math.Min(i, j) * tasks) + Math.Max(i, j)];
            }
        }

        return view with { Losses = Scaled(model, pass.OfTasks), Gram = gram };
    }

    /// <summary>The losses of the same batch, with the weights as they are now.</summary>
    private static double[] After(Backend backend, IModel model, TrainingBatch batch, StepPlan plan)
    {
        using var step = new Step(backend, recordGradients: false, hasEffects: false);
        ForwardPass pass = null!;
        backend.RunStep(plan.Key + "/after", () => pass = Predict(step, model, batch, plan with { Inspect = null, Rewards = null }, null));
        return Scaled(model, pass.OfTasks);
    }

    private static double[] Scaled(IModel model, Tensor[] losses) => [.. losses.Select((loss, t) => model.Tasks[t].Lambda * loss.Item())];

    /// <summary>Each number as a tensor of its own.</summary>
    private static IReadOnlyList<Tensor> Upload(Step step, DType type, double[] factors) => [.. factors.Select(factor => step.FromDoubles(Shape.Scalar, type, [factor]))];

    /// <summary>Keeps what tasks do not share from getting gradients, until it is disposed.</summary>
    private sealed class FrozenParts : IDisposable
    {
        private readonly List<Parameter> _frozen;

        public FrozenParts(IModel model)
        {
            _frozen = [.. model.Store.Parameters.Where(parameter => parameter.Trainable && !model.IsShared(parameter))];
            _frozen.ForEach(static parameter => parameter.Trainable = false);
        }

        public void Dispose() => _frozen.ForEach(static parameter => parameter.Trainable = true);
    }
}
