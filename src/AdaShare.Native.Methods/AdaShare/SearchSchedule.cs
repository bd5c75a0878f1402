
namespace AdaShare.Native.Methods.AdaShare;

/// <summary>
/// The order of the search: cycles of weight steps, then policy steps. Temperature, curriculum and data position all follow from the number of steps done.
/// </summary>
/// <param name="weightSteps">Weight steps a cycle.</param>
/// <param name="policySteps">Policy steps a cycle.</param>
/// <param name="options">Temperature.</param>
/// <param name="curriculumSpeed">Cycles until one more block opens, or null where all are open.</param>
/// <param name="decisions">Blocks that have a decision.</param>
public sealed class SearchSchedule(long weightSteps, long policySteps, AdaShareOptions options, int? curriculumSpeed, int decisions)
{
    /// <summary>Steps a cycle.</summary>
    public long CycleLength => weightSteps + policySteps;

    /// <summary>The cycle of the step after <paramref name="done"/> steps.</summary>
    public long Cycle(long done) => done / CycleLength;

    /// <summary>Whether that step moves the logits.</summary>
    public bool UpdatesPolicy(long done) => done % CycleLength >= weightSteps;

    /// <summary>The batch of the weights' part that comes next.</summary>
    public long WeightBatch(long done) => (Cycle(done) * weightSteps) + Math.Min(done % CycleLength, weightSteps);

    /// <summary>The batch of the policy's part that comes next.</summary>
    public long PolicyBatch(long done) => (Cycle(done) * policySteps) + Math.Max(0, (done % CycleLength) - weightSteps);

    /// <summary>The Gumbel temperature: the initial one, decayed once a cycle.</summary>
    public double Temperature(long done) => options.InitTemp * Math.Pow(options.DecayTemp, Cycle(done));

    /// <summary>How many of the last blocks are open: cycle / speed + 1, at most all.</summary>
    public int OpenBlocks(long done) => curriculumSpeed is { } speed ? (int)Math.Min(decisions, (Cycle(done) / speed) + 1) : decisions;
}
