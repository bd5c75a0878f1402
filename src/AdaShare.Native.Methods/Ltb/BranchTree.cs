namespace AdaShare.Native.Methods.Ltb;

/// <summary>Which branch of the stem and of each stage each task runs: the last stage's branch of a task is its own, and each branch reads its likeliest parent.</summary>
public sealed class BranchTree
{
    private readonly int[][] _branches;

    private BranchTree(int[][] branches) => _branches = branches;

    /// <summary>The tree of logits. Of equal ones the branch of the same task wins, then the first.</summary>
    /// <param name="logits">[stage, branch, parent] one after another, K parents for each of the K branches of each stage.</param>
    /// <param name="tasks">The number of tasks, K.</param>
    public static BranchTree Of(IReadOnlyList<double> logits, int tasks)
    {
        ArgumentNullException.ThrowIfNull(logits);
        int stages = logits.Count / (tasks * tasks);
        var branches = new int[tasks][];
        for (int task = 0; task < tasks; task++)
        {
            branches[task] = new int[stages + 1];
            branches[task][stages] = task;
            for (int stage = stages - 1; stage >= 0; stage--)
            {
                int child = branches[task][stage + 1], start = ((stage * tasks) + child) * tasks;
                branches[task][stage] = Enumerable.Range(0, tasks).OrderByDescending(parent => logits[start + parent]).ThenByDescending(parent => parent == child).ThenBy(static parent => parent).First();
            }
        }

        return new BranchTree(branches);
    }

    /// <summary>The branches that a task runs: of the stem, then of each stage.</summary>
    public IReadOnlyList<int> Path(int task) => _branches[task];

    /// <summary>The branches that some tasks run at a place, each once.</summary>
    /// <param name="place">0 for the stem, s + 1 for stage s.</param>
    /// <param name="tasks">The tasks.</param>
    public IReadOnlyList<int> At(int place, IEnumerable<int> tasks) => [.. tasks.Select(task => _branches[task][place]).Distinct().Order()];

    /// <summary>The branch before a branch that some task runs.</summary>
    /// <param name="place">The branch's place, 1 or more.</param>
    /// <param name="branch">The branch.</param>
    public int Parent(int place, int branch) => Array.Find(_branches, path => path[place] == branch)![place - 1];
}
