using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Learning.Tasks;

/// <summary>How far a prediction is off.</summary>
/// <param name="Title">What is measured, for example <c>angle</c>.</param>
/// <param name="Unit">Its unit; empty for none.</param>
/// <param name="Values">One channel; not a number where the label says nothing.</param>
/// <param name="Most">The value that pictures show as the worst; null for the largest that occurs.</param>
public sealed record TaskError(string Title, string Unit, Plane Values, double? Most)
{
    /// <summary>Errors computed from the values of each pixel.</summary>
    /// <param name="title">See <see cref="Title"/>.</param>
    /// <param name="unit">See <see cref="Unit"/>.</param>
    /// <param name="most">See <see cref="Most"/>.</param>
    /// <param name="prediction">The prediction.</param>
    /// <param name="label">The label.</param>
    /// <param name="error">The error of a pixel from the prediction's channels and the label's; not a number where the label says nothing.</param>
    /// <exception cref="ArgumentException">The two have other sizes.</exception>
    public static TaskError Of(string title, string unit, double? most, Plane prediction, Plane label, Func<float[], float[], double> error)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(error);
        if (prediction.Height != label.Height || prediction.Width != label.Width)
        {
            throw new ArgumentException($"error: the prediction is {prediction.Height} x {prediction.Width}, the label {label.Height} x {label.Width}; give both in one size", nameof(label));
        }

        var values = new float[label.Height * label.Width];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)error(
                prediction.Values[(i * prediction.Channels)..((i + 1) * prediction.Channels)], label.Values[(i * label.Channels)..((i + 1) * label.Channels)]);
        }

        return new TaskError(title, unit, new Plane(label.Height, label.Width, 1, values), most);
    }
}
