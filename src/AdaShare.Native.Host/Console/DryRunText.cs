using System.Globalization;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Host.Runs;

namespace AdaShare.Native.Host.Console;

/// <summary>Says what a dry run found.</summary>
public static class DryRunText
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, InputKind inputs, DryRun found)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(found);
        string all = found.AllSteps.ToString("N0", CultureInfo.InvariantCulture);
        if (found.Steps == 0)
        {
            output.WriteLine($"{all} steps in all: nothing would be trained");
            return;
        }

        string images = (found.AllSteps * found.ImagesPerStep).ToString("N0", CultureInfo.InvariantCulture);
        output.WriteLine($"{all} steps in all phases, {found.ImagesPerStep} {inputs.Plural()} each: {images} {inputs.Plural()}");
        output.WriteLine($"tried: {found.Steps} steps of {found.Phase}, not kept: {StepText.Number(found.SecondsPerStep)} s a step, {StepText.Megabytes(found.PeakBytes)} of the device at most");
        output.WriteLine($"estimate: {StepText.Duration(found.Estimate)} of training steps, if those of other phases take as long; validations and the test come on top");
    }
}
