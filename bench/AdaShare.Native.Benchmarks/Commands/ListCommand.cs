using System.CommandLine;
using AdaShare.Native.Benchmarks.Catalogue;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Host;
using AdaShare.Native.Host.Commands;

namespace AdaShare.Native.Benchmarks.Commands;

/// <summary><c>list</c>: the benchmarks with their shapes and what they cost at least.</summary>
internal static class ListCommand
{
    private const double Mega = 1e6;

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string?> filter = CaseFilter.Option();
        var device = new Option<string>("--device") { HelpName = "NAME", Description = "cpu or cuda: at whose sizes. The device need not be there.", DefaultValueFactory = static _ => "cpu" };
        device.AcceptOnlyFromAmong("cpu", "cuda");
        var command = new Command("list", "Lists the benchmarks of ops: names, shapes, millions of multiply-adds and of bytes.") { filter, device };
        command.SetAction(parsed =>
        {
            IReadOnlyList<BenchmarkCase> cases = CaseFilter.Apply(BenchmarkCatalogue.Of(BenchmarkScale.Of(parsed.GetRequiredValue(device))), parsed.GetValue(filter));
            int width = cases.Max(static benchmark => benchmark.Name.Length);
            foreach (BenchmarkCase benchmark in cases)
            {
                host.Output.WriteLine(FormattableString.Invariant(
                    $"{benchmark.Name.PadRight(width)}{benchmark.MultiplyAdds / Mega,12:N1} Mmac{benchmark.Bytes(DType.Float32) / Mega,10:N2} MB  {benchmark.Shapes}"));
            }

            return ExitCode.Success;
        });
        return command;
    }
}
