using System.CommandLine;
using System.Text;
using AdaShare.Native.Data.Datasets;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Checkpoints;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Pictures;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;
using AdaShare.Native.Reports.Drawings;
using AdaShare.Native.Reports.RunPages;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare policy</c>: what a run learnt to share, or a policy written by hand, and what it costs.</summary>
public static class PolicyCommand
{
    // The size at which the paper counts multiply-adds; a run's are counted for its own crops.
    private static readonly (int Height, int Width) PublishedSize = (224, 224);
    private const double Giga = 1e9;
    private const int PixelsOfOne = 2;

    /// <summary>The command.</summary>
    public static Command Create(HostContext host)
    {
        var run = new Argument<string?>("RUN") { Description = "The folder of a run.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> config = CommonOptions.Config(), preset = CommonOptions.Preset();
        Option<string[]> set = CommonOptions.Set();
        var skip = new Option<string?>("--skip")
        {
            HelpName = "POLICY",
            Description = "Instead of a run: the blocks, from 0, that each task skips, for example \"seg:6;sn:9,10,11;depth:5,10,11\".",
        };
        Option<(int Height, int Width)?> size = CommonOptions.Size("The image for which multiply-adds are counted.", 16, PublishedSize);
        var plan = new Option<bool>("--plan") { Description = "Also how the backbone is executed under the policy: what tasks share at every block, what is left out, and what that saves." };
        var svg = new Option<string?>("--svg") { HelpName = "FILE", Description = "Also draws the policy, for papers and slides." };
        var png = new Option<string?>("--png") { HelpName = "FILE", Description = "Also paints the policy: the same drawing as pixels, two for each of the drawing's." };
        CommonOptions.RefuseEmpty(svg);
        CommonOptions.RefuseEmpty(png);
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("policy", "Shows a run's policy, or one written by hand: which task runs which block, and what that costs.") { run, config, preset, set, skip, size, plan, svg, png, acceptConfiguration };
        command.SetAction(parsed =>
        {
            var request = new ConfigRequest(parsed.GetValue(config), parsed.GetValue(preset), parsed.GetValue(set) ?? []);
            (string? folder, string? text) = (parsed.GetValue(run), parsed.GetValue(skip));
            bool byHand = text is not null || request.File is not null || request.Preset is not null || request.Assignments.Count > 0;
            if (folder is null != byHand)
            {
                throw new ConfigurationException("policy needs either the folder of a run, or --config FILE or --preset NAME with --skip POLICY for a policy written by hand");
            }

            var cost = new CostRequest(parsed.GetValue(size), parsed.GetValue(plan), parsed.GetValue(svg), parsed.GetValue(png));
            foreach (string drawing in new[] { cost.Svg, cost.Png }.OfType<string>())
            {
                AtomicFile.RequireFree(drawing, overwrite: false);
            }

            if (cost.Svg is { } vector && cost.Png is { } pixels && Path.GetFullPath(vector) == Path.GetFullPath(pixels))
            {
                throw new ConfigurationException($"--svg and --png are both {pixels}; expected two files");
            }

            return folder is null ? ShowWritten(host, request, text ?? "", cost) : ShowLearnt(host, StoredRun.Open(folder, parsed.GetValue(acceptConfiguration)), cost);
        });
        return command;
    }

    private static int ShowWritten(HostContext host, ConfigRequest request, string text, CostRequest cost)
    {
        RunConfig config = ConfigLoader.LoadNetwork(request).Config;
        IMethod method = MethodRegistry.Get(config.Method);
        ConfigValidator.CheckNetwork(config, method);
        method.Validate(config);
        int blocks = BackboneSpec.Of(config.Backbone).BlockCount;
        BlockPolicy policy = BlockPolicy.Parse(text, config.Tasks, blocks);
        WriteCost(host, config, new Shown($"{config.Backbone}: a policy written by hand", policy, null, [("the policy", policy)]), cost, () => PolicyGrid.Write(host.Console, $"{config.Backbone}, {config.Tasks.Count} tasks", config.Tasks, policy.ToArray(), null));
        return ExitCode.Success;
    }

    private static int ShowLearnt(HostContext host, StoredRun run, CostRequest cost)
    {
        if (!File.Exists(run.Folder.Policy))
        {
            if (File.Exists(run.Folder.Metrics) && MetricsFile.Read(run.Folder.Metrics) is { Final.Decisions: { Runs.Length: > 0 } decided } metrics)
            {
                DecisionGrid.Write(host.Console, run.Config.Tasks, decided, metrics.Cost.Height, metrics.Cost.Width);
                return ExitCode.Success;
            }

            throw new DataException(run.Networks.Any(static network => network.IsFinal)
                ? $"{run.Folder.Path}: method {run.Method.Name} has no policy: every task runs every block"
                : $"{run.Folder.Policy}: there is no such file, so the run has not learnt a policy yet; go on with: adashare train --resume {run.Folder.Path}");
        }

        PolicyFile learnt = PolicyFile.Read(run.Folder.Policy);
        PolicyGrid.Write(host.Console, $"{PolicyNames.MostLikely}: the likelier decision of every block", learnt.Tasks, learnt.ArgMax, learnt.Probability.Length > 0 ? learnt.Probability : null);
        for (int i = 0; i < learnt.Sampled.Length; i++)
        {
            string best = i == learnt.Selected && learnt.Sampled.Length > 1 ? ", the best on the validation part" : "";
            PolicyGrid.Write(host.Console, $"{PolicyNames.Sampled(learnt, i, run.Config)}{best}", learnt.Tasks, learnt.Sampled[i], null);
        }

        string final = PolicyNames.Final(learnt, run.Config);
        host.Output.WriteLine(learnt.Selected is null ? "the run has no final network yet" : $"the run's final network runs {final}");
        var policy = new BlockPolicy(learnt.Selected is int selected ? learnt.Sampled[selected] : learnt.ArgMax);
        cost = cost with { Image = cost.Image ?? (BackboneRegistry.Get(run.Config.Backbone).Inputs == InputKind.Image ? (run.Config.Dataload.CropH, run.Config.Dataload.CropW) : null) };
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Folder.Path)));
        WriteCost(host, run.Config, new Shown($"{name}: {final}{(learnt.Selected is null ? "" : ", the run's final network")}", policy, learnt.Probability.Length > 0 ? learnt.Probability : null, Costed(learnt, run.Config)), cost);
        return ExitCode.Success;
    }

    /// <summary>The policies whose costs are told: that of the final network, or before there is one every sampled one, and the most likely one; what is the same is told once.</summary>
    private static (string Title, BlockPolicy Policy)[] Costed(PolicyFile learnt, RunConfig config)
    {
        static bool Same(bool[][] a, bool[][] b) => a.Zip(b, static (x, y) => x.AsSpan().SequenceEqual(y)).All(static same => same);
        int[] indices = learnt.Selected is int selected ? [selected] : [.. Enumerable.Range(0, learnt.Sampled.Length)];
        (string Title, BlockPolicy Policy)[] trained =
        [
            .. indices.Select(i => (Name: PolicyNames.Sampled(learnt, i, config), Runs: learnt.Sampled[i]))
                .Select(one => (one.Name != PolicyNames.MostLikely && PolicyNames.IsLearnt(learnt) && Same(one.Runs, learnt.ArgMax) ? $"{one.Name}, the most likely one too" : one.Name, new BlockPolicy(one.Runs))),
        ];
        return indices.Any(i => Same(learnt.Sampled[i], learnt.ArgMax)) ? trained : [.. trained, (PolicyNames.MostLikely, new BlockPolicy(learnt.ArgMax))];
    }

    /// <summary>The tasks of each image, as the kind of data set or a description says it: images need not be there.</summary>
    private static IReadOnlyList<int>[] GroupsOf(RunConfig config)
    {
        IReadOnlyList<IReadOnlyList<string>> groups = [];
        try
        {
            groups = DatasetRegistry.Find(config.Dataload.Dataset)?.ImageGroupsOf(config.Dataload.Dataroot ?? "") ?? [];
        }
        catch (DataException)
        {
            // A cost can be counted without the folder; then all tasks count as of one image.
        }

        int[][] indices = [.. groups.Select(group => Enumerable.Range(0, config.Tasks.Count).Where(t => group.Contains(config.Tasks[t])).ToArray()).Where(static group => group.Length > 0)];
        return indices.Sum(static group => group.Length) == config.Tasks.Count ? indices : [[.. Enumerable.Range(0, config.Tasks.Count)]];
    }

    // What is shown above the cost comes once it is known that the network has one under a policy.
    private static void WriteCost(HostContext host, RunConfig config, Shown shown, CostRequest request, Action? show = null)
    {
        using SelectedDevice cpu = DeviceSelector.Open(host, "cpu", 1);
        using IModel model = MethodRegistry.Get(config.Method).Build(config, cpu.Backend);
        if (model is not SharedNetwork network)
        {
            throw new ConfigurationException($"method is {config.Method}, whose network has no blocks that a policy could skip; expected a method with one shared backbone, such as adashare");
        }

        (int height, int width) = request.SizeOf(config);
        show?.Invoke();
        BlockPolicy policy = shown.Policy;
        IReadOnlyList<int>[] groups = GroupsOf(config);
        ModelCost cost = network.Cost(policy.ToGates(), height, width, groups), hard = network.Cost(GateTable.Shared, height, width, groups);
        CostTable.Write(host.Console, [.. shown.Costed.Select(one => (one.Title, network.Cost(one.Policy.ToGates(), height, width, groups)))], hard);
        if (request.Svg is not null || request.Png is not null)
        {
            Drawing drawing = PolicyDrawing.Of(shown.Title, config.Tasks, policy.ToArray(), shown.Probability, Notes(cost, hard));
            Draw(host, request.Svg, () => Encoding.UTF8.GetBytes(SvgFile.Of(drawing)));
            Draw(host, request.Png, () => DrawingPainter.Png(drawing, PixelsOfOne));
        }

        // A plan for each group of tasks that have images of their own: between groups nothing is shared but weights.
        foreach (IReadOnlyList<int> group in request.ShowsPlan ? groups : [])
        {
            ExecutionPlan plan = network.Plan(policy.ToGates(), group, training: false);
            host.Output.WriteLine();
            host.Output.Write(PlanText.Of(plan, [.. group.Select(t => config.Tasks[t])], PlanCost.Of(plan, network.Backbone, height, width)));
        }
    }

    private static void Draw(HostContext host, string? path, Func<byte[]> make)
    {
        if (path is not null)
        {
            byte[] file = make();
            AtomicFile.Write(path, stream => stream.Write(file), overwrite: false);
            host.Output.WriteLine($"drawing: {path}");
        }
    }

    private static string[] Notes(ModelCost cost, ModelCost hard)
    {
        bool giga = hard.ExecutedMultiplyAdds >= Giga;
        string Say(long policy, long shared) => $"{CostTable.MultiplyAdds(policy, giga)} (hard sharing {CostTable.MultiplyAdds(shared, giga)})";
        return
        [
            $"multiply-adds of the backbone for {cost.Scope}, as executed (what tasks have in common once): {Say(cost.ExecutedBackboneMultiplyAdds, hard.ExecutedBackboneMultiplyAdds)}",
            $"in K passes, one a task (the paper's unit): {Say(cost.PassesBackboneMultiplyAdds, hard.PassesBackboneMultiplyAdds)}",
        ];
    }

    /// <summary>What is shown.</summary>
    /// <param name="Title">The title of a drawing.</param>
    /// <param name="Policy">The policy that is drawn, and whose plan is shown.</param>
    /// <param name="Probability">The probabilities that it comes of; null where nothing was learnt.</param>
    /// <param name="Costed">The policies whose costs are told, by their names.</param>
    private sealed record Shown(string Title, BlockPolicy Policy, double[][]? Probability, IReadOnlyList<(string Title, BlockPolicy Policy)> Costed);

    /// <summary>For which image multiply-adds are counted, whether the plan is shown, and where the policy is drawn.</summary>
    private readonly record struct CostRequest((int Height, int Width)? Image, bool ShowsPlan, string? Svg, string? Png)
    {
        /// <summary>The image that was asked for, or the published one; of a network of texts its text.</summary>
        /// <exception cref="ConfigurationException">An image was asked for, and the network reads texts.</exception>
        public (int Height, int Width) SizeOf(RunConfig config) => BackboneRegistry.Get(config.Backbone).Inputs == InputKind.Image ? Image ?? PublishedSize
            : Image is null ? NetworkSpec.InputSize(config)
            : throw new ConfigurationException($"--size is an image's, and backbone {config.Backbone} reads texts; leave it out, and set dataload.text_length");
    }
}
