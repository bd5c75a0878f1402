namespace AdaShare.Native.CudaSimulation.Findings;

/// <summary>What the device has found so far; the same fault at the same line is one finding with a count.</summary>
public sealed class FindingLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(FindingKind, string, int, string), Finding> _known = [];
    private readonly List<Finding> _findings = [];

    /// <summary>The findings, oldest first.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get
        {
            lock (_lock)
            {
                return [.. _findings];
            }
        }
    }

    /// <summary>Forgets everything, for example after a fault that a test has planted.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _known.Clear();
            _findings.Clear();
        }
    }

    /// <summary>Throws if anything was found.</summary>
    /// <exception cref="InvalidOperationException">The message lists the findings.</exception>
    public void ThrowIfAny()
    {
        IReadOnlyList<Finding> findings = Findings;
        if (findings.Count > 0)
        {
            throw new InvalidOperationException($"the simulated device found {findings.Count} fault(s):\n{string.Join("\n", findings)}");
        }
    }

    internal void Add(Finding finding)
    {
        lock (_lock)
        {
            // Calls have no line to tell them apart: there the words do.
            var key = (finding.Kind, finding.Kernel, finding.PtxLine, finding.PtxLine > 0 ? "" : finding.Problem);
            if (_known.TryGetValue(key, out Finding? known))
            {
                known.Count++;
            }
            else
            {
                _known[key] = finding;
                _findings.Add(finding);
            }
        }
    }
}
