using AdaShare.Native.Engine.Layers;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Training;

namespace AdaShare.Native.Methods.AdaShare;

/// <summary>Where a step of the search stands.</summary>
/// <param name="Done">Steps done before.</param>
/// <param name="Temperature">The Gumbel temperature.</param>
/// <param name="Open">How many of the last blocks have an open decision.</param>
/// <param name="UpdatesPolicy">Whether the step moves the policy; otherwise the weights.</param>
internal readonly record struct SearchPoint(long Done, double Temperature, int Open, bool UpdatesPolicy);

/// <summary>What a search learns beside the weights, and how: in this AdaShare and its ablations differ.</summary>
internal interface ISearchPolicy
{
    /// <summary>The parameters of the policy.</summary>
    ParameterGroup Parameters { get; }

    /// <summary>Blocks that have a decision.</summary>
    int Decisions { get; }

    /// <summary>Gives a step its gates, and one that moves the policy its losses.</summary>
    StepPlan Prepare(StepPlan plan, SearchPoint point);

    /// <summary>The gates under which what has been learnt is validated.</summary>
    /// <param name="open">How many of the last blocks have an open decision.</param>
    GateTable Likeliest(int open);

    /// <summary>The probability that a task runs a block [task][block]; null where it depends on the image.</summary>
    /// <param name="open">How many of the last blocks have an open decision.</param>
    double[][]? Probability(int open);

    /// <summary>Takes over what the search has learnt, and says the phase that follows.</summary>
    /// <param name="open">How many of the last blocks had an open decision in the end.</param>
    string Learnt(int open);
}

/// <summary>What a search keeps in the run state.</summary>
internal interface ISearchState
{
    /// <summary>The Gumbel temperature of the next search step, for readers of the checkpoint.</summary>
    double Temperature { set; }

    /// <summary>The open blocks of the next search step, for readers of the checkpoint.</summary>
    int OpenBlocks { set; }

    /// <summary>The step of the last validation of the search.</summary>
    long LastValidation { get; set; }
}
