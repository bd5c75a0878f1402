using AdaShare.Native.Engine.Layers;

namespace AdaShare.Native.Engine.Optimizers;

/// <summary>A group of parameters with a learning rate of its own.</summary>
public sealed class OptimizerGroup
{
    /// <summary>Creates the group.</summary>
    /// <param name="parameters">The parameters, not buffers.</param>
    /// <param name="learningRate">Above 0.</param>
    public OptimizerGroup(ParameterGroup parameters, double learningRate)
    {
        if (parameters.IsBuffer)
        {
            throw new Errors.AdaShareException($"optimiser: group {parameters.Name} holds buffers, which are never trained; leave it out");
        }

        if (!(learningRate > 0) || double.IsInfinity(learningRate))
        {
            throw new Errors.AdaShareException($"optimiser: the learning rate of group {parameters.Name} is {learningRate}; it must be above 0");
        }

        Parameters = parameters;
        InitialLearningRate = learningRate;
        LearningRate = learningRate;
    }

    /// <summary>The parameters.</summary>
    public ParameterGroup Parameters { get; }

    /// <summary>The learning rate at the start, from which schedules compute.</summary>
    public double InitialLearningRate { get; }

    /// <summary>The learning rate of the next step.</summary>
    public double LearningRate { get; set; }
}
