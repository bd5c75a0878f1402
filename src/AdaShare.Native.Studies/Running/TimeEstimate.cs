using AdaShare.Native.Studies.Results;

namespace AdaShare.Native.Studies.Running;

/// <summary>Guesses how long cells take from those that are done: seconds a step of the same method, or of all where the method has none done.</summary>
internal sealed class TimeEstimate
{
    private readonly Dictionary<string, Rate> _byLabel = [];
    private Rate _all;

    /// <summary>Takes a cell that is done into account; one whose time or steps are not known is left out.</summary>
    public void Add(CellResult result)
    {
        double seconds = result.Times?.TrainSeconds ?? 0;
        long steps = result.Budget.Total.Steps;
        if (result.Failure is null && seconds > 0 && steps > 0)
        {
            _byLabel[result.Label] = _byLabel.GetValueOrDefault(result.Label).Plus(seconds, steps);
            _all = _all.Plus(seconds, steps);
        }
    }

    /// <summary>The time of cells that are left; null where nothing is known.</summary>
    /// <param name="left">Label and steps of each.</param>
    public TimeSpan? Of(IEnumerable<(string Label, long Steps)> left) => _all.Steps == 0 ? null
        : TimeSpan.FromSeconds(left.Sum(cell => cell.Steps * (_byLabel.TryGetValue(cell.Label, out Rate rate) ? rate : _all).SecondsAStep));

    private readonly record struct Rate(double Seconds, long Steps)
    {
        public double SecondsAStep => Seconds / Steps;

        public Rate Plus(double seconds, long steps) => new(Seconds + seconds, Steps + steps);
    }
}
