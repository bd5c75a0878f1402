namespace AdaShare.Native.MultiTask.Training;

/// <summary>What a training step did.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Policy">Which sampled policy is retrained, from 0; 0 in the other phases.</param>
/// <param name="Step">Steps done in this phase (of this policy), this one included.</param>
/// <param name="Steps">Steps that the phase has.</param>
/// <param name="UpdatesPolicy">Whether the step moved the logits instead of the weights.</param>
/// <param name="Total">The loss that was minimised.</param>
/// <param name="Losses">Each task's loss by its name, and <c>sparsity</c> and <c>sharing</c> where they were used.</param>
/// <param name="Temperature">The Gumbel temperature, in the search.</param>
/// <param name="OpenBlocks">How many blocks have decisions, in the search.</param>
/// <param name="LearningRate">The heads' learning rate, or the logits' in a policy step.</param>
/// <param name="Images">Images in the batch.</param>
/// <param name="Seconds">Wall-clock time of the step, waiting for data included.</param>
/// <param name="PeakBytes">The most bytes of the device that were live at once during the step: parameters, optimiser state, activations, gradients.</param>
public sealed record StepRecord(
    RunPhase Phase, int Policy, long Step, long Steps, bool UpdatesPolicy, double Total, IReadOnlyDictionary<string, double> Losses,
    double? Temperature, int? OpenBlocks, double LearningRate, int Images, double Seconds, long PeakBytes);
