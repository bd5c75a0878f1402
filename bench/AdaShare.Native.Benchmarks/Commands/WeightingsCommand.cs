using System.CommandLine;
using AdaShare.Native.Benchmarks.Weightings;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Host;
using AdaShare.Native.Learning.Weightings;

namespace AdaShare.Native.Benchmarks.Commands;

/// <summary><c>weightings</c>: where weightings lead on two quadratics, as a picture and as numbers.</summary>
internal static class WeightingsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var picture = new Option<string>("--out")
        {
            HelpName = "FILE",
            Description = "The picture. Default: docs/weightings.svg of the checkout.",
            DefaultValueFactory = static _ => Path.Combine(BenchmarkProgram.Root, "docs", "weightings.svg"),
        };
        var command = new Command("weightings", "Draws where each weighting of losses leads on two quadratics whose minima lie apart, and writes the ends of the paths.") { picture };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(picture);
            byte[] text = System.Text.Encoding.UTF8.GetBytes(ToyPlot.Draw(WeightingRegistry.Names));
            AtomicFile.Write(path, stream => stream.Write(text));
            host.Output.WriteLine("weighting         ends (x, y) from each start                       farthest from the Pareto set");
            foreach (string name in WeightingRegistry.Names)
            {
                (double X, double Y)[] ends = [.. ConvexToy.Starts.Select(start => ConvexToy.Descend(name, start)[^1])];
                string places = string.Join("  ", ends.Select(static end => FormattableString.Invariant($"({end.X,5:0.00}, {end.Y,5:0.00})")));
                host.Output.WriteLine(FormattableString.Invariant($"{name,-16}  {places}   {ends.Max(ConvexToy.Distance):0.000}"));
            }

            host.Output.WriteLine(path);
            return ExitCode.Success;
        });
        return command;
    }
}
