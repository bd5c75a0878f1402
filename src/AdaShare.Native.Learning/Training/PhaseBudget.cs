namespace AdaShare.Native.Learning.Training;

/// <summary>What the phases of one name have spent so far: what must be equal, or said, when methods are compared.</summary>
public sealed class PhaseBudget
{
    // A backward pass computes the gradient of the input and that of the filter, each as dear as the forward pass.
    private const double WeightStepFactor = 3;
    private const double OtherStepFactor = 2;

    /// <summary>Optimiser steps that moved weights.</summary>
    public long WeightSteps { get; set; }

    /// <summary>Optimiser steps that moved something else, such as policy logits, with the weights frozen.</summary>
    public long OtherSteps { get; set; }

    /// <summary>Images seen, repetitions counted.</summary>
    public long Images { get; set; }

    /// <summary>
    /// Multiply-adds of the steps, as executed: for each image those of the forward pass under the step's gates (what tasks have in common computed once), times 3 where weights
    /// moved (forward pass, gradients of inputs, gradients of filters) and times 2 where they were frozen; further forward passes, from which rewards are made, once each, and what a weighting of losses computes beside that.
    /// Validation, and skipped blocks that only move running statistics, are not
    /// counted.
    /// </summary>
    public double MultiplyAdds { get; set; }

    /// <summary>Wall-clock time of the steps; validation and checkpoints are not counted. What a killed run had done after its last checkpoint is not in it.</summary>
    public double Seconds { get; set; }

    /// <summary>The factor on a forward pass's multiply-adds.</summary>
    /// <param name="updates">What the step moves, see <see cref="StepRecord.Updates"/>.</param>
    public static double Factor(string updates) => updates == StepRecord.Weights ? WeightStepFactor : OtherStepFactor;

    /// <summary>Adds a step.</summary>
    public void Add(StepRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Updates == StepRecord.Weights)
        {
            WeightSteps++;
        }
        else
        {
            OtherSteps++;
        }

        Images += record.Images;
        MultiplyAdds += record.MultiplyAdds;
        Seconds += record.Seconds;
    }

    /// <summary>Adds what other phases have spent.</summary>
    public void Add(PhaseBudget other)
    {
        ArgumentNullException.ThrowIfNull(other);
        WeightSteps += other.WeightSteps;
        OtherSteps += other.OtherSteps;
        Images += other.Images;
        MultiplyAdds += other.MultiplyAdds;
        Seconds += other.Seconds;
    }
}
