using AdaShare.Native.Engine.Autograd;
using AdaShare.Native.Engine.Ops;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.Routing;

/// <summary>
/// The losses of the agents. The return of a decision is minus the image's weighted loss, and at this depth and each behind it once a bonus, collaboration times the mean probability over the tasks of the
/// function block that was chosen. The policy learns by the weighted policy learner (Abdallah and Lesser, 2008) over probabilities, what a function block is worth by squared errors.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="collaboration">The factor on the bonus.</param>
public sealed class RoutingReward(RoutingNetwork network, double collaboration)
{
    /// <summary>How the weighted policy learner weighs an advantage: times 1 - q where it is positive, times q where it is negative, so that a probability comes to rest at 0 and 1.</summary>
    /// <param name="advantage">The return less what the choice was thought to be worth.</param>
    /// <param name="probability">The probability q of the choice.</param>
    public static double Weight(double advantage, double probability) => advantage * (advantage < 0 ? probability : 1 - probability);

    /// <summary>The losses of the agents of a group.</summary>
    /// <param name="step">The step.</param>
    /// <param name="pass">The group's pass.</param>
    public IReadOnlyList<WeightedLoss> Losses(Step step, GroupPass pass)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(pass);
        IReadOnlyList<RoutingDecision> decisions = network.Last;
        double[][] losses = [.. pass.Group.Tasks.Select((task, i) => ImageLosses.Of(step, network.Tasks[task], pass.Predictions[i], pass.Group.Data.Targets[network.Tasks[task].Label]))];
        Tensor? policy = null, value = null;
        for (int t = 0; t < losses.Length; t++)
        {
            int task = pass.Group.Tasks[t];
            double[] returns = Array.ConvertAll(losses[t], loss => -network.Tasks[task].Lambda * loss);
            foreach (RoutingDecision decision in decisions.Where(d => d.Task == task).OrderByDescending(static d => d.Depth))
            {
                RoutingDecision[] beside = [.. decisions.Where(d => d.Depth == decision.Depth)];
                returns = [.. returns.Select((sum, i) => sum + (collaboration * beside.Average(other => other.Values[i][decision.Chosen[i]])))];
                policy = Sum(step, policy, Policy(step, decision, returns));
                value = Sum(step, value, Value(step, decision, returns));
            }
        }

        return [new WeightedLoss("policy", 1, policy!), new WeightedLoss("value", 1, value!)];
    }

    /// <summary>-1/N sum of w q(a), with w a constant to the gradient.</summary>
    private Tensor Policy(Step step, RoutingDecision decision, double[] returns)
    {
        double[] worth = network.Value(decision.Task, decision.Depth).Value.ToDoubles();
        int rows = decision.Probability.Shape[0], images = returns.Length;
        var weights = new double[rows * network.Functions];
        for (int i = 0; i < images; i++)
        {
            int chosen = decision.Chosen[i];
            weights[((rows == 1 ? 0 : i) * network.Functions) + chosen] -= Weight(returns[i] - worth[chosen], decision.Values[i][chosen]) / images;
        }

        return step.Sum(step.Multiply(decision.Probability, step.FromDoubles(decision.Probability.Shape, decision.Probability.DType, weights)));
    }

    /// <summary>1/N sum of (V(a) - return)^2.</summary>
    private Tensor Value(Step step, RoutingDecision decision, double[] returns)
    {
        Tensor worth = network.Value(decision.Task, decision.Depth).Value;
        double[] counts = new double[network.Functions], sums = new double[network.Functions];
        for (int i = 0; i < returns.Length; i++)
        {
            counts[decision.Chosen[i]] += 1.0 / returns.Length;
            sums[decision.Chosen[i]] += returns[i] / returns.Length;
        }

        Tensor squares = step.Sum(step.Multiply(step.Square(worth), step.FromDoubles(worth.Shape, worth.DType, counts)));
        Tensor products = step.Sum(step.Multiply(worth, step.FromDoubles(worth.Shape, worth.DType, sums)));
        return step.Subtract(squares, step.Scale(products, 2, -returns.Average(static r => r * r)));
    }

    private static Tensor Sum(Step step, Tensor? sum, Tensor term) => sum is null ? term : step.Add(sum, term);
}
