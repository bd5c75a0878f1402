using System.CommandLine;
using AdaShare.Native.Data.Registry;
using AdaShare.Native.Engine.Errors;
using AdaShare.Native.Host.Configuration;
using AdaShare.Native.Host.Console;
using AdaShare.Native.Host.Devices;
using AdaShare.Native.Host.Runs;
using AdaShare.Native.Learning.Configuration;
using AdaShare.Native.Learning.Execution;
using AdaShare.Native.Learning.Gates;
using AdaShare.Native.Learning.Methods;
using AdaShare.Native.Learning.Models;
using AdaShare.Native.Learning.Networks;
using AdaShare.Native.Learning.Training;
using AdaShare.Native.Methods;

namespace AdaShare.Native.Host.Commands;

/// <summary><c>adashare policy</c>: what a run learnt to share, or a policy written by hand, and what it costs.</summary>
public static class PolicyCommand
{
    // The size at which the paper counts multiply-adds.
    private static readonly (int Height, int Width) PublishedSize = (224, 224);

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
        Option<bool> acceptConfiguration = CommonOptions.AcceptConfiguration();
        var command = new Command("policy", "Shows a run's policy, or one written by hand: which task runs which block, and what that costs.") { run, config, preset, set, skip, size, plan, acceptConfiguration };
        command.SetAction(parsed =>
        {
            var request = new ConfigRequest(parsed.GetValue(config), parsed.GetValue(preset), parsed.GetValue(set) ?? []);
            (string? folder, string? text) = (parsed.GetValue(run), parsed.GetValue(skip));
            bool byHand = text is not null || request.File is not null || request.Preset is not null || request.Assignments.Count > 0;
            if (folder is null != byHand)
            {
                throw new ConfigurationException("policy needs either the folder of a run, or --config FILE or --preset NAME with --skip POLICY for a policy written by hand");
            }

            (int Height, int Width) image = parsed.GetValue(size) ?? PublishedSize;
            var cost = new CostRequest(image.Height, image.Width, parsed.GetValue(plan));
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
        WriteCost(host, config, policy, cost, () => PolicyGrid.Write(host.Console, $"{config.Backbone}, {config.Tasks.Count} tasks", config.Tasks, policy.ToArray(), null));
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
        PolicyGrid.Write(host.Console, "the likelier decision of every block", learnt.Tasks, learnt.ArgMax, learnt.Probability.Length > 0 ? learnt.Probability : null);
        for (int i = 0; i < learnt.Sampled.Length; i++)
        {
            string best = i == learnt.Selected ? ", the best on the validation part" : "";
            PolicyGrid.Write(host.Console, $"sampled policy {i + 1} of {learnt.Sampled.Length}{best}", learnt.Tasks, learnt.Sampled[i], null);
        }

        host.Output.WriteLine(learnt.Selected is null ? "the cost of the likelier decisions:" : "the cost of the best sampled policy:");
        WriteCost(host, run.Config, new BlockPolicy(learnt.Selected is int selected ? learnt.Sampled[selected] : learnt.ArgMax), cost);
        return ExitCode.Success;
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
    private static void WriteCost(HostContext host, RunConfig config, BlockPolicy policy, CostRequest request, Action? show = null)
    {
        using SelectedDevice cpu = DeviceSelector.Open(host, "cpu", 1);
        using IModel model = MethodRegistry.Get(config.Method).Build(config, cpu.Backend);
        if (model is not SharedNetwork network)
        {
            throw new ConfigurationException($"method is {config.Method}, whose network has no blocks that a policy could skip; expected a method with one shared backbone, such as adashare");
        }

        show?.Invoke();
        IReadOnlyList<int>[] groups = GroupsOf(config);
        CostTable.Write(host.Console, "the policy", network.Cost(policy.ToGates(), request.Height, request.Width, groups), network.Cost(GateTable.Shared, request.Height, request.Width, groups));
        if (request.ShowsPlan)
        {
            ExecutionPlan plan = network.Plan(policy.ToGates(), training: false);
            host.Output.WriteLine();
            host.Output.Write(PlanText.Of(plan, config.Tasks, PlanCost.Of(plan, network.Backbone, request.Height, request.Width)));
        }
    }

    /// <summary>For which image multiply-adds are counted, and whether the plan is shown.</summary>
    private readonly record struct CostRequest(int Height, int Width, bool ShowsPlan);
}
