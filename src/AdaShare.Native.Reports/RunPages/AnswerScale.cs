using AdaShare.Native.Data.Datasets;

namespace AdaShare.Native.Reports.RunPages;

/// <summary>The scales that pictures of a task share, found image by image without keeping them.</summary>
public sealed class AnswerScale
{
    private const double SmallestScale = 1e-9;
    private (float Low, float High)? _labels;
    private (float Low, float High)? _predictions;
    private double _error;
    private double? _most;

    /// <summary>The scale of what has one channel. Labels decide it where there are some: a few wild predictions must not flatten everything else.</summary>
    public (double Low, double High) Range => _labels ?? _predictions ?? (0, 1);

    /// <summary>The error that has the end of the scale.</summary>
    public double Most => _most ?? Math.Max(SmallestScale, _error);

    /// <summary>The scales of some answers.</summary>
    public static AnswerScale Of(params IEnumerable<TaskAnswer> answers)
    {
        var scale = new AnswerScale();
        foreach (TaskAnswer answer in answers)
        {
            scale.Add(answer);
        }

        return scale;
    }

    /// <summary>Takes an answer in.</summary>
    public void Add(TaskAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.Label is { Channels: 1 } label)
        {
            _labels = Wider(_labels, EndsOf(label, aboveZero: true));
        }

        if (answer.Prediction.Channels == 1)
        {
            _predictions = Wider(_predictions, EndsOf(answer.Prediction, aboveZero: false));
        }

        if (answer.Error is { } error)
        {
            _most ??= error.Most;
            _error = Math.Max(_error, error.Values.Values.Where(float.IsFinite).DefaultIfEmpty(0).Max());
        }
    }

    /// <summary>Takes in what another one has found.</summary>
    public void Add(AnswerScale other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (_labels, _predictions) = (Wider(_labels, other._labels), Wider(_predictions, other._predictions));
        (_most, _error) = (_most ?? other._most, Math.Max(_error, other._error));
    }

    /// <summary>The least and the largest finite value; null where there is none. Labels of 0 and below say that nothing is known.</summary>
    private static (float Low, float High)? EndsOf(Plane plane, bool aboveZero)
    {
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float value in plane.Values)
        {
            if (float.IsFinite(value) && (!aboveZero || value > 0))
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        }

        return low <= high ? (low, high) : null;
    }

    private static (float Low, float High)? Wider((float Low, float High)? one, (float Low, float High)? other) =>
        one is not { } a ? other : other is not { } b ? one : (Math.Min(a.Low, b.Low), Math.Max(a.High, b.High));
}
