using AdaShare.Native.Learning.Tasks;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Host.Predictions;

/// <summary>How far a prediction for one image is off on average.</summary>
/// <param name="Title">What is measured, for example <c>angle</c>.</param>
/// <param name="Unit">Its unit; empty for none.</param>
/// <param name="Mean">The mean over the pixels whose label says something; 0 where there is none.</param>
/// <param name="Pixels">How many pixels those are; at most 1 for tasks that speak of the image as a whole.</param>
public sealed record MeanError(string Title, string Unit, double Mean, int Pixels)
{
    /// <summary>The mean error of an answer; null where the image has no label.</summary>
    public static MeanError? Of(TaskAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.Error is not { } error)
        {
            return null;
        }

        (double sum, int pixels) = (0, 0);
        foreach (float value in error.Values.Values)
        {
            if (float.IsFinite(value))
            {
                (sum, pixels) = (sum + value, pixels + 1);
            }
        }

        return new MeanError(error.Title, error.Unit, pixels > 0 ? sum / pixels : 0, pixels);
    }
}
