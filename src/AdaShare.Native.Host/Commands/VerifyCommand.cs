using System.CommandLine;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Engine.Tensors;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Verification;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare verify</c>: computes what the official implementation computed, and compares.</summary>
public static class VerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var golden = new Argument<string?>("FILE") { Description = "A golden file: a recorded run of the official implementation. Default: the one that comes with the program, on procedural scenes.", Arity = ArgumentArity.ZeroOrOne };
        var data = new Option<string?>("--data") { HelpName = "DIR", Description = "The folder of the images that the file names, in the layout of NYU v2. Not needed where the run was recorded on procedural scenes, which are drawn." };
        var precision = new Option<string>("--precision") { HelpName = "TYPE", Description = "float64, which shows every digit of the model; float32, in which eight training steps amplify rounding; or auto: float64 where the device computes in it.", DefaultValueFactory = _ => "auto" };
        precision.AcceptOnlyFromAmong("auto", "float32", "float64");
        Option<string> numerics = CommonOptions.Numerics("exact");
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("verify", "Runs a golden file and compares every quantity that it records; fails past a bound.") { golden, data, device, precision, numerics, threads };
        command.SetAction(parsed =>
        {
            using var interrupt = Interrupt.Listen(host, "stopping after this step; press Ctrl-C again to end at once");
            GoldenFile file = parsed.GetValue(golden) is { } path ? GoldenFile.Read(path) : GoldenFile.BuiltIn();
            string? images = parsed.GetValue(data);
            if (images is null && file.Scenes is null)
            {
                throw new ConfigurationException($"{file.Path}: was recorded on images that the program can't draw; give their folder with --data DIR");
            }

            using SelectedDevice selected = DeviceSelector.Open(host, parsed.GetRequiredValue(device), parsed.GetValue(threads), parsed.GetRequiredValue(numerics));
            DType type = parsed.GetRequiredValue(precision) switch
            {
                "float64" => DType.Float64,
                "auto" when selected.Backend.Supports(DType.Float64) => DType.Float64,
                _ => DType.Float32,
            };
            DType activations = NetworkSpec.ActivationsOf(parsed.GetRequiredValue(numerics));
            if (images is not null)
            {
                return Verify(host, file, images, selected, type, activations, interrupt.Token);
            }

            string drawn = Path.Combine(Path.GetTempPath(), $"adashare-verify-{Guid.NewGuid():N}");
            try
            {
                file.Scenes!.Write(drawn, interrupt.Token);
                return Verify(host, file, drawn, selected, type, activations, interrupt.Token);
            }
            finally
            {
                if (Directory.Exists(drawn))
                {
                    Directory.Delete(drawn, recursive: true);
                }
            }
        });
        return command;
    }

    private static int Verify(HostContext host, GoldenFile file, string data, SelectedDevice device, DType type, DType activations, CancellationToken stop)
    {
        host.Output.WriteLine($"{file.Backbone}, {string.Join(" ", file.Tasks)}, {file.Steps.Count} steps; {device.FullDescription}, {(type == DType.Float64 ? "float64" : "float32")}{(activations == DType.BFloat16 ? " with activations in bfloat16" : string.Empty)}");
        using var verifier = new GoldenVerifier(file, data, device.Backend, type, activations);
        var report = new GoldenReport(host.Output);
        verifier.Run(_ => report.Write(verifier.Rows), stop);
        return report.WriteSummary(verifier.Rows, verifier.Unknown) ? ExitCode.Success : ExitCode.Failure;
    }
}
