using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Engine.Checkpoints;

namespace AdaShare.Native.Learning.Training;

/// <summary>The files of a run that are copies of what its last checkpoint knows: where they are lost or changed they are written again.</summary>
internal static class RunCopies
{
    /// <summary>Writes config.yaml, data.json and policy.json of a finished run again, as far as they are lost; policy.json also where it was changed.</summary>
    public static void Restore(RunFolder folder, RunState saved, IDataset dataset, RunTerms terms, IRunObserver observer)
    {
        bool isMissing = !File.Exists(folder.Config);
        if (terms.Configuration.Length > 0 && (isMissing || terms.RewritesConfiguration))
        {
            byte[] text = Encoding.UTF8.GetBytes(terms.Configuration);
            AtomicFile.Write(folder.Config, stream => stream.Write(text));
            if (isMissing)
            {
                observer.Notice($"{folder.Config} was missing, and is written again from the last checkpoint");
            }
        }

        if (!File.Exists(folder.Data) && DataManifest.Of(dataset) is { } manifest && manifest.Digest() == saved.Data)
        {
            manifest.Write(folder);
            observer.Notice($"{folder.Data} was missing, and is written again: the data are those that the run was trained with");
        }

        RestorePolicy(folder, saved, observer);
    }

    /// <summary>Writes policy.json again where it is not the run's own policy.</summary>
    public static void RestorePolicy(RunFolder folder, RunState saved, IRunObserver observer)
    {
        if (saved.Policy is not { } own || (File.Exists(folder.Policy) && File.ReadAllText(folder.Policy) == own.ToJson()))
        {
            return;
        }

        own.Write(folder.Policy);
        observer.Notice($"{folder.Policy} was not the policy of the run, and is written again from the last checkpoint");
    }
}
