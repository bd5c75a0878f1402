namespace AdaShare.Native.Learning.Weightings;

/// <summary>Adam over a few numbers on the host, with L2 decay added to the gradient (Kingma and Ba, ICLR 2015; PyTorch's <c>torch.optim.Adam</c>).</summary>
/// <param name="count">The numbers.</param>
/// <param name="rate">The learning rate, above 0.</param>
/// <param name="decay">The decay, 0 or more.</param>
internal sealed class ScalarAdam(int count, double rate, double decay = 0)
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private double[] _mean = new double[count], _variance = new double[count];
    private long _steps;

    /// <summary>Moves values along a gradient.</summary>
    public void Step(double[] values, double[] gradient)
    {
        _steps++;
        double first = 1 - Math.Pow(Beta1, _steps), second = Math.Sqrt(1 - Math.Pow(Beta2, _steps));
        for (int i = 0; i < values.Length; i++)
        {
            double g = gradient[i] + (decay * values[i]);
            _mean[i] = (Beta1 * _mean[i]) + ((1 - Beta1) * g);
            _variance[i] = (Beta2 * _variance[i]) + ((1 - Beta2) * g * g);
            values[i] -= rate / first * _mean[i] / ((Math.Sqrt(_variance[i]) / second) + Epsilon);
        }
    }

    /// <summary>Adds its memory to a state.</summary>
    public void Save(Dictionary<string, double[]> state)
    {
        state["adam_steps"] = [_steps];
        state["adam_mean"] = [.. _mean];
        state["adam_variance"] = [.. _variance];
    }

    /// <summary>Takes it back.</summary>
    public void Load(Func<string, int, double[]> numbers)
    {
        _steps = (long)numbers("adam_steps", 1)[0];
        _mean = numbers("adam_mean", count);
        _variance = numbers("adam_variance", count);
    }
}
