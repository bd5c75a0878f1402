using AdaShare.Native.Benchmarking.Results;
using AdaShare.Native.Engine.Errors;

namespace AdaShare.Native.Benchmarks.Reports;

/// <summary>All results of a folder.</summary>
/// <param name="Runs">The runs that have rows, in order of their dates.</param>
/// <param name="Unreadable">Why files are left out, a sentence each.</param>
internal sealed record ResultFolder(IReadOnlyList<BenchmarkRun> Runs, IReadOnlyList<string> Unreadable)
{
    /// <summary>Reads every JSON file of a folder, folders in it left out.</summary>
    /// <exception cref="DataException">There is no such folder.</exception>
    public static ResultFolder Read(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new DataException($"{path}: there is no such folder; give the one that holds results with --results, or make some first with the command ops");
        }

        var runs = new List<BenchmarkRun>();
        var unreadable = new List<string>();
        foreach (string file in Directory.GetFiles(path, "*.json").Order(StringComparer.Ordinal))
        {
            try
            {
                runs.Add(ResultFile.Read(file));
            }
            catch (DataException error)
            {
                unreadable.Add(error.Message);
            }
        }

        // A stable sort: runs of one moment stay in the order of their names.
        return new ResultFolder([.. runs.Where(static run => run.Rows.Count > 0).OrderBy(static run => run.Date)], unreadable);
    }
}
