using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Host.Predictions;

/// <summary>How predictions are painted.</summary>
/// <param name="Scale">The scale of tasks whose colours follow one.</param>
/// <param name="Overlay">How much of the picture beside the image are the colours of classes, above 0 and up to 1; null where the image does not show through.</param>
/// <param name="Several">Whether several images are painted.</param>
public sealed record PredictionLook(PredictionScale Scale, double? Overlay, bool Several)
{
    /// <summary>The ends of a task's scale; null for those of what is painted.</summary>
    /// <param name="task">The task.</param>
    /// <param name="answer">What is painted.</param>
    /// <param name="shared">The scale over all images; null where that is not known.</param>
    public (double Low, double High)? RangeOf(TaskSpec task, TaskAnswer answer, AnswerScale? shared)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(answer);
        return !task.Kind.FollowsScale ? null
            : Scale.Kind == ScaleKind.Given ? (Scale.Low, Scale.High)
            : shared is not null ? shared.Range
            : answer.Label is not null ? AnswerScale.Of(answer).Range : null;
    }

    /// <summary>What a legend says of the scale.</summary>
    public string Note => Scale.Kind switch
    {
        ScaleKind.Given => "given scale",
        ScaleKind.All => Several ? "one scale over all images" : "",
        _ => Several ? "scale of this image" : "",
    };
}
