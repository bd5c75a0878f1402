using System.CommandLine;
using AdaShare.Native.Data.Scenes;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare scenes</c>: writes procedural indoor scenes as files in the NYU v2 layout.</summary>
public static class ScenesCommand
{
    private static readonly (int Height, int Width) DefaultSize = (96, 128);

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        Option<string> output = CommonOptions.Output("The folder to write; it is made where it is missing.");
        var force = new Option<bool>("--force") { Description = "Replaces scenes that were written there before; a folder with anything else in it is never replaced." };
        var size = CommonOptions.Size("Rows and columns of each picture.", 16, DefaultSize);
        var seed = CommonOptions.Seed("The seed of the scenes; the same seed gives the same bytes. Default: 1.");
        var train1 = CommonOptions.Count("--train1", "Scenes on which weights are trained.", 1, 1_000_000, 320);
        var train2 = CommonOptions.Count("--train2", "Scenes on which the policy is learnt.", 1, 1_000_000, 80);
        var validation = CommonOptions.Count("--val", "Scenes for selection.", 1, 1_000_000, 32);
        var test = CommonOptions.Count("--test", "Scenes for the final table.", 1, 1_000_000, 64);
        var command = new Command("scenes", "Writes procedural indoor scenes with exact labels, in the folder layout of NYU v2.") { output, force, size, seed, train1, train2, validation, test };
        command.SetAction(parsed =>
        {
            (int height, int width) = parsed.GetValue(size) ?? DefaultSize;
            var scenes = new ProceduralScenes(new ProceduralSceneOptions
            {
                Height = height,
                Width = width,
                Seed = (ulong)(parsed.GetValue(seed) ?? 1),
                TrainWeights = parsed.GetValue(train1),
                TrainPolicy = parsed.GetValue(train2),
                Validation = parsed.GetValue(validation),
                Test = parsed.GetValue(test),
                CacheBytes = 0,
            });
            return Write(host, scenes, parsed.GetRequiredValue(output), parsed.GetValue(force));
        });
        return command;
    }

    private static int Write(HostContext host, ProceduralScenes scenes, string folder, bool force)
    {
        using var interrupt = Interrupt.Listen(host, "stopping; press Ctrl-C again to end at once");
        int reported = 0;
        SceneWriter.Write(scenes, folder, force, (written, all) =>
        {
            // A line for every tenth of the work.
            int tenths = written * 10 / all;
            if (tenths > reported)
            {
                reported = tenths;
                host.Output.WriteLine($"{written} of {all} scenes");
            }
        }, interrupt.Token);
        host.Output.WriteLine($"wrote {scenes.Options.Height}x{scenes.Options.Width} scenes to {folder}: {string.Join(", ", scenes.ClassNames.Select((name, i) => $"{i} {name}"))}");
        host.Output.WriteLine($"train on them with: adashare train --set dataload.dataset=NYU_v2 --data {folder}");
        return ExitCode.Success;
    }
}
